"""When does it come again? By the calendar on the wall, so that 10:00 stays 10:00 when the clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from crm.models import Repeat
from crm.wall_clock import LATEST, instant, on_the_wall

SATURDAY = 5
STEPS = {
    Repeat.DAILY: relativedelta(days=1),
    Repeat.WEEKDAYS: relativedelta(days=1),
    Repeat.WEEKLY: relativedelta(weeks=1),
    Repeat.MONTHLY: relativedelta(months=1),
    Repeat.YEARLY: relativedelta(years=1),
}


def next_due(
    due_at: datetime, *, repeat: str, counted_from: date | None, zone: ZoneInfo, now: datetime, until: date | None = None
) -> datetime | None:
    """The first time after `due_at` that still lies ahead, None after the end; missed ones are not made up for.

    Months and years are counted from `counted_from`: what falls on the 31st comes on the last day of a shorter month,
    and on the 31st again after it.
    """
    if due_at >= LATEST:
        return None
    local = on_the_wall(due_at, zone)
    first, step = counted_from or local.date(), STEPS[Repeat(repeat)]
    count = _steps_until(max(local, on_the_wall(now, zone)).date(), first, Repeat(repeat))
    while True:
        day = first + step * count
        if until and day > until:
            return None
        at = instant(datetime.combine(day, local.time()), zone)
        if at > due_at and at > now and not (repeat == Repeat.WEEKDAYS and day.weekday() >= SATURDAY):
            return at
        count += 1


def _steps_until(day: date, first: date, repeat: Repeat) -> int:
    """So many steps lie before `day` at least: counting from there is quick however long ago it began."""
    months = (day.year - first.year) * 12 + day.month - first.month
    whole = {Repeat.MONTHLY: months, Repeat.YEARLY: day.year - first.year, Repeat.WEEKLY: (day - first) // timedelta(weeks=1)}
    return max(0, whole.get(repeat, (day - first).days) - 1)
