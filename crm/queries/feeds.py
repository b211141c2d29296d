"""A person's calendar in the format of RFC 5545."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress, vText

from crm.models import CalendarFeed, Meeting, Organisation, Repeat, Task, User
from crm.queries.calendar import TASK_LENGTH
from crm.vtimezones import zone_between
from crm.wall_clock import instant, on_the_wall, zone_of
from crm.when import END_OF_DAY

BEHIND, AHEAD = timedelta(days=60), timedelta(days=400)
MAX_ENTRIES = 5000
SHORTEST = 28  # days of a February


def owner_of(token: str) -> User | None:
    """Whose calendar that address is; nobody's after it was revoked or its person has left. One query."""
    feed = CalendarFeed.objects.select_related("user").filter(hash=CalendarFeed.digest(token)).first()
    return feed.user if feed is not None and feed.user.is_active else None


def feed_of(user: User, *, now: datetime) -> bytes:
    """Own meetings, those called off too so that they leave other calendars, and open tasks with how they repeat.

    Five queries, and one for the organisation where the person has no zone. What repeats is told by the clock on the wall, with its zone.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Voronka//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(f"{Organisation.current().name}: {user.name}"))
    meetings = Meeting.objects.filter(attendances__user=user, attendances__starts_at__range=(now - BEHIND, now + AHEAD))
    for meeting in meetings.prefetch_related("colleagues").order_by("starts_at", "id")[:MAX_ENTRIES]:
        calendar.add_component(_of_meeting(meeting))
    tasks = Task.objects.open().filter(assignee=user, due_at__range=(now - BEHIND, now + AHEAD)).order_by("due_at", "id")
    zone, repeats = zone_of(user), False
    for task in tasks[:MAX_ENTRIES]:
        repeats |= bool(task.repeat)
        calendar.add_component(_of_task(task, on_the_wall(task.due_at, zone), zone))
    if repeats:
        # Some programs want to know a zone before they read of it.
        calendar.subcomponents.insert(0, zone_between(zone, now - BEHIND, now + AHEAD))
    return calendar.to_ical()


def _of_meeting(meeting: Meeting) -> Event:
    entry = _entry(f"meeting-{meeting.pk}", meeting.title, reverse("meeting", args=[meeting.pk]), meeting.created_at)
    entry.add("dtstart", meeting.starts_at.astimezone(UTC))
    entry.add("dtend", meeting.ends_at.astimezone(UTC))
    entry.add("sequence", meeting.sequence)
    entry.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    if meeting.place:
        entry.add("location", vText(meeting.place))
    if meeting.note:
        entry.add("description", vText(meeting.note))
    for person in meeting.colleagues.all():
        address = vCalAddress(f"mailto:{person.email}")
        address.params["cn"] = vText(person.name)
        entry.add("attendee", address, encode=False)
    return entry


def _of_task(task: Task, wall: datetime, zone: ZoneInfo) -> Event:
    """A task lies as an entry of half an hour, or of the whole day where any time of it will do."""
    entry = _entry(f"task-{task.pk}", f"☐ {task.title}", reverse("task", args=[task.pk]), task.created_at)
    is_whole_day = wall.time().replace(second=0, microsecond=0) == END_OF_DAY
    if is_whole_day:
        entry.add("dtstart", wall.date())
        entry.add("dtend", wall.date() + timedelta(days=1))
    else:
        # In UTC ten o'clock would not stay ten o'clock when it comes again after the clocks have changed.
        at = task.due_at.astimezone(zone if task.repeat else UTC)
        entry.add("dtstart", at)
        entry.add("duration", TASK_LENGTH)
    if task.repeat:
        entry.add("rrule", _repetition(task, wall.date(), zone, is_whole_day=is_whole_day))
    entry.add("transp", "TRANSPARENT")
    if task.note:
        entry.add("description", vText(task.note))
    return entry


def _repetition(task: Task, day: date, zone: ZoneInfo, *, is_whole_day: bool) -> dict[str, Any]:
    """The rule of RFC 5545 that gives the same days as `crm.repeats`: of a month without the 31st, its last."""
    from_day = task.repeat_from or day
    # Days that shorter months lack: the last of those named that there is.
    days = (
        {"bymonthday": from_day.day} if from_day.day <= SHORTEST else {"bymonthday": [*range(SHORTEST, from_day.day + 1)], "bysetpos": -1}
    )
    rules: dict[str, dict[str, Any]] = {
        Repeat.DAILY: {"freq": "daily"},
        Repeat.WEEKDAYS: {"freq": "weekly", "byday": ["MO", "TU", "WE", "TH", "FR"]},
        Repeat.WEEKLY: {"freq": "weekly"},
        Repeat.MONTHLY: {"freq": "monthly", **days},
        Repeat.YEARLY: {"freq": "yearly", "bymonth": from_day.month, **days},
    }
    rule = rules[task.repeat]
    if task.repeat_until is None:
        return rule
    until = task.repeat_until if is_whole_day else instant(datetime.combine(task.repeat_until, END_OF_DAY), zone)
    return rule | {"until": until}


def _entry(uid: str, title: str, address: str, stamp: datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{uid}@{settings.BASE_URL.split('://')[-1]}")
    entry.add("dtstamp", stamp.astimezone(UTC))
    entry.add("summary", vText(title))
    entry.add("url", f"{settings.BASE_URL}{address}")
    return entry
