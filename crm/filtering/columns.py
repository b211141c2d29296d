"""Comparing what a field is read from: a column that its registration names, or an expression over one."""

from __future__ import annotations

from typing import Any

from django.db.models import Expression, Q

Column = str | Expression


def compare(column: Column, lookup: str, value: Any) -> Q:
    """The column against a value by one of the ORM's lookups."""
    if isinstance(column, str):
        return Q(**{f"{column}__{lookup}": value})
    found: Any = column.output_field.get_lookup(lookup)
    return Q(found(column, value))


def is_null(column: Column) -> Q:
    """Nothing is there."""
    return compare(column, "isnull", True)


def unless(condition: Q, column: Column) -> Q:
    """Not so, or nothing is there: people who ask for “not Moscow” mean those without a city too."""
    return is_null(column) | ~condition
