"""Rubbish through every door: never a fault of ours, always words in the reader's language, and nothing half-done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from crm.models import Company, Contact, Event, IdempotentAnswer, Task, User
from crm.services.notes import add_note
from crm.services.tasks import add_task
from pipeline import gates
from pipeline.models import Deal, LostReason, Source, Stage
from tests.factories import make_deal, make_pipeline
from tests.guard.rights import ROUTES, Row
from tests.guard.test_rights import ids, people
from tests.pipeline.invariants import check_invariants
from tests.pipeline.test_api import client_of, post

__all__ = ["ids", "people"]

MARKUP = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7*7 }}"
TEXTS = ["", "a\0b", "x" * 100_000, MARKUP, "-1", "NaN", "1e400", "٣", "9" * 19, "9" * 400, "2147483648", "2026-02-30"]
VALUES: list[Any] = [None, True, 1.5, 10**400, 1e308, [], {"a": 1}, "\ud800", {"\ud800": 1}, *TEXTS[1:]]
# What each part of the product reads from an address.
QUESTIONS = {
    "/api/v1/analytics/": [
        "segment",
        "pipeline",
        "from",
        "to",
        "as_of",
        "owner",
        "team",
        "source",
        "count",
        "cohort",
        "per",
        "horizon_days",
    ],
    "/api/": [
        "q",
        "page_size",
        "cursor",
        "pipeline",
        "stage",
        "owner",
        "outcome",
        "record",
        "record_id",
        "assignee",
        "done",
        "format",
        "code",
        "archived",
    ],
    "/board/": ["filter", "view", "owner", "team", "text", "rotting", "step", "amount_from", "amount_to", "stages", "loaded", "after"],
    "/analytics/": [
        "segment",
        "pipeline",
        "from",
        "to",
        "as_of",
        "owner",
        "team",
        "source",
        "count",
        "cohort",
        "per",
        "horizon_days",
        "part",
        "stage",
        "after",
    ],
    "/": [
        "text",
        "field",
        "next",
        "q",
        "recent",
        "page",
        "before",
        "after",
        "at",
        "filter",
        "view",
        "columns",
        "order",
        "ids",
        "all",
        "query",
        "month",
    ],
}
ASKED = ["", "a\0b", "\ud800", MARKUP, "NaN", "-1", "1e400", "9" * 19, "9" * 400, "0000-00-00", "٣", "1,2"]
NASTY = ["a\0b", "NaN", "9" * 19]


@pytest.fixture
def client_(admin: User) -> Client:
    """An admin's browser that is answered as in production when something breaks."""
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


def rows(method: str) -> Iterator[Any]:
    for name, found in ROUTES.items():
        for row in found:
            # The library's forms are its own; one stands for all.
            if row.method == method and (not name.startswith("account") or name == "account_login"):
                yield pytest.param(name, row, id=name)


def path_of(name: str, row: Row, numbers: dict[str, int]) -> str:
    return reverse(name, kwargs={key: value.format(**numbers) for key, value in row.path.items()})


def send(client: Client, row: Row, path: str, body: dict[str, Any]) -> HttpResponse:
    if path.startswith("/api/"):
        return client.generic(row.method, path, json.dumps(body).encode(), content_type="application/json")
    return client.post(path, {key: "" if value is None else value for key, value in body.items()})


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "row"), [*rows("POST"), *rows("PATCH")])
def test_no_value_of_any_field_breaks_us(client_: Client, name: str, row: Row, ids: dict[str, int]) -> None:
    path = path_of(name, row, ids)
    good = {key: None if value is None else value.format(**ids) for key, value in row.body.items()}
    values = VALUES if path.startswith("/api/") else TEXTS
    fields = {*good, "value", "before", "version", "new_reason"} if not path.startswith("/api/") else {*good, "before", "lost_reason"}
    faults = []
    for field in sorted(fields):
        for value in values:
            with transaction.atomic():
                answer = send(client_, row, path, good | {field: value})
                if answer.status_code >= 500:
                    faults.append((field, repr(value)[:60], answer.status_code))
                transaction.set_rollback(True)
    assert faults == []
    check_invariants()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "row"), list(rows("GET")))
