"""Working hours: when people who sell do things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

OPENS, CLOSES = 9 * 60, 18 * 60 + 45
FRIDAY = 4
NEW_YEAR_ENDS = 8
# Days (month, day) on which nobody works, beside the first week of January.
HOLIDAYS = {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4), (12, 31)}


def is_working(day: date) -> bool:
    """Monday to Friday, but not on holidays."""
    is_holiday = (day.month, day.day) in HOLIDAYS or (day.month == 1 and day.day <= NEW_YEAR_ENDS)
    return day.weekday() <= FRIDAY and not is_holiday


def working_day(day: date, *, back: bool = False) -> date:
    """That day, else the next one (or the last one) on which people work."""
    while not is_working(day):
        day += timedelta(days=-1 if back else 1)
    return day


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Instants within the working hours of a time zone."""

    zone: ZoneInfo
    random: Random

    def on(self, day: date) -> datetime:
        """Some minute of that day's working hours."""
        minutes = self.random.randrange(OPENS, CLOSES)
        at = datetime.combine(day, time(minutes // 60, minutes % 60, self.random.randrange(60)), self.zone)
        return at.astimezone(UTC)

    def after(self, moment: datetime, days: float) -> datetime:
        """An instant about so many days later, always later."""
        local = moment.astimezone(self.zone)
        day = working_day((local + timedelta(days=days)).date())
        at = self.on(day)
        return at if at > moment else moment + timedelta(minutes=self.random.randrange(15, 150))

    def between(self, start: datetime, end: datetime) -> datetime:
        """An instant of a working day between the two; any instant between them where they are close."""
        span = (end - start).total_seconds()
        at = self.after(start, span / 86_400 * self.random.random())
        return at if at < end else start + timedelta(seconds=span * self.random.random())
