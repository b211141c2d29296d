"""The calendar: a day, a week or a month of one's own, a colleague or the team; things are moved by dragging them."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.errors import Refused
from crm.models import Meeting, Task, User
from crm.queries.calendar import Day, calendar_days
from crm.queries.people import filter_people
from crm.services.meetings import edit_meeting, find_meeting
from crm.services.tasks import edit_task, find_task
from crm.templatetags.display import locale
from crm.templatetags.tasks import due_text
from crm.views.activities import Told, tab_of
from crm.wall_clock import EARLIEST, LATEST, instant, on_the_wall, require_thinkable, zone_for

VIEWS = ("day", "week", "month")


@require_safe
@login_required
def show_calendar(request: HttpRequest) -> HttpResponse:
    """`view` day, week or month, the `day` in it, `whose`: nothing for the own one, `team`, or a colleague's id."""
    zone = zone_for(request)
    today = request.now.astimezone(zone).date()
    view = request.GET.get("view", "week")
    view = view if view in VIEWS else "week"
    day = _asked_day(request.GET.get("day", ""), today)
    first, last = _bounds(view, day)
    people, whose = _whose(request)
    shown = [request.user] if whose == "" else people if whose == "team" else [p for p in people if str(p.pk) == whose]
    days = calendar_days(viewer=request.user, people=shown, first=first, last=last, zone=zone)
    parts = {
        "view": view,
        "day": day,
        "today": today,
        "days": [(shown_day, shown_day.hours(zone)) for shown_day in days],
        "weeks": [days[at : at + 7] for at in range(0, len(days), 7)] if view == "month" else [],
        "title": _title(view, day, first, last),
        "before": _step(view, day, -1),
        "after": _step(view, day, 1),
        "people": people,
        "whose": whose,
        "zone": zone.key,
        "is_own": whose == "",
        "row_now": _row_now(days, request.now),
    }
    return render(request, "calendar/_calendar.html" if request.headers.get("X-Part") == "calendar" else "calendar/calendar.html", parts)


@require_POST
@login_required
def create_calendar_move(request: HttpRequest, kind: str, thing_id: int) -> HttpResponse:
    """Something was dragged: `to` a time on the wall, by `minutes` or `days`, or `back` to the instant where it was."""
    zone = zone_for(request)
    if kind == "task":
        task = find_task(task_id=thing_id, by=request.user)
        before, title = task.due_at, task.title
        moved_task: Task = edit_task(task_id=thing_id, by=request.user, due_at=_asked_time(request, before, zone), origin=tab_of(request))
        at = moved_task.due_at
    else:
        meeting = find_meeting(meeting_id=thing_id, by=request.user)
        before, title = meeting.starts_at, meeting.title
        starts = _asked_time(request, before, zone)
        moved: Meeting = edit_meeting(
            meeting_id=thing_id, by=request.user, starts_at=starts, ends_at=starts + (meeting.ends_at - meeting.starts_at)
        )
        at = moved.starts_at
    words = _("%(title)s: %(when)s") % {"title": title, "when": due_text(at, zone)}
    told = Told(words, reverse("calendar_move", args=[kind, thing_id]), {"back": before.isoformat()})
    return render(request, "activities/answer.html", {"told": told})


def _asked_time(request: HttpRequest, before: datetime, zone: ZoneInfo) -> datetime:
    at = _read_time(request, before, zone)
    require_thinkable(at)
    return at


def _read_time(request: HttpRequest, before: datetime, zone: ZoneInfo) -> datetime:
    try:
        if back := request.POST.get("back"):
            return datetime.fromisoformat(back).astimezone(UTC)
        if minutes := request.POST.get("minutes"):
            return before + timedelta(minutes=max(-1440, min(1440, int(minutes))))
        wall = on_the_wall(before, zone)
        if days := request.POST.get("days"):
            return instant(wall + timedelta(days=max(-366, min(366, int(days)))), zone)
        to = request.POST.get("to", "")
        if len(to) == len("2026-11-25"):
            return instant(datetime.combine(date.fromisoformat(to), wall.time()), zone)
        return instant(datetime.fromisoformat(to).replace(tzinfo=None), zone)
    except (ValueError, OverflowError):
        raise Refused(_("It can't be moved there.")) from None


def _asked_day(text: str, today: date) -> date:
    try:
        return min(max(date.fromisoformat(text), EARLIEST.date()), LATEST.date())
    except ValueError:
        return today


def _bounds(view: str, day: date) -> tuple[date, date]:
    """The first and last day shown; weeks begin as the reader's language has it."""
    if view == "day":
        return day, day
    begins = Locale.parse(locale()).first_week_day
    if view == "week":
        first = day - timedelta(days=(day.weekday() - begins) % 7)
        return first, first + timedelta(days=6)
    month = day.replace(day=1)
    first = month - timedelta(days=(month.weekday() - begins) % 7)
    end = day.replace(day=monthrange(day.year, day.month)[1])
    return first, end + timedelta(days=(begins - 1 - end.weekday()) % 7)


def _step(view: str, day: date, by: int) -> date:
    if view == "day":
        return day + timedelta(days=by)
    if view == "week":
        return day + timedelta(weeks=by)
    months = day.year * 12 + day.month - 1 + by
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _title(view: str, day: date, first: date, last: date) -> str:
    if view == "day":
        return format_date(day, "EEEE, d MMMM y", locale=locale())
    if view == "month":
        return format_date(day, "LLLL y", locale=locale()).capitalize()
    return format_interval(first, last, "yMMMd", locale=locale())


def _whose(request: HttpRequest) -> tuple[list[User], str]:
    people = filter_people(request.user)
    asked = request.GET.get("whose", "")
    known = {str(person.pk) for person in people} | ({"team"} if people else set())
    return people, asked if asked in known and asked != str(request.user.pk) else ""


def _row_now(days: list[Day], now: datetime) -> int | None:
    today = next((day for day in days if day.starts_at <= now < day.ends_at), None)
    return int((now - today.starts_at) / timedelta(minutes=15)) if today else None
