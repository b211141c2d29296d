"""What a report was asked, in words: whose deals, from which period, as of when."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from django.utils.translation import gettext as _

from analytics.queries.filters import Cohort, Filters
from crm.models import User
from crm.templatetags.display import locale


def say_whose(viewer: User, filters: Filters | None = None) -> str:
    """Whose deals the figures count: of all that the viewer may see, the owner's or team's asked for."""
    if filters and filters.owner:
        return _("Deals of %(person)s") % {"person": filters.owner}
    if filters and filters.team:
        return _("Team %(team)s") % {"team": filters.team}
    if viewer.is_admin:
        return _("All deals")
    if viewer.team and (viewer.is_manager or viewer.team.is_open):
        return _("Team %(team)s") % {"team": viewer.team}
    return _("Your deals")


def say_period(filters: Filters) -> str:
    """Which deals are chosen by their dates, their source and their segment."""
    words = []
    if filters.source:
        words.append(_("from %(source)s") % {"source": filters.source})
    if filters.segment:
        words.append(_("of the segment “%(segment)s” as it is today") % {"segment": filters.segment})
    days = {"start": _day(filters.period_from), "end": _day(filters.period_to)}
    reached = filters.cohort == Cohort.ENTERED
    if filters.period_from and filters.period_to:
        words.append((_("reached the stage from %(start)s to %(end)s") if reached else _("began from %(start)s to %(end)s")) % days)
    elif filters.period_from:
        words.append((_("reached the stage since %(start)s") if reached else _("began since %(start)s")) % days)
    elif filters.period_to:
        words.append((_("reached the stage up to %(end)s") if reached else _("began up to %(end)s")) % days)
    else:
        words.append(_("all time"))
    return ", ".join(words)


def say_instant(at: datetime, filters: Filters) -> str:
    """An as-of time; midnight is the end of the day before, as people say it."""
    local = at.astimezone(filters.zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        last = date.fromordinal(local.date().toordinal() - 1)
        return _("the end of %(day)s") % {"day": _day(last)}
    return format_datetime(local, "d MMMM y, HH:mm", locale=locale())


def _day(day: date | None) -> str:
    return format_date(day, "d MMM y", locale=locale()).replace(" ", "\u00a0") if day else ""
