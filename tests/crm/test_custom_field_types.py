"""Every type of field: what is typed, what is sent, what is kept, what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.registry import TYPES
from crm.custom_fields.values import show_value
from crm.errors import Refused
from crm.models import CustomField, Organisation, User

NBSP = "\u00a0"
OPTIONS = [
    {"key": "gold", "labels": {"en": "Gold", "ru": "Золото"}},
    {"key": "silver", "labels": {"ru": "Серебро"}},
    {"key": "tin", "labels": {"en": "Tin"}, "removed": True},
]


def field_of(type: str, **more: Any) -> CustomField:
    return CustomField(kind="deal", key="x", type=type, labels={"en": "X"}, options=OPTIONS if "choice" in type else [], **more)


@pytest.mark.parametrize(
    ("type", "language", "typed", "kept"),
    [
        ("text", "en", "  Hello \0 there ", "Hello  there"),
        ("text", "en", "   ", None),
        ("number", "en", "1,234.5", "1234.5"),
        ("number", "en", "1,234", "1234"),
        ("number", "ru", "1,234", "1.234"),
        ("number", "ru", "1 234,50", "1234.5"),
        ("number", "en", "0,125", "0.125"),
        ("number", "ru", f"1{NBSP}000{NBSP}000", "1000000"),
        ("number", "en", "−7", "-7"),
        ("number", "en", "-0", "0"),
        ("number", "en", "", None),
        ("number", "en", "0.00000000005", "0"),
        ("money", "en", "300k", {"amount": "300000.00", "currency": "RUB"}),
        ("money", "ru", "1,5 млн", {"amount": "1500000.00", "currency": "RUB"}),
        ("money", "en", "€20k", {"amount": "20000.00", "currency": "EUR"}),
        ("money", "en", "500 kzt", {"amount": "500.00", "currency": "KZT"}),
        ("money", "en", "USD 12.50", {"amount": "12.50", "currency": "USD"}),
        ("money", "en", "0", {"amount": "0.00", "currency": "RUB"}),
        ("money", "en", " ", None),
        ("date", "en", "2026-03-31", "2026-03-31"),
        ("date", "ru", "31.03.2026", "2026-03-31"),
        ("date", "ru", "31.03.26", "2026-03-31"),
        ("date", "en", "", None),
        ("choice", "en", "gold", "gold"),
        ("choice", "en", "золото", "gold"),
        ("choice", "en", "", None),
        ("choices", "en", "silver,gold", ["gold", "silver"]),
        ("choices", "en", "Gold; СЕРЕБРО", ["gold", "silver"]),
        ("choices", "en", "", None),
        ("yes_no", "en", "yes", True),
        ("yes_no", "en", "no", False),
        ("yes_no", "en", "", None),
        ("link", "en", "example.com/a b".replace(" ", "-"), "https://example.com/a-b"),
        ("link", "en", "http://example.com", "http://example.com"),
        ("link", "en", "localhost:8000/x", "https://localhost:8000/x"),
        ("link", "en", "", None),
        ("person", "en", "", None),
    ],
)
@pytest.mark.django_db
def test_what_is_typed_is_read(type: str, language: str, typed: str, kept: Any) -> None:
    field = field_of(type)
    with override(language):
        value = TYPES[type].read(field, typed)
        assert value == kept
        # The input holds it again in a form that reads as the same.
        if value is not None:
            assert TYPES[type].read(field, TYPES[type].type(field, value)) == value
            assert TYPES[type].clean(field, value) == value


@pytest.mark.parametrize(
    ("type", "value"),
    [
        *(("text", value) for value in (7, ["a"], {"a": 1}, "x" * 2001)),
        *(("number", value) for value in ("abc", "1e5", "NaN", "Infinity", [], True, "1" * 16, float("inf"), "1.2.3", "0x10", "१२")),
        *(
            ("money", value)
            for value in (
                "300",
                {"amount": "1"},
                {"amount": "-1", "currency": "EUR"},
                {"amount": "1", "currency": "XYZZY"},
                {"amount": "1", "currency": 7},
                {"amount": "99999999999999", "currency": "EUR"},
                {"amount": "NaN", "currency": "EUR"},
                {"amount": [], "currency": "EUR"},
                {"amount": "1", "currency": "EUR", "more": 1},
            )
        ),
        *(("date", value) for value in ("2026-02-30", "tomorrow", "0001-01-01", "20260331", 20260331, "2026-03-31T10:00")),
        *(("choice", value) for value in ("iron", "tin", "Iron", 1, ["gold"])),
        *(("choices", value) for value in ("gold", ["iron"], ["gold", "tin"], [1], {"gold": True}, [["gold"]])),
        *(("yes_no", value) for value in ("yes", 1, 0, "true", [])),
        *(
            ("link", value)
            for value in ("javascript:alert(1)", "data:text/html,x", "ftp://example.com", "no spaces please", 7, "mailto:a@b.example")
        ),
        *(("person", value) for value in (0, -1, "7", 7.0, True, 10**30, 2**63)),
    ],
)
@pytest.mark.django_db
def test_nonsense_is_refused(type: str, value: Any) -> None:
    User.objects.create(email="a@voronka.example", name="Anna")
    with pytest.raises(Refused):
        TYPES[type].clean(field_of(type), value)


@pytest.mark.parametrize(
    ("type", "typed"), [("number", "a lot"), ("money", "a lot"), ("money", "-5"), ("yes_no", "maybe"), ("person", "Anna")]
)
@pytest.mark.django_db
def test_nonsense_that_is_typed_is_refused(type: str, typed: str) -> None:
    with pytest.raises(Refused):
        TYPES[type].read(field_of(type), typed)


@pytest.mark.django_db
def test_a_removed_option_may_stay_but_not_come_anew() -> None:
    assert TYPES["choice"].clean(field_of("choice"), "tin", "tin") == "tin"
    assert TYPES["choices"].clean(field_of("choices"), ["tin", "gold"], ["tin"]) == ["gold", "tin"]
    with pytest.raises(Refused):
        TYPES["choices"].clean(field_of("choices"), ["tin", "gold"], ["gold"])
    with pytest.raises(Refused):
        TYPES["choice"].clean(field_of("choice"), "tin", "gold")


@pytest.mark.django_db
def test_words_of_each_type(anna: User, boris: User) -> None:
    User.objects.filter(pk=boris.pk).update(is_active=False)
    values: list[tuple[str, Any, str, str]] = [
        ("text", "Hello", "Hello", "Hello"),
        ("number", "1234.5", "1,234.5", f"1{NBSP}234,5"),
        ("money", {"amount": "1500.50", "currency": "EUR"}, "€1,500.50", f"1{NBSP}500,50{NBSP}€"),
        ("date", "2031-03-05", f"5{NBSP}Mar{NBSP}2031", f"5{NBSP}мар.{NBSP}2031"),
        ("choice", "gold", "Gold", "Золото"),
        ("choice", "silver", "Серебро", "Серебро"),
        ("choices", ["gold", "tin"], "Gold, Tin", "Золото, Tin"),
        ("link", "https://example.com/", "example.com", "example.com"),
        ("person", anna.pk, "Anna Arlova", "Anna Arlova"),
        ("person", boris.pk, "Boris Belov", "Boris Belov"),
    ]
    for type, value, english, russian in values:
        for language, words in (("en", english), ("ru", russian)):
            with override(language):
                assert show_value(field_of(type), value, Colleagues()).replace("\u202f", NBSP) == words, (type, value)


def test_a_broken_value_is_shown_and_breaks_nothing() -> None:
    for type in TYPES:
        for value in ("garbage", 7, [], {"a": 1}, None, [{"a": 1}], True):
            if type == "person" and isinstance(value, int):
                continue
            assert isinstance(show_value(field_of(type), value, {}), str), (type, value)


def test_a_link_leads_nowhere_dangerous() -> None:
    assert TYPES["link"].link("https://example.com") == "https://example.com"
    assert TYPES["link"].link("javascript:alert(1)") == ""


@pytest.mark.django_db
def test_who_has_left_can_be_kept_but_not_chosen(anna: User, boris: User, django_assert_num_queries: Any) -> None:
    User.objects.filter(pk=boris.pk).update(is_active=False)
    with django_assert_num_queries(1):
        colleagues = Colleagues()
        assert [pk for pk, _name in colleagues.to_choose(None)] == [anna.pk]
        assert [pk for pk, _name in colleagues.to_choose(boris.pk)] == [anna.pk, boris.pk]
        assert colleagues[boris.pk] == "Boris Belov"
    with pytest.raises(Refused):
        TYPES["person"].clean(field_of("person"), boris.pk)
    assert TYPES["person"].clean(field_of("person"), anna.pk) == anna.pk


@pytest.mark.django_db
def test_money_without_a_currency_is_the_organisations() -> None:
    Organisation.objects.create(id=1, currency="GEL")
    assert TYPES["money"].read(field_of("money"), "500") == {"amount": "500.00", "currency": "GEL"}


def test_an_option_called_with_a_comma_is_one() -> None:
    field = field_of("choices")
    field.options = [*OPTIONS, {"key": "alloy", "labels": {"ru": "Сплав, прокат | лист"}}]
    assert TYPES["choices"].read(field, "Золото, Сплав, прокат | лист") == ["gold", "alloy"]
    with pytest.raises(Refused, match="“Сплав” is none of the options: Gold, Серебро, Сплав, прокат"):
        TYPES["choices"].read(field, "Золото, Сплав")
