"""Stretches of days that people name instead of writing dates: today, this week, last month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import pgettext_lazy

Span = tuple[date, date]
WEEK = timedelta(days=7)


def month_after(day: date, months: int = 1) -> date:
    """The first day of the month so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def _day(away: int) -> Callable[[date], Span]:
    return lambda today: (today + timedelta(days=away), today + timedelta(days=away + 1))


def _week(away: int) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        monday = today - timedelta(days=today.weekday()) + away * WEEK
        return monday, monday + WEEK

    return span


def _months(length: int, away: int) -> Callable[[date], Span]:
    def span(today: date) -> Span:
        first = month_after(today, -((today.month - 1) % length) + away * length)
        return first, month_after(first, length)

    return span


# From the first day to the one after the last.
PERIODS: dict[str, tuple[Any, Callable[[date], Span]]] = {
    "today": (pgettext_lazy("period", "today"), _day(0)),
    "yesterday": (pgettext_lazy("period", "yesterday"), _day(-1)),
    "tomorrow": (pgettext_lazy("period", "tomorrow"), _day(1)),
    "this_week": (pgettext_lazy("period", "this week"), _week(0)),
    "last_week": (pgettext_lazy("period", "last week"), _week(-1)),
    "next_week": (pgettext_lazy("period", "next week"), _week(1)),
    "this_month": (pgettext_lazy("period", "this month"), _months(1, 0)),
    "last_month": (pgettext_lazy("period", "last month"), _months(1, -1)),
    "next_month": (pgettext_lazy("period", "next month"), _months(1, 1)),
    "this_quarter": (pgettext_lazy("period", "this quarter"), _months(3, 0)),
    "last_quarter": (pgettext_lazy("period", "last quarter"), _months(3, -1)),
    "this_year": (pgettext_lazy("period", "this year"), _months(12, 0)),
    "last_year": (pgettext_lazy("period", "last year"), _months(12, -1)),
}


def span_of(period: str, today: date) -> Span:
    """The first day of a named period, and the day after its last."""
    return PERIODS[period][1](today)