def test_no_question_breaks_us(client_: Client, name: str, row: Row, ids: dict[str, int]) -> None:
    path, query = path_of(name, row, ids), row.query.format(**ids).lstrip("?")
    names = next(names for prefix, names in QUESTIONS.items() if path.startswith(prefix))
    asked = [[(name, value) for name in names] for value in ASKED] + [[(name, value)] for name in names for value in NASTY]
    faults = []
    for questions in asked:
        words = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in questions)
        with transaction.atomic():
            answer = client_.get(f"{path}?{query}&{words}")
            if answer.status_code >= 500:
                faults.append((words[:200], answer.status_code))
            transaction.set_rollback(True)
    assert faults == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "row"), [pytest.param(name, row, id=f"{row.method} {name}") for name, found in ROUTES.items() for row in found if row.path]
)
def test_no_number_in_an_address_breaks_us(client_: Client, name: str, row: Row, ids: dict[str, int]) -> None:
    for key in row.path:
        for number in ("0", "9" * 18, str(2**63), "9" * 40):
            try:
                path = reverse(name, kwargs={k: v.format(**ids) for k, v in row.path.items()} | {key: number})
            except NoReverseMatch:
                continue
            with transaction.atomic():
                answer = send(client_, row, path, {k: v and v.format(**ids) for k, v in row.body.items()})
                assert answer.status_code < 500, (key, number)
                transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"[" * 200_000, "application/json", 400),
        (b'{"a":' * 100_000, "application/json", 400),
        (b'{"title": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b'{"\\ud800": 1}', "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        (b'{"title": "x", "title": 1', "application/json", 400),
        (b"", "application/json", 400),
        (b'{"title": "x"}', "application/json; charset=utf-16", 400),
        (b'{"title": "x"}', "application/json; charset=nonsense", 400),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b"x", "text/plain", 415),
        (b"<a/>", "application/xml", 415),
        (b"--b--", "multipart/form-data; boundary=b", 415),
        (b"--b--", "multipart/form-data", 415),
        (b'{"title": "' + b"x" * 10 * 1024 * 1024 + b'"}', "application/json", 413),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else None,
)
def test_bodies_that_are_no_json_are_refused(client_: Client, stages: list[Stage], body: bytes, content_type: str, status: int) -> None:
    deal = make_deal(by=User.objects.get())
    for path in ("deals/", "companies/", f"deals/{deal.pk}/moves/", f"deals/{deal.pk}/outcomes/"):
        answer = client_.generic("POST", f"/api/v1/{path}", body, content_type=content_type)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json"), path
        json.loads(answer.content)
    assert Deal.objects.count() == 1 and not Company.objects.exists()


@pytest.mark.django_db
def test_columns_that_are_gone_are_no_fault(client_: Client, stages: list[Stage]) -> None:
    """A tab that was open since before a stage was archived asks for it, and a pipeline may have none left."""
    pipeline = stages[0].pipeline_id
    assert client_.get(f"/board/{pipeline}/columns/?stages=1000000").status_code == 200
    Stage.objects.update(archived_at=timezone.now())
    for path in ("/board/", f"/board/{pipeline}/", f"/board/{pipeline}/columns/?stages={stages[0].pk}&loaded=50", "/analytics/"):
        assert client_.get(path).status_code == 200, path


