"""Clocks on walls and instants: the same policy for gaps and repeated hours everywhere (RFC 5545, section 3.3.5).

A time that the change of clocks skips is read by the offset before the change, so it comes an hour later on the wall;
of a time that comes twice the first is meant.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.errors import Refused
from crm.models import Organisation, User

# Nobody means a time outside of these; and in the year 9999 no time can be added to any more.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def require_thinkable(at: datetime) -> None:
    """Refused for a time that nobody can mean."""
    if not EARLIEST <= at < LATEST:
        raise Refused(_("Choose a time between the years 1990 and 2200."))


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks of that place show this time, in UTC."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def on_the_wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of that place show at the instant."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def zone_of(user: User | None, organisation: Organisation | None = None) -> ZoneInfo:
    """The zone that a person lives by: the own one, else the organisation's. One query when the organisation isn't at hand."""
    if user is not None and getattr(user, "time_zone", None):  # nobody signed in has none
        return ZoneInfo(user.time_zone)
    return (organisation or Organisation.current()).zone


def zone_for(request: HttpRequest) -> ZoneInfo:
    """The zone of whoever asks; the organisation is at hand already."""
    return zone_of(request.user, request.organisation)  # type: ignore[arg-type, attr-defined]
