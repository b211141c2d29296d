"""Custom fields of a deal: edited in place on its page, guarded, and in the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import CustomField, User
from crm.services.custom_fields import add_field, archive_field
from pipeline.models import Deal, Stage
from pipeline.services.deals import edit_deal
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def fields(admin: User) -> list[CustomField]:
    made: list[tuple[str, str, dict[str, Any]]] = [
        ("money", "Budget", {}),
        ("choices", "Needs", {"options": ["Design", "Print"]}),
        ("person", "Engineer", {}),
        ("number", "Seats", {"is_required": True}),
        ("link", "Tender", {}),
        ("yes_no", "Urgent", {}),
        ("date", "Until", {}),
        ("choice", "Level", {"options": ["Gold", "Tin"]}),
        ("text", "Contract", {}),
    ]
    return [add_field(kind="deal", type=type, labels={"en": name}, by=admin, **more) for type, name, more in made]


@pytest.fixture
def hers(anna: User) -> Client:
    client = Client()
    client.force_login(anna)
    return client


def send(client: Client, deal: Deal, field: str, value: str, **more: str) -> Any:
    return client.post(f"/deals/{deal.pk}/fields/", {"field": field, "value": value, **more}, headers={"HX-Request": "true"})


def test_every_type_is_edited_in_place(fields: list[CustomField], hers: Client, anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    typed = {
        "budget": "€20k",
        "needs": "print,design",
        "engineer": str(anna.pk),
        "seats": "1,200",
        "tender": "example.com/7",
        "urgent": "no",
        "until": "2027-03-01",
        "level": "tin",
        "contract": " 42 ",
    }
    for key, value in typed.items():
        answer = send(hers, deal, f"custom.{key}", value, was="")
        assert answer.status_code == 200, key
    deal.refresh_from_db()
    assert deal.custom == {
        "budget": {"amount": "20000.00", "currency": "EUR"},
        "needs": ["design", "print"],
        "engineer": anna.pk,
        "seats": "1200",
        "tender": "https://example.com/7",
        "urgent": False,
        "until": "2027-03-01",
        "level": "tin",
        "contract": "42",
    }
    page = hers.get(f"/deals/{deal.pk}/").content.decode()
    for part in (
        'value="20,000 EUR"',
        'value="design,print"',
        "Design, Print",
        'href="https://example.com/7"',
        'value="2027-03-01"',
        'value="42"',
    ):
        assert part in page, part
    for key, value in typed.items():  # the page's own inputs take the values back as they are
        row = next(row for row in hers.get(f"/deals/{deal.pk}/").context["custom_rows"] if row.field.key == key)
        assert value and str(row.control).count("data-was=") == 1
    assert send(hers, deal, "custom.contract", "", was='"42"').status_code == 200
    assert "contract" not in Deal.objects.get().custom


def test_what_makes_no_sense_is_refused_in_words(fields: list[CustomField], hers: Client, anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, custom={"seats": "5"})
    for field, value, words in (
        ("custom.seats", "many", "can't be read"),
        ("custom.seats", "", "filled in"),
        ("custom.budget", "a lot", "can't be read"),
        ("custom.needs", "iron", "none of the options"),
        ("custom.engineer", "0", "doesn't work here"),
        ("custom.until", "soon", "is no date"),
        ("custom.tender", "javascript:alert(1)", "no address"),
        ("custom.rocket", "1", "no such field"),
        ("custom.", "1", "no such field"),
        ("custom.contract", "x" * 3000, "too long"),
        ("custom.contract", "x" * 30_000, "too long"),
    ):
        answer = send(hers, deal, field, value)
        assert answer.status_code == 422 and words in answer.content.decode().replace("&#x27;", "'"), (field, value)
    assert Deal.objects.get().custom == {"seats": "5"}


def test_a_colleagues_change_is_shown_before_it_is_overwritten(
    fields: list[CustomField], hers: Client, anna: User, clara: User, stages: list[Stage]
) -> None:
    deal = make_deal(by=anna, custom={"budget": {"amount": "5", "currency": "EUR"}})
    edit_deal(deal_id=deal.pk, changes={"custom": {"budget": {"amount": "6", "currency": "EUR"}, "seats": "1"}}, by=clara)
    answer = send(hers, deal, "custom.budget", "7 EUR", was=json.dumps({"currency": "EUR", "amount": "5.00"}))
    assert answer.status_code == 412
    assert 'data-mine="7 EUR"' in answer.content.decode() and 'value="6 EUR"' in answer.content.decode()
    assert send(hers, deal, "custom.budget", "7 EUR", was=json.dumps({"amount": "6.00", "currency": "EUR"})).status_code == 200
    assert send(hers, deal, "custom.budget", "8 EUR", was="{nonsense").status_code == 412
    assert Deal.objects.get().custom == {"budget": {"amount": "7.00", "currency": "EUR"}, "seats": "1"}


def test_who_may_not_edit_reads_words(fields: list[CustomField], anna: User, denis: User, boris: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, custom={"contract": "42-A", "needs": ["print"]})
    for person in (denis, boris):
        client = Client()
        client.force_login(person)
        assert send(client, deal, "custom.contract", "mine").status_code == 404
        assert client.get(f"/deals/{deal.pk}/").status_code == 404
    assert Deal.objects.get().custom["contract"] == "42-A"


def test_an_archived_field_is_not_on_the_page(
    fields: list[CustomField], hers: Client, admin: User, anna: User, stages: list[Stage]
) -> None:
    deal = make_deal(by=anna, custom={"contract": "42-A"})
    archive_field(field_id=fields[-1].pk, by=admin)
    assert "42-A" not in hers.get(f"/deals/{deal.pk}/", headers={"X-Drawer": "1"}).content.decode()
    assert send(hers, deal, "custom.contract", "x").status_code == 422


def test_pages_cost_two_queries_more_however_many_fields(
    fields: list[CustomField], hers: Client, admin: User, anna: User, stages: list[Stage]
) -> None:
    deal = make_deal(by=anna, custom={"engineer": anna.pk})
    counts = []
    for round in range(2):
        with CaptureQueriesContext(connection) as queries:
            hers.get(f"/deals/{deal.pk}/")
        counts.append(len(queries))
        for turn in range(10):
            add_field(kind="deal", type="person", labels={"en": f"Person {round}-{turn}"}, by=admin)
    assert counts[0] == counts[1]


def test_the_board_never_reads_custom_values(fields: list[CustomField], hers: Client, anna: User, stages: list[Stage]) -> None:
    make_deal(by=anna, custom={"seats": "5"})
    with CaptureQueriesContext(connection) as queries:
        assert hers.get("/board/").status_code == 200
    assert not [query["sql"] for query in queries if "custom" in query["sql"]]
