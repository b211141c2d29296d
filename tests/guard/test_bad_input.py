"""Rubbish through every door: never a fault of ours, always words in the reader's language, and nothing half-done."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.models import Company, Event, IdempotentAnswer, Task, User
from pipeline import gates
from pipeline.models import Deal, Stage
from tests.factories import make_deal, make_pipeline
from tests.pipeline.test_api import client_of, post


@pytest.fixture
def client_(admin: User) -> Client:
    """An admin's browser that is answered as in production when something breaks."""
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


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
        ("PUT", f"deals/{deal.pk}/", None, 405),
    ]
    for language in ("ru", "en"):
        for method, path, body, status in asked:
            answer = api.generic(
                method, f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers={"Accept-Language": language}
            )
            assert (answer.status_code, answer.headers["Content-Language"]) == (status, language), path
            is_russian = any("а" <= letter <= "я" for letter in json.dumps(answer.json(), ensure_ascii=False))
            assert is_russian == (language == "ru"), (method, path, answer.json())


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
