"""Rubbish in every address: in what it asks, in its numbers; and markup that stays text on every page."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from crm.models import Company, Contact, User
from crm.services.notes import add_note
from crm.services.tasks import add_task
from pipeline.models import LostReason, Pipeline, Source, Stage
from tests.factories import make_deal
from tests.guard.hearing import EVERYTHING, Ear, ear
from tests.guard.rights import ROUTES, Row
from tests.guard.rubbish import MARKUP, rows, send, taken_back
from tests.guard.world import World, world

__all__ = ["ear", "world"]

FIGURES = ["segment", "pipeline", "from", "to", "as_of", "owner", "team", "source", "count", "cohort", "per", "horizon_days"]
# What each part of the product reads from an address.
QUESTIONS = {
    "/api/v1/analytics/": FIGURES,
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
    "/analytics/": [*FIGURES, "part", "stage", "after"],
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
def client_(world: World) -> Client:
    """An admin's browser that is answered as in production when something breaks."""
    return world.browser("admin", raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "row"), list(rows("GET")))
def test_no_question_breaks_us(client_: Client, name: str, row: Row, world: World, ear: Ear) -> None:
    """Each name is asked with each value together with the others, and with the worst alone; names that the page never reads just once."""
    path = f"{world.path(name, row)}?{row.query.format(**world.ids).lstrip('?')}"
    names = next(names for prefix, names in QUESTIONS.items() if path.startswith(prefix))
    faults = []

    def asked(*questions: tuple[str, str]) -> set[str]:
        words = "&".join(f"{name}={quote(value, errors='surrogatepass')}" for name, value in questions)
        ear.take()
        with taken_back():
            answer = client_.get(f"{path}&{words}")
            if answer.status_code >= 500:
                faults.append((words[:200], answer.status_code))
        return ear.take()

    read = asked() | asked(*((name, ASKED[number % len(ASKED)]) for number, name in enumerate(names)))
    tried: set[str] = set()
    while found := (read | set(names) if EVERYTHING in read else read) - {EVERYTHING} - tried:
        tried |= found
        for value in ASKED:
            read |= asked(*((name, value) for name in sorted(tried)))
        for name in sorted(found):
            for value in NASTY:
                read |= asked((name, value))
    assert faults == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "row"), [pytest.param(name, row, id=f"{row.method} {name}") for name, found in ROUTES.items() for row in found if row.path]
)
def test_no_number_in_an_address_breaks_us(client_: Client, name: str, row: Row, world: World) -> None:
    right = {key: value.format(**world.ids) for key, value in row.path.items()}
    for key in row.path:
        for number in ("0", "9" * 18, str(2**63), "9" * 40):
            try:
                path = reverse(name, kwargs=right | {key: number})
            except NoReverseMatch:
                continue
            with taken_back():
                assert send(client_, row, path, world.body(row)).status_code < 500, (key, number)


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
def test_markup_stays_text_on_every_page(client_: Client, world: World) -> None:
    numbers = world.ids | _records_in_markup(client_, world.people["admin"])
    seen = 0
    for name, found in ROUTES.items():
        for row in (row for row in found if row.method == "GET" and not name.startswith(("api", "schema", "metrics", "account"))):
            path = world.path(name, row, numbers) + row.query.format(**numbers)
            fragment = {"X-Drawer": "1"} if name == "deal" else {"X-Part": "figures"} if name == "analytics" else {"HX-Request": "true"}
            for query in ("", f"{'&' if '?' in path else '?'}text={quote(MARKUP)}&q={quote(MARKUP)}"):
                for headers in ({}, fragment):
                    answer = client_.get(path + query, headers=headers, follow=True)
                    if not answer.headers["Content-Type"].startswith("text/html"):
                        continue
                    tags = Tags()
                    tags.feed(answer.content.decode())
                    assert tags.found == [], path
                    seen += "alert(1)" in answer.content.decode()
    assert seen > 20


def _records_in_markup(client: Client, admin: User) -> dict[str, int]:
    """Everything that has a name is called so."""
    company = Company.objects.create(name=MARKUP, city=MARKUP, website="javascript:alert(1)", owner=admin)
    contact = Contact.objects.create(name=MARKUP, phone=MARKUP[:40], position=MARKUP, email="a@b.example", company=company, owner=admin)
    source = Source.objects.create(name=MARKUP[:80], labels={"en": MARKUP})
    deal = make_deal(MARKUP, by=admin, company=company, contact=contact, source=source)
    lost = make_deal(MARKUP, by=admin, company=company)
    reason = LostReason.objects.create(name=MARKUP[:80], labels={"en": MARKUP})
    client.post(f"/deals/{lost.pk}/outcomes/", {"outcome": "lost", "lost_reason": reason.pk})
    add_note(record="deal", record_id=deal.pk, body=MARKUP, by=admin)
    task = add_task(title=MARKUP, due_at=timezone.now(), by=admin, record="deal", record_id=deal.pk)
    Stage.objects.update(name=MARKUP[:80], labels={"en": MARKUP})
    Pipeline.objects.update(name=MARKUP[:80], labels={"en": MARKUP})
    User.objects.filter(pk=admin.pk).update(name=MARKUP)
    return {"deal": deal.pk, "company": company.pk, "contact": contact.pk, "task": task.pk}