@pytest.mark.django_db
def test_refusals_of_the_api_keep_their_shapes(anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    api, deal = client_of(anna), make_deal(by=anna)
    stale = post(api, f"deals/{deal.pk}/moves/", {"stage": stages[1].pk, "version": 7})
    assert (stale.status_code, set(stale.json())) == (409, {"code", "message", "current"})
    assert stale.json()["current"] == {
        "id": deal.pk,
        "stage": stages[0].pk,
        "version": 0,
        "outcome": "",
        "rank": stale.json()["current"]["rank"],
    }
    assert post(api, f"deals/{deal.pk}/outcomes/", {"outcome": "won", "version": 7}).status_code == 409
    late = api.patch(f"/api/v1/deals/{deal.pk}/", {"title": "x"}, format="json", headers={"If-Match": '"wrong"'})
    assert (late.status_code, set(late.json())) == (412, {"code", "message", "current"})
    monkeypatch.setattr(gates, "_gates", [lambda deal, stage, by: "First reason.", lambda deal, stage, by: "Second reason."])
    closed = post(api, f"deals/{deal.pk}/moves/", {"stage": stages[1].pk})
    assert (closed.status_code, closed.json()) == (422, {"reasons": ["First reason.", "Second reason."]})
    deal.refresh_from_db()
    assert (deal.title, deal.stage, deal.version, Event.objects.exclude(type="deal.created").exists()) == ("A deal", stages[0], 0, False)


@pytest.mark.django_db
def test_refusals_speak_the_readers_language(anna: User, stages: list[Stage]) -> None:
    api, deal, other = client_of(anna), make_deal(by=anna), make_pipeline("Partners").stages.first()
    asked = [
        ("POST", f"deals/{deal.pk}/moves/", {"stage": other.pk}, 422),
        ("POST", f"deals/{deal.pk}/outcomes/", {"outcome": "lost"}, 422),
        ("POST", f"deals/{deal.pk}/moves/", {"stage": stages[1].pk, "version": 7}, 409),
        ("POST", "deals/1000000/moves/", {"stage": stages[1].pk}, 404),
        ("GET", "deals/1000000/", None, 404),
        ("POST", "deals/", {"title": "", "stage": stages[0].pk}, 400),
        ("PATCH", f"deals/{deal.pk}/", {"amount": "-1"}, 400),
        ("DELETE", f"deals/{deal.pk}/", None, 405),
    ]
    for language in ("ru", "en"):
        for method, path, body, status in asked:
            answer = api.generic(
                method, f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers={"Accept-Language": language}
            )
            assert (answer.status_code, answer.headers["Content-Language"]) == (status, language), path
            is_russian = any("а" <= letter <= "я" for letter in json.dumps(answer.json(), ensure_ascii=False))
            assert is_russian == (language == "ru"), (method, path, answer.json())


class Tags(HTMLParser):
    """The elements of a page that could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if any(name.startswith("on") for name in names) or (tag == "img" and names.get("src") == "x"):
            self.found.append(self.get_starttag_text() or tag)
        if tag == "script" and "src" not in names and names.get("type") != "application/json":
            self.found.append("script")
        if any((names.get(name) or "").strip().lower().startswith("javascript:") for name in ("href", "src", "action", "formaction")):
            self.found.append(self.get_starttag_text() or tag)


@pytest.mark.django_db
def test_markup_stays_text_on_every_page(client_: Client, admin: User, stages: list[Stage], ids: dict[str, int]) -> None:
    company = Company.objects.create(name=MARKUP, city=MARKUP, website="javascript:alert(1)", owner=admin)
    contact = Contact.objects.create(name=MARKUP, phone=MARKUP[:40], position=MARKUP, email="a@b.example", company=company, owner=admin)
    source = Source.objects.create(name=MARKUP[:80], labels={"en": MARKUP})
    deal = make_deal(MARKUP, by=admin, company=company, contact=contact, source=source)
    lost = make_deal(MARKUP, by=admin, company=company)
    reason = LostReason.objects.create(name=MARKUP[:80], labels={"en": MARKUP})
    client_.post(f"/deals/{lost.pk}/outcomes/", {"outcome": "lost", "lost_reason": reason.pk})
    add_note(record="deal", record_id=deal.pk, body=MARKUP, by=admin)
    task = add_task(title=MARKUP, due_at=timezone.now(), by=admin, record="deal", record_id=deal.pk)
    Stage.objects.update(name=MARKUP[:80], labels={"en": MARKUP})
    stages[0].pipeline.__class__.objects.update(name=MARKUP[:80], labels={"en": MARKUP})
    User.objects.filter(pk=admin.pk).update(name=MARKUP)
    numbers = ids | {"deal": deal.pk, "company": company.pk, "contact": contact.pk, "task": task.pk}
    seen = 0
    for name, found in ROUTES.items():
        for row in (row for row in found if row.method == "GET" and not name.startswith(("api", "schema", "metrics", "account"))):
            path = path_of(name, row, numbers) + row.query.format(**numbers)
            for query in ("", f"{'&' if '?' in path else '?'}text={quote(MARKUP)}&q={quote(MARKUP)}"):
                for headers in (
                    {},
                    {"X-Drawer": "1"} if name == "deal" else {"X-Part": "figures"} if name == "analytics" else {"HX-Request": "true"},
                ):
                    answer = client_.get(path + query, headers=headers, follow=True)
                    if not answer.headers["Content-Type"].startswith("text/html"):
                        continue
                    tags = Tags()
                    tags.feed(answer.content.decode())
                    assert tags.found == [], path
                    seen += "alert(1)" in answer.content.decode()
    assert seen > 20


@pytest.mark.django_db
def test_one_key_of_two_people_is_two_keys(anna: User, boris: User, stages: list[Stage]) -> None:
    for person in (anna, boris, anna, boris):
        made = post(client_of(person), "deals/", {"title": "x", "stage": stages[0].pk}, **{"Idempotency-Key": "k"})
        assert (made.status_code, made.json()["owner"]) == (201, person.pk)
    assert Deal.objects.count() == 2


@pytest.mark.django_db
def test_a_key_belongs_to_one_request(anna: User, stages: list[Stage]) -> None:
    api, deal = client_of(anna), make_deal(by=anna)
    key = {"Idempotency-Key": "k"}
    assert post(api, f"deals/{deal.pk}/moves/", {"stage": stages[1].pk}, **key).status_code == 201
    for path, body in ((f"deals/{deal.pk}/moves/", {"stage": stages[2].pk}), (f"deals/{deal.pk}/outcomes/", {"stage": stages[1].pk})):
        assert post(api, path, body, **key).status_code == 422
    assert post(api, "deals/", {"title": "x", "stage": stages[0].pk}, **{"Idempotency-Key": "k" * 256}).status_code == 422
    again = post(api, f"deals/{deal.pk}/moves/", {"stage": stages[1].pk}, **key)
    assert (again.status_code, again.json()["version"], Deal.objects.count()) == (201, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_many_times_at_once_acts_once(anna: User, stages: list[Stage]) -> None:
    api = client_of(anna)
    sent = {"title": "once", "stage": stages[0].pk}

    def work(_turn: int) -> tuple[int, int]:
        try:
            answer = post(api, "deals/", sent, **{"Idempotency-Key": "same"})
            return answer.status_code, answer.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(work, range(12)))
    assert answers == {(201, Deal.objects.get().pk)}
    assert (IdempotentAnswer.objects.count(), Event.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_task_belongs_to_a_record_that_exists(anna: User, stages: list[Stage]) -> None:
    api = client_of(anna)
    for about in (
        {"record": "rocket", "record_id": 1},
        {"record": "deal", "record_id": 0},
        {"record_id": 7},
        {"record": "deal", "record_id": 10**18},
    ):
        answer = post(api, "tasks/", {"title": "x", "due_at": "2030-01-01T00:00:00Z"} | about)
        assert answer.status_code in (400, 404), (about, answer.json())
    for due in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "10000-01-01", "soon", None):
        assert post(api, "tasks/", {"title": "x", "due_at": due}).status_code in (400, 422), due
    assert not Task.objects.exists()
