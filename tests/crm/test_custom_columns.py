"""Custom fields as columns: what stands in a cell, the order of rows, what it costs."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils.html import conditional_escape

from crm.filtering.reader import Reader
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import Company, CustomField, ExchangeRate, Organisation, User
from crm.queries.lists import ListPage, read_list
from crm.services.custom_fields import add_field, archive_field

pytestmark = pytest.mark.django_db


@pytest.fixture
def fields(admin: User) -> dict[str, CustomField]:
    made = [
        add_field(kind="company", type=type, labels={"en": name}, options=options, by=admin)
        for type, name, options in (
            ("text", "Contract", []),
            ("number", "Staff", []),
            ("money", "Budget", []),
            ("date", "Until", []),
            ("choice", "Level", ["Tin", "Gold"]),
            ("choices", "Needs", ["Design", "Print"]),
            ("yes_no", "Urgent", []),
            ("link", "Tender", []),
            ("person", "Helper", []),
        )
    ]
    return {field.key: field for field in made}


@pytest.fixture
def companies(fields: dict[str, CustomField], anna: User) -> None:
    Organisation.objects.create(id=1, currency="EUR")
    ExchangeRate.objects.create(currency="USD", since="2020-01-01", rate="0.5")
    values: dict[str, dict[str, Any]] = {
        "A": {
            "contract": "b<i>",
            "staff": "1000.5",
            "budget": {"amount": "100.00", "currency": "USD"},
            "until": "2031-03-01",
            "level": "gold",
            "needs": ["design", "print"],
            "urgent": False,
            "tender": "https://example.com/a",
            "helper": anna.pk,
        },
        "B": {"contract": "A", "staff": "9", "budget": {"amount": "60.00", "currency": "EUR"}, "until": "2030-01-01", "level": "tin"},
        "C": {},
        "D": {
            "contract": 7,
            "staff": "many",
            "budget": "much",
            "until": [],
            "level": {},
            "needs": 7,
            "urgent": "x",
            "tender": 7,
            "helper": "x",
        },
    }
    for name, custom in values.items():
        Company.objects.create(name=name, owner=anna, team=anna.team, custom=custom)


def page_of(user: User, **given: str) -> ListPage:
    kind = list_kind("company")
    assert kind is not None
    return read_list(Asked.read(kind, QueryDict(urlencode(given)), Reader.of(user)))


def test_cells_say_the_value_and_break_on_nothing(companies: None, fields: dict[str, CustomField], anna: User) -> None:
    page = page_of(anna, columns=",".join(field.name for field in fields.values()))
    rows = {
        str(row.record): [re.sub("<[^>]+>", "", conditional_escape(cell)).replace("\u00a0", " ") for _column, cell in row.cells[1:]]
        for row in page.rows
    }
    assert rows["A"] == ["b&lt;i&gt;", "1,000.5", "$100", "1 Mar 2031", "Gold", "Design Print", "no", "example.com/a", "Anna Arlova"]
    assert rows["C"] == [""] * 9
    assert len(rows["D"]) == 9


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("custom.contract", "DBAC"),
        ("custom.staff", "BACD"),
        ("-custom.staff", "ABDC"),
        ("custom.budget", "ABCD"),
        ("custom.until", "BACD"),
        ("-custom.until", "ABDC"),
        ("custom.level", "BACD"),
    ],
)
def test_rows_are_ordered_by_the_value(companies: None, anna: User, order: str, names: str) -> None:
    assert "".join(str(row.record) for row in page_of(anna, order=order).rows) == names


def test_an_archived_field_is_no_column(companies: None, fields: dict[str, CustomField], admin: User, anna: User) -> None:
    archive_field(field_id=fields["staff"].pk, by=admin)
    page = page_of(anna, columns="custom.staff,custom.level", order="custom.staff")
    assert [column.key for column, _cell in page.rows[0].cells] == ["name", "custom.level"]


def test_a_list_costs_the_same_however_many_columns(
    companies: None, fields: dict[str, CustomField], admin: User, anna: User, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10) as few:
        page_of(anna, columns="custom.helper")
    for turn in range(5):
        add_field(kind="company", type="person", labels={"en": f"Person {turn}"}, by=admin)
    names = CustomField.objects.of("company").values_list("key", flat=True)
    asked = ",".join(f"custom.{name}" for name in names)
    with django_assert_max_num_queries(len(few)):
        page_of(anna, columns=asked)
