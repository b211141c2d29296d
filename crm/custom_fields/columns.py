"""Custom fields as columns of lists: the value as its cell takes it, and what rows are ordered by."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Case, DecimalField, Expression, F, IntegerField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.filters import GROUP, day_column, number_column, text_column
from crm.custom_fields.registry import type_of
from crm.custom_fields.types.choice import option_label
from crm.custom_fields.values import show_value
from crm.filtering.reader import Reader
from crm.lists.columns import Column, Order, provide_columns
from crm.models import CustomField, FieldKind

# How a type stands in a cell, where words alone would say less.
CELLS = {"number": "number", "money": "money", "date": "date", "choices": "pills", "yes_no": "yes_no", "link": "website"}


def provide_all() -> None:
    """Let lists of every kind show its custom fields; called once at start."""
    for kind in FieldKind.values:
        provide_columns(kind, partial(_provided, kind))


def column_of(field: CustomField, colleagues: Colleagues) -> Column:
    """One custom field as a column."""
    return Column(
        field.name,
        field.label,
        lambda row: _cell(field, row.custom.get(field.key), colleagues),
        CELLS.get(field.type, "text"),
        order=_order(field),
        starts_down=field.type in ("money", "date"),
        group=GROUP,
    )


def _provided(kind: str, reader: Reader) -> list[Column]:
    colleagues = Colleagues()
    return [column_of(field, colleagues) for field in reader.own_fields[kind]]


def _cell(field: CustomField, value: Any, colleagues: Colleagues) -> Any:
    """The value as the cell of its type takes it; nothing for one that its type can't read."""
    if value is None:
        return None
    try:
        if field.type == "choices":
            return [(option_label(field, key), "") for key in value]
        if field.type == "money":
            return Decimal(value["amount"]), str(value["currency"])
        if field.type == "yes_no":
            return value is True
        if field.type == "link":
            return str(value)
        return type_of(field).cells(field, value, colleagues) if field.type in CELLS else show_value(field, value, colleagues)
    except (TypeError, ValueError, ArithmeticError, KeyError, AttributeError):
        return None


def _order(field: CustomField) -> Order:
    by_type: dict[str, Callable[[], Order]] = {
        "number": lambda: number_column(text_column(field)),
        "date": lambda: day_column(field),
        "money": lambda: partial(_worth, field),
        "choice": lambda: _place_of_option(field),
        "choices": lambda: "",
        "person": lambda: "",
    }
    return by_type.get(field.type, lambda: Lower(text_column(field)))()


def _place_of_option(field: CustomField) -> Expression:
    """Options in the order in which the admin has put them."""
    places = [When(Exact(text_column(field), Value(option["key"])), then=Value(place)) for place, option in enumerate(field.options)]
    return Case(*places, default=None, output_field=IntegerField())


def _worth(field: CustomField, reader: Reader) -> Expression:
    """Money in the organisation's currency at today's rate; what has no rate comes last."""
    inside = KeyTransform(field.key, F("custom"))
    amount, currency = number_column(KeyTextTransform("amount", inside)), KeyTextTransform("currency", inside)
    worths = [When(Exact(currency, Value(code)), then=amount * Value(rate)) for code, rate in reader.rates.items()]
    return Case(*worths, default=None, output_field=DecimalField(max_digits=35, decimal_places=10))
