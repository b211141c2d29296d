"""A month of deals by when they are expected to close."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from crm.filtering.periods import month_after
from crm.lists.asked import Asked
from crm.queries.lists import matching

MAX_DEALS = 500
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """One square of the calendar."""

    day: date
    is_today: bool
    is_outside: bool
    deals: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """Whole weeks around a month; `is_cut` where there are more deals than it shows."""

    first: date
    days: list[Day]
    count: int
    is_cut: bool

    @property
    def previous(self) -> str:
        return f"{month_after(self.first, -1):%Y-%m}"

    @property
    def next(self) -> str:
        return f"{month_after(self.first):%Y-%m}"


def closing_month(asked: Asked, first: date) -> Month:
    """The deals of a list by their expected close, the weeks of one month. One query, with an end."""
    start = first - timedelta(days=first.weekday())
    last = month_after(first) - ONE_DAY
    end = last + timedelta(days=7 - last.weekday())
    rows = matching(asked).filter(expected_close__gte=start, expected_close__lt=end).select_related("stage", "company")
    found = list(rows.order_by("expected_close", "pk")[: MAX_DEALS + 1])
    shown: list[Any] = found[:MAX_DEALS]
    days = [_day(start + timedelta(days=number), first, asked.reader.today, shown) for number in range((end - start).days)]
    return Month(first, days, len(shown), len(found) > MAX_DEALS)


def _day(day: date, first: date, today: date, deals: list[Any]) -> Day:
    return Day(day, day == today, day.month != first.month, [deal for deal in deals if deal.expected_close == day])
