"""Custom fields as fields that lists are filtered by.

Choices, people, yes and no are asked by `@>`, which the index of custom values answers. Numbers are compared as numbers, days as days.
What somebody has written past the product, and what is no number or day, is more and less than nothing; it never breaks a list.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, Case, DecimalField, Expression, F, Q, TextField, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Collate
from django.db.models.lookups import Regex
from django.utils.translation import gettext_lazy as _

from crm.filtering.columns import compare
from crm.filtering.dates import DATE
from crm.filtering.fields import FilterField, provide
from crm.filtering.reader import Reader
from crm.filtering.types import CHOICE, CHOICES, MONEY, NOTHING, NUMBER, TEXT, PersonType, YesNoType
from crm.models import CustomField, FieldKind, User
from crm.models.custom_fields import label_of

GROUP = _("Custom fields")
WHOLE, DECIMAL, DAY = r"^[0-9]{1,18}$", r"^-?[0-9]{1,15}(\.[0-9]{1,10})?$", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class AnswerType(YesNoType):
    """Yes, no, or not answered yet."""

    operators = ("is", "empty", "filled")  # type: ignore[assignment]


class ColleagueType(PersonType):
    """A colleague, or nobody."""

    operators = ("is", "is_not", "any_of", "none_of", "empty", "filled")  # type: ignore[assignment]


ANSWER, COLLEAGUE = AnswerType(), ColleagueType()


def provide_fields() -> None:
    """Let lists of every kind be filtered by its custom fields; called once at start."""
    for kind in FieldKind.values:
        provide(kind, partial(_provided, kind))


def filter_field(field: CustomField) -> FilterField:
    """One custom field as the filters take it."""
    return _BUILDERS[field.type](field)


def text_column(field: CustomField) -> Expression:
    """The value as text; nothing where there is none."""
    return KeyTextTransform(field.key, F("custom"))


def number_column(text: Expression) -> Expression:
    """The text as a number; nothing where it is none."""
    return _guarded(text, DECIMAL, DecimalField(max_digits=25, decimal_places=10))


def day_column(field: CustomField) -> Expression:
    """The value as a day's text, whose order letter by letter is that of days; nothing where it is none."""
    return Collate(_guarded(text_column(field), DAY, TextField()), "C")


def _provided(kind: str, reader: Reader) -> list[FilterField]:
    return [filter_field(field) for field in reader.own_fields[kind]]


def _made(field: CustomField, type: Any, **more: Any) -> FilterField:
    return FilterField(field.name, field.label, type, group=GROUP, **more)


def _text(field: CustomField) -> FilterField:
    return _made(field, TEXT, column=text_column(field))


def _number(field: CustomField) -> FilterField:
    return _made(field, NUMBER, column=number_column(text_column(field)))


def _money(field: CustomField) -> FilterField:
    inside = KeyTransform(field.key, F("custom"))
    return _made(field, MONEY, column=number_column(KeyTextTransform("amount", inside)), currency=KeyTextTransform("currency", inside))


def _date(field: CustomField) -> FilterField:
    return _made(field, DATE, column=day_column(field))


def _choice(field: CustomField) -> FilterField:
    return _made(field, CHOICE, condition=_by_value(field, lambda one, _reader: has(field, one)), choices=_options(field))


def _choices(field: CustomField) -> FilterField:
    def condition(operator: str, value: Any, _reader: Reader) -> Q:
        if operator in ("empty", "filled"):
            return is_filled(field) if operator == "filled" else ~is_filled(field)
        if operator == "has_all":
            return has(field, value)
        found = reduce(or_, [has(field, [one]) for one in value])
        return ~found if operator == "has_none" else found

    return _made(field, CHOICES, condition=condition, choices=_options(field))


def _yes_no(field: CustomField) -> FilterField:
    return _made(field, ANSWER, condition=_by_value(field, lambda one, _reader: has(field, one)))


def _person(field: CustomField) -> FilterField:
    def one(value: Any, reader: Reader) -> Q:
        if value == "nobody":
            return ~is_filled(field)
        if value == "my_team":
            team = User.objects.filter(team=reader.user.team_id).order_by().values("pk")
            return compare(_guarded(text_column(field), WHOLE, BigIntegerField()), "in", team) if reader.user.team_id else NOTHING
        return has(field, reader.user.pk if value == "me" else value)

    return _made(field, COLLEAGUE, condition=_by_value(field, one))


_BUILDERS: dict[str, Callable[[CustomField], FilterField]] = {
    "text": _text,
    "link": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "yes_no": _yes_no,
    "person": _person,
}


def has(field: CustomField, value: Any) -> Q:
    """Records whose value is this, or holds all of this list; by the index, which keeps only records that have values."""
    return Q(custom__contains={field.key: value}) & ~Q(custom={})


def is_filled(field: CustomField) -> Q:
    """Records that have a value."""
    return Q(custom__has_key=field.key)


def _by_value(field: CustomField, one: Callable[[Any, Reader], Q]) -> Callable[[str, Any, Reader], Q]:
    """Conditions of a type whose values are asked for one by one; not having one of them includes having none."""

    def condition(operator: str, value: Any, reader: Reader) -> Q:
        if operator in ("empty", "filled"):
            return is_filled(field) if operator == "filled" else ~is_filled(field)
        found = reduce(or_, [one(each, reader) for each in (value if isinstance(value, list) else [value])])
        return ~found if operator in ("is_not", "none_of") else found

    return condition


def _options(field: CustomField) -> Callable[[Reader], list[tuple[str, Any]]]:
    return lambda _reader: [(option["key"], label_of(option["labels"])) for option in field.options]


def _guarded(text: Expression, pattern: str, kind: Any) -> Expression:
    """The text in another type, only where it is of that form."""
    return Case(When(Regex(text, pattern), then=Cast(text, kind)), default=None, output_field=kind)
