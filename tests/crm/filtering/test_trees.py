"""Filters: what each operator finds, what is refused, and how it reads in both languages."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Expression, FloatField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.filtering import fields
from crm.filtering.dates import DATE
from crm.filtering.fields import FilterField, fields_of
from crm.filtering.operators import OPERATORS
from crm.filtering.periods import PERIODS, span_of
from crm.filtering.reader import Reader
from crm.filtering.tree import MAX_CONDITIONS, Group, Tree, read_tree, try_tree
from crm.filtering.types import NUMBER, TEXT, Unreadable
from crm.models import Company, Contact, ExchangeRate, Organisation, User
from pipeline.models import Deal, Stage
from pipeline.services.outcomes import close_deal
from tests.factories import make_deal

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MODELS: dict[str, Any] = {"contact": Contact, "company": Company, "deal": Deal}


def reader_of(user: User, *, now: datetime = NOW) -> Reader:
    return Reader(user, now, ZoneInfo("Europe/Moscow"), "EUR")


def names(kind: str, given: Any, user: User, *, now: datetime = NOW) -> list[str]:
    reader = reader_of(user, now=now)
    tree = read_tree(given, kind=kind, reader=reader)
    model = MODELS[kind]
    return [str(record) for record in model.objects.visible_to(user).filter(tree.condition(reader)).order_by("pk")]


def one(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value} if OPERATORS[op].takes != "nothing" else {"field": field, "op": op}


@pytest.fixture
def contacts(anna: User, boris: User, clara: User, north: Any) -> dict[str, Contact]:
    vektor = Company.objects.create(name="Vektor", owner=anna, team=north)
    rows = {
        "Пётр Ежов": {
            "owner": anna,
            "company": vektor,
            "emails": [{"address": "p@home.example", "label": ""}, {"address": "petr@vektor.example", "label": "work"}],
            "phones": [{"number": "+79161234567", "label": ""}],
            "position": "Director",
        },
        "Olga": {"owner": boris, "tags": ["vip"], "created_at": NOW - timedelta(days=40)},
        "Lone": {"owner": None, "position": "100% sure_thing"},
    }
    made = {}
    for name, row in rows.items():
        made[name] = Contact.objects.create(**({"name": name, "team": north, "created_at": NOW} | row))
    return made


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (one("name", "contains", "петр еж"), ["Пётр Ежов"]),
        (one("name", "is", "OLGA"), ["Olga"]),
        (one("name", "begins", "l"), ["Lone"]),
        (one("name", "lacks", "о"), ["Olga", "Lone"]),
        (one("position", "contains", "%"), ["Lone"]),
        (one("position", "contains", "e_t"), ["Lone"]),
        (one("position", "empty"), ["Olga"]),
        (one("position", "filled"), ["Пётр Ежов", "Lone"]),
        (one("position", "is_not", "director"), ["Olga", "Lone"]),
        (one("owner", "is", "nobody"), ["Lone"]),
        (one("owner", "is_not", "nobody"), ["Пётр Ежов", "Olga"]),
        (one("owner", "is", "my_team"), ["Пётр Ежов", "Olga"]),
        (one("owner", "none_of", ["me", "nobody"]), ["Пётр Ежов", "Olga"]),
        (one("email", "is", "Petr@vektor.example"), ["Пётр Ежов"]),
        (one("email", "contains", "VEKTOR"), ["Пётр Ежов"]),
        (one("email", "contains", "work"), []),
        (one("email", "begins", "petr"), ["Пётр Ежов"]),
        (one("email", "begins", "etr"), []),
        (one("email", "lacks", "vektor"), ["Olga", "Lone"]),
        (one("email", "contains", '.*"'), []),
        (one("phone", "is", "8 (916) 123-45-67"), ["Пётр Ежов"]),
        (one("phone", "contains", "123-45"), ["Пётр Ежов"]),
        (one("phone", "empty"), ["Olga", "Lone"]),
        (one("consent", "is", "unknown"), ["Пётр Ежов", "Olga", "Lone"]),
        (one("do_not_contact", "is", True), []),
        (one("tags", "has_any", ["vip", "new"]), ["Olga"]),
        (one("tags", "has_all", ["vip", "new"]), []),
        (one("tags", "has_none", ["vip"]), ["Пётр Ежов", "Lone"]),
        (one("tags", "empty"), ["Пётр Ежов", "Lone"]),
        (one("company", "empty"), ["Olga", "Lone"]),
        (one("created", "is", "today"), ["Пётр Ежов", "Lone"]),
        (one("created", "older", 30), ["Olga"]),
        (one("created", "last", 7), ["Пётр Ежов", "Lone"]),
        (one("created", "before", "2026-11-01"), ["Olga"]),
        (one("created", "is_not", "this_month"), ["Olga"]),
        (one("created", "between", ["2026-11-24", "last_month"]), ["Пётр Ежов", "Olga", "Lone"]),
        (
            {"any": [one("owner", "is", "nobody"), {"all": [one("email", "filled"), one("name", "contains", "ежов")]}]},
            ["Пётр Ежов", "Lone"],
        ),
        ({"all": [one("owner", "is", "nobody"), one("name", "is", "Olga")]}, []),
        ({"all": []}, ["Пётр Ежов", "Olga", "Lone"]),
        ({"any": [{"all": []}, one("name", "is", "Olga")]}, ["Olga"]),
        ("", ["Пётр Ежов", "Olga", "Lone"]),
    ],
)
def test_contacts_that_fit(contacts: dict[str, Contact], clara: User, asked: Any, found: list[str]) -> None:
    assert names("contact", asked, clara) == found


def test_company_is_found_by_id_only_where_the_reader_sees_it(contacts: dict[str, Contact], anna: User, boris: User, clara: User) -> None:
    company = contacts["Пётр Ежов"].company
    Contact.objects.filter(name="Olga").update(company=company)
    asked = one("company", "is", company.pk)
    assert names("contact", asked, clara) == ["Пётр Ежов", "Olga"]
    assert names("contact", asked, anna) == ["Пётр Ежов"]
    # Boris sees Olga, but not her company: a filter is no way to learn of it.
    assert names("contact", asked, boris) == []
    assert read_tree(asked, kind="contact", reader=reader_of(boris)).words(reader_of(boris)) == "Company is something unknown"
    assert read_tree(asked, kind="contact", reader=reader_of(anna)).words(reader_of(anna)) == "Company is “Vektor”"


@pytest.fixture
def deals(anna: User, boris: User, stages: list[Stage]) -> list[Deal]:
    ExchangeRate.objects.create(currency="USD", since=date(2026, 1, 1), rate=Decimal("0.5"))
    euro = make_deal("Euro", by=anna, amount=1000, currency="EUR")
    dollar = make_deal("Dollar", by=anna, amount=1500, currency="USD", stage=stages[1])
    pound = make_deal("Pound", by=boris, amount=5000, currency="GBP")
    nothing = make_deal("Nothing", by=boris, amount=None)
    close_deal(deal_id=euro.pk, outcome="won", by=anna)
    Deal.objects.filter(pk=dollar.pk).update(stage_entered_at=NOW - timedelta(days=20), next_step_on=date(2026, 11, 20))
    Deal.objects.exclude(pk=dollar.pk).update(stage_entered_at=NOW)
    Deal.objects.filter(pk=pound.pk).update(expected_close=date(2026, 11, 30))
    return [euro, dollar, pound, nothing]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        # 1,500 dollars are 750 euros; there is no rate for pounds.
        (one("amount", "more", 700), ["Euro", "Dollar"]),
        (one("amount", "more", "999.99"), ["Euro"]),
        (one("amount", "between", [800, 700]), ["Dollar"]),
        (one("amount", "is", 750), ["Dollar"]),
        (one("amount", "is_not", 750), ["Euro", "Pound", "Nothing"]),
        (one("amount", "empty"), ["Nothing"]),
        (one("outcome", "is", "won"), ["Euro"]),
        (one("outcome", "none_of", ["won", "lost"]), ["Dollar", "Pound", "Nothing"]),
        (one("rotting", "is", True), ["Dollar"]),
        (one("rotting", "is", False), ["Euro", "Pound", "Nothing"]),
        (one("next_step", "is", "overdue"), ["Dollar"]),
        (one("next_step", "is_not", "overdue"), ["Pound", "Nothing"]),
        (one("next_step", "empty"), ["Pound", "Nothing"]),
        (one("expected_close", "next", 7), ["Pound"]),
        (one("expected_close", "next", 6), []),
        (one("expected_close", "is_not", "this_month"), ["Euro", "Dollar", "Nothing"]),
        (one("stage_entered", "older", 14), ["Dollar"]),
    ],
)
def test_deals_that_fit(deals: list[Deal], clara: User, asked: Any, found: list[str]) -> None:
    assert names("deal", asked, clara) == found


def test_stage_is_chosen_by_its_number(deals: list[Deal], stages: list[Stage], clara: User) -> None:
    assert names("deal", one("stage", "any_of", [stages[1].pk, str(stages[2].pk)]), clara) == ["Dollar"]
    with pytest.raises(Unreadable, match="Stage: “0” is none of the choices"):
        read_tree(one("stage", "is", "0"), kind="deal", reader=reader_of(clara))


def test_only_deals_that_the_reader_sees_make_a_contact_have_open_ones(
    contacts: dict[str, Contact], anna: User, boris: User, clara: User, stages: list[Stage]
) -> None:
    make_deal("Hidden", by=anna, contact=contacts["Lone"])
    asked = one("open_deals", "is", True)
    assert names("contact", asked, clara) == names("contact", asked, anna) == ["Lone"]
    assert names("contact", asked, boris) == []
    assert "Lone" in names("contact", one("open_deals", "is", False), boris)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{", "The filter is no JSON that can be read."),
        ("[" * 4000, "The filter is no JSON that can be read."),
        ('{"all":' * 3000, "The filter is no JSON that can be read."),
        ('"\\ud800"', "The filter is no JSON that can be read."),
        ("[]", "A filter is made of conditions {field, op, value} and groups {all: […]} or {any: […]}."),
        ('{"all": {}}', "A group is {all: […]} or {any: […]}, and nothing else."),
        ('{"all": [], "any": []}', "A group is {all: […]} or {any: […]}, and nothing else."),
        ('{"all":[{"any":[{"all":[{"any":[]}]}]}]}', "Groups stand at most 3 deep."),
        ('{"field":"owner__password","op":"is","value":"me"}', "There is no field “owner__password” here."),
        ('{"field":["owner"],"op":"is"}', "There is no field “['owner']” here."),
        ('{"field":"owner","op":"more","value":1}', "“Owner” can't be asked with “more”."),
        ('{"field":"owner","op":"is","value":"you"}', "Owner: “you” is not what is asked for here."),
        ('{"field":"owner","op":"is","value":9223372036854775808}', "Owner: “9223372036854775808” is not what is asked for here."),
        ('{"field":"owner","op":"any_of","value":[]}', "Owner: a list of 1 to 100 values is needed."),
        ('{"field":"name","op":"is","value":"  "}', "Name: a text of 1 to 200 characters is needed."),
        ('{"field":"name","op":"is","value":"a\\u0000b"}', "Name: a text of 1 to 200 characters is needed."),
        ('{"field":"name","op":"is","value":"Olga","more":1}', "A condition has no “more”."),
        ('{"field":"created","op":"is","value":"2026-02-30"}', "Added: “2026-02-30” is no day; write it as 2026-11-24."),
        ('{"field":"created","op":"between","value":["today"]}', "Added: two values are needed."),
        ('{"field":"created","op":"last","value":0}', "Added: “0” is not what is asked for here."),
        ('{"field":"open_deals","op":"is","value":1}', "Has open deals: true or false is needed."),
    ],
)
def test_what_makes_no_sense_is_named_and_fits_nothing(contacts: dict[str, Contact], clara: User, given: str, reason: str) -> None:
    reader = reader_of(clara)
    with pytest.raises(Unreadable) as wrong:
        read_tree(given, kind="contact", reader=reader)
    assert str(wrong.value) == reason
    tree = try_tree(given, kind="contact", reader=reader)
    assert (tree.errors, tree.is_active) == ((reason,), True)
    # Whoever acts on what a broken filter finds must not act on everything.
    assert not Contact.objects.filter(tree.condition(reader)).exists()


def test_filter_has_a_bounded_number_of_conditions(clara: User) -> None:
    many = [one("owner", "is", "me")] * (MAX_CONDITIONS // 2 + 1)
    with pytest.raises(Unreadable, match="at most 50 conditions"):
        read_tree({"all": [{"all": many}, {"any": many}]}, kind="contact", reader=reader_of(clara))


def test_filter_reads_as_a_sentence(clara: User, sales: Any) -> None:
    asked = {
        "all": [
            one("owner", "is", "me"),
            one("amount", "more", 100000),
            {"any": [one("outcome", "is", "won"), one("created", "is", "last_month")]},
        ]
    }
    with override("en"):
        told = read_tree(asked, kind="deal", reader=reader_of(clara)).words(reader_of(clara))
    assert told == "Owner is me, and amount is more than €100,000, and (outcome is Won, or created: last month)"


def test_each_part_can_be_taken_away(clara: User, boris: User, django_assert_num_queries: Any) -> None:
    asked = {"all": [one("owner", "any_of", [clara.pk, boris.pk]), one("name", "is", "Olga"), {"any": [one("owner", "is", "me")]}]}
    reader = reader_of(clara)
    with django_assert_num_queries(1):  # all names of people at once
        tree = read_tree(json.dumps(asked), kind="contact", reader=reader)
        parts = tree.parts(reader)
    assert [said for said, _rest in parts] == ["Owner is any of: Clara Chen, Boris Belov", "Name is “Olga”", "Owner is me"]
    assert parts[1][1].data == {"all": [asked["all"][0], asked["all"][2]]}


def test_expression_can_be_a_column(anna: User) -> None:
    """As fields kept in JSON are asked: absent ones are empty."""
    Company.objects.create(name="Twelve", owner=anna, custom={"size": 12})
    Company.objects.create(name="None", owner=anna)
    size: Expression = Cast(KT("custom__size"), FloatField())
    field = FilterField("size", "Size", NUMBER, size)
    rows = Company.objects.order_by("pk")
    reader = reader_of(anna)

    def found(op: str, value: Any = None) -> list[str]:
        return [row.name for row in rows.filter(field.type.condition(op, value, field, reader))]

    assert found("more", "11.5") == ["Twelve"]
    assert found("is_not", "12") == ["None"]
    assert found("empty") == ["None"]
    assert found("filled") == ["Twelve"]
    text = FilterField("size", "Size", TEXT, KT("custom__size"))
    assert [row.name for row in rows.filter(TEXT.condition("contains", "2", text, reader))] == ["Twelve"]
    assert [row.name for row in rows.filter(TEXT.condition("lacks", "2", text, reader))] == ["None"]


def test_day_of_an_instant_is_cut_in_the_organisations_zone(anna: User) -> None:
    field = FilterField("created", "Added", DATE, "created_at", is_instant=True)
    # 24 November begins in Moscow three hours before it does in London.
    Contact.objects.create(name="Early", owner=anna, created_at=datetime(2026, 11, 23, 21, 0, tzinfo=UTC))
    Contact.objects.create(name="Before", owner=anna, created_at=datetime(2026, 11, 23, 20, 59, 59, tzinfo=UTC))
    found = Contact.objects.filter(DATE.condition("is", "2026-11-24", field, reader_of(anna)))
    assert [contact.name for contact in found] == ["Early"]


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_periods_hold_today_and_touch(today: date) -> None:
    for unit in ("week", "month", "quarter", "year"):
        first, end = span_of(f"this_{unit}", today)
        assert first <= today < end
        assert span_of(f"last_{unit}", today)[1] == first
        if f"next_{unit}" in PERIODS:
            assert span_of(f"next_{unit}", today)[0] == end


RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["all", "any", "field", "op", "value", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
VALUES = {
    "text": st.text(max_size=30),
    "number": st.integers() | st.floats() | st.decimals(allow_nan=False).map(str),
    "money": st.integers(-(10**16), 10**16) | st.floats(),
    "day": st.sampled_from([*PERIODS, "2026-11-24", "1900-01-01", "2200-12-31", "9999-99-99"]),
    "yes_no": st.booleans(),
    "person": st.sampled_from(["me", "my_team", "nobody", "them"]) | st.integers(-1, 2**64),
    "record": st.integers(-1, 2**64),
    "tags": st.text(max_size=30),
}


@st.composite
def conditions(draw: Any, known: dict[str, FilterField], reader: Reader) -> dict[str, Any]:
    field = draw(st.sampled_from(list(known.values())))
    operator = draw(st.sampled_from(field.type.operators))
    editor = field.type.editor
    values = VALUES[editor] if editor in VALUES else st.sampled_from([str(key) for key, _label in field.choices(reader)] or ["none"])
    takes = OPERATORS[operator].takes
    value = {
        "one": values,
        "many": st.lists(values, max_size=4),
        "two": st.lists(values, min_size=2, max_size=2),
        "days": st.integers(-5, 40_000),
        "nothing": st.none(),
    }[takes]
    asked = {"field": field.key, "op": operator}
    return asked if takes == "nothing" else asked | {"value": draw(value)}


def groups(leaves: Any, depth: int) -> Any:
    parts = leaves if depth == 1 else leaves | groups(leaves, depth - 1)
    return st.builds(lambda join, found: {join: found}, st.sampled_from(["all", "any"]), st.lists(parts, max_size=3))


QUIETLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", ["contact", "company", "deal"])
def test_any_tree_that_is_read_runs_and_comes_back_the_same(kind: str, clara: User, stages: list[Stage]) -> None:
    reader = reader_of(clara)
    known = fields_of(kind, reader)
    read = []

    @QUIETLY
    @given(groups(conditions(known, reader), 3))
    def check(asked: dict[str, Any]) -> None:
        try:
            tree = read_tree(asked, kind=kind, reader=reader)
        except Unreadable as wrong:
            assert str(wrong)
            return
        read.append(tree)
        list(MODELS[kind].objects.visible_to(clara).filter(tree.condition(reader))[:1])
        again = read_tree(tree.text, kind=kind, reader=reader)
        assert (again.data, again.words(reader)) == (tree.data, tree.words(reader))
        assert tree.is_active == bool(tree.text)

    check()
    assert any(tree.is_active for tree in read)


def test_rubbish_is_unreadable_and_nothing_worse(clara: User, sales: Any) -> None:
    reader = reader_of(clara)

    @QUIETLY
    @given(RUBBISH)
    def check(data: Any) -> None:
        tree = try_tree(data if not isinstance(data, str) else json.dumps(data), kind="deal", reader=reader)
        list(Deal.objects.filter(tree.condition(reader))[:1])

    @QUIETLY
    @given(st.text(max_size=60) | st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")))
    def check_text(text: str) -> None:
        tree = try_tree(text, kind="deal", reader=reader)
        assert tree.errors or not tree.is_active

    check()
    check_text()


def test_own_fields_come_from_a_provider(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fields._providers, "contact", [lambda reader: [FilterField("size", "Size", TEXT, "position")]])
    assert fields_of("contact", reader_of(anna))["size"].label == "Size"
    assert "size" not in fields_of("company", reader_of(anna))


def test_two_filters_hold_at_once(contacts: dict[str, Contact], clara: User) -> None:
    reader = reader_of(clara)
    mine = read_tree(one("owner", "is", "my_team"), kind="contact", reader=reader)
    old = read_tree({"any": [one("created", "older", 30), one("position", "is", "Director")]}, kind="contact", reader=reader)
    both = mine.joined(old)
    assert [c.name for c in Contact.objects.filter(both.condition(reader)).order_by("pk")] == ["Пётр Ежов", "Olga"]
    assert read_tree(both.text, kind="contact", reader=reader).data == both.data
    assert mine.joined(Tree("contact")).data == mine.data
    assert Tree("contact", Group("any")).joined(Tree("contact")).text == ""


def test_reader_takes_the_organisations_day_and_currency(anna: User) -> None:
    Organisation.objects.update_or_create(id=1, defaults={"time_zone": "Asia/Tokyo", "currency": "JPY"})
    reader = Reader.of(anna, now=datetime(2026, 11, 24, 20, 0, tzinfo=UTC))
    assert (reader.today, reader.currency) == (date(2026, 11, 25), "JPY")
