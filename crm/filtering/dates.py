"""Dates as a type of field: days, periods that people name, and so many days back or ahead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from crm.filtering.columns import compare, is_null, unless
from crm.filtering.fields import FilterField
from crm.filtering.names import Names
from crm.filtering.operators import OPERATORS
from crm.filtering.periods import PERIODS, Span, span_of
from crm.filtering.reader import Reader
from crm.filtering.types import FieldType, Unreadable, pair, read_day, say_day, say_days

ONE_DAY = timedelta(days=1)


class DateType(FieldType):
    """A day, or the day of an instant in the organisation's zone. Today counts as one of the last, and of the next, days."""

    key, editor = "date", "day"
    operators = ("is", "is_not", "before", "after", "between", "last", "next", "older", "empty", "filled")
    sentences = {
        "is": pgettext_lazy("filter", "%(field)s: %(value)s"),
        "is_not": pgettext_lazy("filter", "%(field)s: not %(value)s"),
        "between": pgettext_lazy("filter", "%(field)s: between %(value)s"),
    }

    def read_one(self, value: Any, field: FilterField, reader: Reader) -> str:
        if isinstance(value, str) and value in PERIODS:
            return value
        found = read_day(value)
        if found is None:
            raise Unreadable(_("“%(value)s” is no day; write it as 2026-11-24") % {"value": str(value)[:40]})
        return found.isoformat()

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        column = field.column
        if operator in ("empty", "filled"):
            return is_null(column) if operator == "empty" else ~is_null(column)
        first, end = self._span(operator, value, reader.today)
        found = ~is_null(column) if first is None and end is None else Q()
        if first is not None:
            found &= compare(column, "gte", reader.midnight(first) if field.is_instant else first)
        if end is not None:
            found &= compare(column, "lt", reader.midnight(end) if field.is_instant else end)
        return unless(found, column) if operator == "is_not" else found

    @staticmethod
    def _span(operator: str, value: Any, today: date) -> tuple[date | None, date | None]:
        """From the first day to the one after the last; none for no limit."""
        if operator == "last":
            return today - timedelta(days=value - 1), today + ONE_DAY
        if operator == "next":
            return today, today + timedelta(days=value)
        if operator == "older":
            return None, today - timedelta(days=value)
        if operator == "between":
            spans = [_span_of(one, today) for one in value]
            return min(first for first, _end in spans), max(end for _first, end in spans)
        first, end = _span_of(value, today)
        return {"before": (None, first), "after": (end, None)}.get(operator, (first, end))

    def say(self, operator: str, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        if OPERATORS[operator].takes == "days":
            return say_days(operator, value)
        return pair([self.say_one(one, field, reader, names) for one in (value if isinstance(value, list) else [value])])

    def say_one(self, value: Any, field: FilterField, reader: Reader, names: Names) -> str:
        return str(PERIODS[value][0]) if value in PERIODS else say_day(date.fromisoformat(value), reader)


def _span_of(value: str, today: date) -> Span:
    if value in PERIODS:
        return span_of(value, today)
    found = date.fromisoformat(value)
    return found, found + ONE_DAY


DATE = DateType()
