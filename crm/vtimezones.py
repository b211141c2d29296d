"""A time zone as RFC 5545 tells it to other programs: which offset holds from when on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vText

QUARTER = timedelta(minutes=15)


def zone_between(zone: ZoneInfo, first: datetime, last: datetime) -> Timezone:
    """The offsets of a place from one instant to another, each from its own change on."""
    component = Timezone()
    component.add("tzid", zone.key)
    before = _offset(zone, first)
    component.add_component(_observance(zone, first, before))
    at = first
    while at < last:
        following = at + timedelta(days=1)
        if _offset(zone, following) != before:
            change = next(one for one in _quarters(at, following) if _offset(zone, one) != before)
            component.add_component(_observance(zone, change, before))
            before = _offset(zone, following)
        at = following
    return component


def _quarters(first: datetime, last: datetime) -> list[datetime]:
    begins = first.replace(minute=0, second=0, microsecond=0)
    return [begins + QUARTER * count for count in range(int((last - begins) / QUARTER) + 2)]


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _observance(zone: ZoneInfo, at: datetime, before: timedelta) -> TimezoneStandard | TimezoneDaylight:
    """Its beginning is what the clocks showed by the offset before."""
    local = at.astimezone(zone)
    observance = TimezoneDaylight() if local.dst() else TimezoneStandard()
    observance.add("dtstart", (at.astimezone(UTC) + before).replace(tzinfo=None, second=0, microsecond=0))
    observance.add("tzoffsetfrom", before)
    observance.add("tzoffsetto", _offset(zone, at))
    observance.add("tzname", vText(local.tzname() or zone.key))
    return observance
