"""Lists filtered by custom fields: every type and operator, on real rows, by the index where there is one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from crm.custom_fields.filters import filter_field
from crm.filtering.fields import fields_of
from crm.filtering.reader import Reader
from crm.filtering.tree import try_tree
from crm.models import Company, Contact, CustomField, ExchangeRate, Organisation, User
from crm.services.custom_fields import add_field, archive_field
from pipeline.models import Deal, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(anna: User) -> Reader:
    Organisation.objects.create(id=1, currency="EUR", time_zone="UTC")
    ExchangeRate.objects.create(currency="USD", since="2020-01-01", rate="0.5")
    return Reader.of(anna, now=timezone.datetime(2026, 11, 24, 12, tzinfo=timezone.get_default_timezone()))


def fresh(reader: Reader) -> Reader:
    """The same at the next request."""
    return replace(reader)


@pytest.fixture
def deals(admin: User, anna: User, boris: User, denis: User, stages: list[Stage]) -> None:
    """A to D, of which D has nothing, and E what no service would write."""
    for type, name, options in (
        ("text", "Contract", []),
        ("number", "Seats", []),
        ("money", "Budget", []),
        ("date", "Until", []),
        ("choice", "Level", ["Gold", "Silver", "Tin"]),
        ("choices", "Needs", ["Design", "Print", "Signs"]),
        ("yes_no", "Urgent", []),
        ("link", "Tender", []),
        ("person", "Engineer", []),
    ):
        add_field(kind="deal", type=type, labels={"en": name, "ru": f"{name} (рус)"}, options=options, by=admin)
    values: dict[str, dict[str, Any]] = {
        "A": {
            "contract": "AB-42",
            "seats": 9,
            "budget": {"amount": "100", "currency": "EUR"},
            "until": "2026-11-24",
            "level": "gold",
            "needs": ["design", "print"],
            "urgent": True,
            "tender": "https://example.com/a",
            "engineer": anna.pk,
        },
        "B": {
            "contract": "ab-7",
            "seats": "10.5",
            "budget": {"amount": "150", "currency": "USD"},
            "until": "2026-12-01",
            "level": "silver",
            "needs": ["print"],
            "urgent": False,
            "engineer": boris.pk,
        },
        "C": {"seats": -100, "budget": {"amount": "1", "currency": "GBP"}, "until": "2025-01-31", "needs": ["signs"], "engineer": denis.pk},
        "D": {},
    }
    for title, custom in values.items():
        make_deal(title, by=anna, custom=custom)
    broken = {
        "contract": 7,
        "seats": "many",
        "budget": "much",
        "until": [],
        "level": {"a": 1},
        "needs": "design",
        "urgent": "yes",
        "engineer": "x",
    }
    Deal.objects.filter(pk=make_deal("E", by=anna).pk).update(custom=broken)


@pytest.mark.parametrize(
    ("field", "operator", "value", "titles"),
    [
        ("contract", "contains", "b-", "AB"),
        ("contract", "is", "ab-42", "A"),
        ("contract", "lacks", "42", "BCDE"),
        ("contract", "begins", "AB", "AB"),
        ("contract", "empty", None, "CD"),
        ("contract", "filled", None, "ABE"),
        ("seats", "more", 9, "B"),
        ("seats", "less", "10", "AC"),
        ("seats", "is", "10.50", "B"),
        ("seats", "is_not", 9, "BCDE"),
        ("seats", "between", ["-100", "9"], "AC"),
        ("seats", "empty", None, "DE"),
        ("budget", "more", 75, "A"),
        ("budget", "less", 80, "B"),
        ("budget", "is", 100, "A"),
        ("budget", "filled", None, "ABC"),
        ("until", "is", "today", "A"),
        ("until", "is", "2026-12-01", "B"),
        ("until", "before", "2026-11-24", "C"),
        ("until", "after", "2026-11-24", "B"),
        ("until", "between", ["2026-11-24", "2026-12-01"], "AB"),
        ("until", "next", 8, "AB"),
        ("until", "older", 30, "C"),
        ("until", "is_not", "today", "BCDE"),
        ("until", "empty", None, "DE"),
        ("level", "is", "gold", "A"),
        ("level", "is_not", "gold", "BCDE"),
        ("level", "any_of", ["gold", "silver"], "AB"),
        ("level", "none_of", ["gold", "tin"], "BCDE"),
        ("level", "empty", None, "CD"),
        ("level", "filled", None, "ABE"),
        ("needs", "has_any", ["design", "signs"], "AC"),
        ("needs", "has_all", ["print", "design"], "A"),
        ("needs", "has_none", ["print"], "CDE"),
        ("needs", "empty", None, "D"),
        ("urgent", "is", True, "A"),
        ("urgent", "is", False, "B"),
        ("urgent", "empty", None, "CD"),
        ("tender", "contains", "example", "A"),
        ("engineer", "is", "me", "A"),
        ("engineer", "is", "my_team", "AB"),
        ("engineer", "is", "nobody", "D"),
        ("engineer", "is_not", "me", "BCDE"),
        ("engineer", "filled", None, "ABCE"),
    ],
)
def test_every_operator_finds_what_it_says(deals: None, reader: Reader, field: str, operator: str, value: Any, titles: str) -> None:
    asked: dict[str, Any] = {"field": f"custom.{field}", "op": operator} | ({} if value is None else {"value": value})
    tree = try_tree(json.dumps({"all": [asked]}), kind="deal", reader=reader)
    assert tree.errors == ()
    found = Deal.objects.filter(tree.condition(reader)).order_by("title").values_list("title", flat=True)
    assert "".join(found) == titles
    with override("ru"):
        assert "рус" in try_tree(json.dumps({"all": [asked]}), kind="deal", reader=reader).words(reader)


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("level", "is", "iron"),
        ("needs", "has_any", ["iron"]),
        ("seats", "more", "many"),
        ("until", "is", "soon"),
        ("urgent", "is", "yes"),
        ("engineer", "is", "anna"),
        ("rocket", "is", "x"),
        ("contract", "between", ["a", "b"]),
    ],
)
def test_nonsense_finds_nothing(deals: None, reader: Reader, field: str, operator: str, value: Any) -> None:
    tree = try_tree(json.dumps({"all": [{"field": f"custom.{field}", "op": operator, "value": value}]}), kind="deal", reader=reader)
    assert tree.errors and not Deal.objects.filter(tree.condition(reader)).exists()


def test_contacts_and_companies_too(admin: User, reader: Reader, django_assert_num_queries: Any) -> None:
    for kind, model in (("contact", Contact), ("company", Company)):
        field = add_field(kind=kind, type="choice", labels={"en": "Level"}, options=["Gold"], by=admin)
        model.objects.create(name="With", custom={"level": "gold"})
        model.objects.create(name="Without")
        with django_assert_num_queries(1):
            known = fields_of(kind, fresh(reader))
        assert known["custom.level"].label == "Level"
        tree = try_tree(json.dumps({"all": [{"field": "custom.level", "op": "is", "value": "gold"}]}), kind=kind, reader=fresh(reader))
        assert [row.name for row in model.objects.filter(tree.condition(reader))] == ["With"]
        archive_field(field_id=field.pk, by=admin)
        assert "custom.level" not in fields_of(kind, fresh(reader))


@pytest.mark.parametrize(
    ("type", "operator", "value"),
    [
        ("choice", "is", "gold"),
        ("choices", "has_any", ["gold"]),
        ("choices", "has_all", ["gold"]),
        ("person", "is", "me"),
        ("yes_no", "is", True),
    ],
)
def test_the_index_answers(admin: User, anna: User, reader: Reader, type: str, operator: str, value: Any) -> None:
    options = ["Gold", "Silver"] if type.startswith("choice") else []
    field = CustomField.objects.get(pk=add_field(kind="company", type=type, labels={"en": "X"}, options=options, by=admin).pk)
    many = {"choice": "silver", "choices": ["silver"], "person": admin.pk, "yes_no": False}[type]
    few = {"choice": "gold", "choices": ["gold", "silver"], "person": anna.pk, "yes_no": True}[type]
    Company.objects.bulk_create(Company(name=f"{n}", custom={"x": many} if n % 2 else {}) for n in range(4000))
    rare = Company.objects.create(name="rare", custom={"x": few})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_company")
    condition = filter_field(field).condition
    assert condition is not None
    found = Company.objects.order_by().filter(condition(operator, value, reader))
    assert [company.pk for company in found] == [rare.pk]
    assert "company_by_custom" in found.explain()
