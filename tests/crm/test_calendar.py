"""The calendar: days of any length, whose things one sees, moving them, and the feed for other programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from dateutil.rrule import rrulestr
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Page, expect

from crm.models import Attendance, CalendarFeed, Company, Meeting, Repeat, Task, User
from crm.queries.calendar import calendar_days
from crm.queries.feeds import feed_of
from crm.repeats import next_due
from crm.services.meetings import cancel_meeting, plan_meeting
from crm.services.people import switch_account
from crm.services.tasks import add_task
from crm.wall_clock import instant
from crm.when import END_OF_DAY
from pipeline.models import Stage
from tests.accessibility import check_accessibility
from tests.factories import make_deal

pytestmark = pytest.mark.django_db
BERLIN, MOSCOW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow")
MONDAY = date(2026, 11, 23)


def meet(title: str, by: User, at: datetime, hours: float = 1, **details: Any) -> Meeting:
    return plan_meeting(title=title, starts_at=at, ends_at=at + timedelta(hours=hours), by=by, **details)


@pytest.mark.parametrize(
    ("zone", "day", "rows", "hours"),
    [
        ("Europe/Berlin", date(2027, 3, 27), 96, ["00:00", "01:00", "02:00", "03:00"]),
        ("Europe/Berlin", date(2027, 3, 28), 92, ["00:00", "01:00", "03:00", "04:00"]),
        ("Europe/Berlin", date(2027, 10, 31), 100, ["00:00", "01:00", "02:00", "02:00"]),
        ("Australia/Lord_Howe", date(2027, 4, 4), 98, ["00:00", "01:00", "01:30", "02:30"]),
    ],
)
def test_a_day_has_as_many_hours_as_pass_in_it(anna: User, zone: str, day: date, rows: int, hours: list[str]) -> None:
    (shown,) = calendar_days(viewer=anna, people=[anna], first=day, last=day, zone=ZoneInfo(zone))
    assert shown.rows == rows
    assert [f"{hour.wall:%H:%M}" for hour in shown.hours(ZoneInfo(zone))][:4] == hours


def test_both_hours_of_a_repeated_one_have_their_place(anna: User) -> None:
    for utc in (0, 1):  # 02:10 twice
        meet(f"At {utc}", anna, datetime(2027, 10, 31, utc, 10, tzinfo=UTC), 0.5)
    (day,) = calendar_days(viewer=anna, people=[anna], first=date(2027, 10, 31), last=date(2027, 10, 31), zone=BERLIN)
    assert [(item.thing.title, item.row, item.span) for item in day.items] == [("At 0", 8, 3), ("At 1", 12, 3)]


def test_what_overlaps_lies_side_by_side_and_what_spans_days_is_on_each(anna: User) -> None:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    for title, hour, hours in (("A", 0, 2), ("B", 1, 2), ("C", 2, 1), ("D", 5, 1)):
        meet(title, anna, at + timedelta(hours=hour), hours)
    meet("Fair", anna, datetime(2026, 11, 24, 20, tzinfo=UTC), 40)
    add_task(title="Any time", due_at=datetime(2026, 11, 23, 22, 59, tzinfo=UTC), by=anna)
    days = calendar_days(viewer=anna, people=[anna], first=MONDAY, last=MONDAY + timedelta(days=6), zone=BERLIN)
    assert {item.thing.title: (item.lane, item.lanes) for item in days[0].items} == {"A": (1, 2), "B": (2, 2), "C": (1, 2), "D": (1, 1)}
    assert [item.thing.title for item in days[0].whole] == ["Any time"]
    assert [[item.thing.title for item in day.items] for day in days[1:]] == [["Fair"], ["Fair"], ["Fair"], [], [], []]
    assert [(item.row, item.span) for day in days[1:4] for item in day.items] == [(84, 12), (0, 96), (0, 52)]


def test_one_sees_of_others_what_one_may_see(anna: User, boris: User, clara: User, denis: User, stages: list[Stage]) -> None:
    now = timezone.now()
    deal = make_deal(by=boris)
    meet("About the deal", boris, now, record="deal", record_id=deal.pk)
    meet("Private", boris, now)
    add_task(title="His", due_at=now, by=boris)
    meet("Together", anna, now, colleagues=[anna, boris])
    meet("Called off", anna, now)
    cancel_meeting(meeting_id=Meeting.objects.get(title="Called off").pk, by=anna)

    def seen(viewer: User, *people: User) -> set[str]:
        days = calendar_days(
            viewer=viewer, people=people, first=now.date() - timedelta(days=1), last=now.date() + timedelta(days=1), zone=BERLIN
        )
        return {item.thing.title for day in days for item in day.everything}

    assert seen(boris, boris) == {"About the deal", "Private", "His", "Together"}
    assert seen(anna, anna, boris) == {"Together"}
    assert seen(clara, anna, boris) == {"About the deal", "Private", "Together"}
    assert seen(denis, anna, boris) == set()


def test_a_view_costs_the_same_however_much_is_on_it(anna: User, stages: list[Stage], client: Client) -> None:
    company, deal = Company.objects.create(name="Vektor", owner=anna, team=anna.team), make_deal(by=anna)
    client.force_login(anna)
    costs = []
    for size in (1, 30):
        for turn in range(size):
            meet(f"{turn}", anna, timezone.now(), record="company", record_id=company.pk)
            add_task(title=f"{turn}", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
        for view in ("day", "week", "month"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("calendar"), {"view": view}).status_code == 200
            costs.append(len(queries))
    assert len(set(costs)) == 1
    assert costs[0] <= 11
    for nonsense in ({"view": "x", "day": "2026-02-30"}, {"whose": "team"}, {"day": "0001-01-01"}, {"day": "9999-12-31", "view": "month"}):
        assert client.get(reverse("calendar"), nonsense).status_code == 200


def test_moving_keeps_the_length_and_can_be_undone(anna: User, boris: User, client: Client) -> None:
    User.objects.filter(pk=anna.pk).update(time_zone="Europe/Berlin")
    meeting = meet("Demo", anna, datetime(2027, 3, 27, 9, tzinfo=UTC), 2)
    task = add_task(title="Call", due_at=datetime(2027, 3, 27, 9, tzinfo=UTC), by=anna)
    client.force_login(anna)
    address = reverse("calendar_move", args=["meeting", meeting.pk])
    told = client.post(address, {"days": "1"}).context["told"]
    meeting.refresh_from_db()
    assert meeting.starts_at == datetime(2027, 3, 28, 8, tzinfo=UTC)  # ten on the wall, the clocks have changed
    assert meeting.ends_at - meeting.starts_at == timedelta(hours=2)
    assert meeting.attendances.get().starts_at == meeting.starts_at
    client.post(told.undo, told.fields)
    meeting.refresh_from_db()
    assert meeting.starts_at == datetime(2027, 3, 27, 9, tzinfo=UTC)
    client.post(reverse("calendar_move", args=["task", task.pk]), {"to": "2027-03-28T02:30"})  # a time that there isn't
    task.refresh_from_db()
    assert task.due_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    client.post(reverse("calendar_move", args=["task", task.pk]), {"to": "2027-04-01"})
    task.refresh_from_db()
    assert task.due_at == datetime(2027, 4, 1, 1, 30, tzinfo=UTC)
    for nonsense in (
        {},
        {"to": "9999-12-31T23:59"},
        {"to": "0001-01-01"},
        {"back": "9999-12-31T23:59+00:00"},
        {"to": "x"},
        {"minutes": "x"},
        {"back": "x"},
    ):
        assert client.post(address, nonsense).status_code == 422
    client.force_login(boris)
    assert client.post(address, {"days": "1"}).status_code == 404


def feed_address(client: Client) -> str:
    html = client.post(reverse("calendar_feed_new")).content.decode()
    return "/calendar/feed/" + html.split("/calendar/feed/")[1].split('"')[0]


def test_the_feed_has_ones_own_and_nothing_else(anna: User, boris: User, client: Client) -> None:
    now = timezone.now()
    meet("Demo; with, commas", anna, now + timedelta(days=1), place="Room 5")
    meet("Not hers", boris, now + timedelta(days=1))
    gone = meet("Called off", anna, now + timedelta(days=2))
    cancel_meeting(meeting_id=gone.pk, by=anna)
    add_task(title="Call", due_at=now + timedelta(days=3), by=anna)
    client.force_login(anna)
    address = feed_address(client)
    anonymous = Client()
    answer = anonymous.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    entries = {str(entry["SUMMARY"]): entry for entry in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert set(entries) == {"Demo; with, commas", "Called off", "☐ Call"}
    assert str(entries["Called off"]["STATUS"]) == "CANCELLED"
    assert entries["Demo; with, commas"]["DTSTART"].dt == Meeting.objects.get(title__startswith="Demo").starts_at.replace(microsecond=0)
    with time_machine.travel(now + timedelta(minutes=5)):
        assert anonymous.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    token = address.split("/")[-1].removesuffix(".ics")
    assert not CalendarFeed.objects.filter(hash=token).exists()  # only its hash is kept


def test_an_address_dies_with_its_renewal_its_revocation_and_its_person(anna: User, admin: User, client: Client) -> None:
    client.force_login(anna)
    first, second = feed_address(client), feed_address(client)
    anonymous = Client()
    assert (anonymous.get(first).status_code, anonymous.get(second).status_code) == (404, 200)
    client.post(reverse("calendar_feed_removal"))
    assert anonymous.get(second).status_code == 404
    third = feed_address(client)
    switch_account(user=anna, is_active=False, by=admin)
    assert anonymous.get(third).status_code == 404


@pytest.mark.parametrize(
    ("repeat", "first", "until"),
    [
        (Repeat.DAILY, "2027-03-26 10:00", None),
        (Repeat.WEEKDAYS, "2027-03-26 10:00", date(2027, 4, 6)),
        (Repeat.WEEKLY, "2027-03-21 10:00", None),
        (Repeat.MONTHLY, "2027-01-31 10:00", None),
        (Repeat.MONTHLY, "2027-01-30 23:59", date(2027, 6, 29)),
        (Repeat.YEARLY, "2028-02-29 10:00", None),
    ],
)
def test_what_repeats_comes_in_other_calendars_when_it_comes_here(anna: User, repeat: str, first: str, until: date | None) -> None:
    """Other programs read the rule: dateutil stands for them, and the same days and times must come of it."""
    User.objects.filter(pk=anna.pk).update(time_zone="Europe/Berlin")
    anna.refresh_from_db()
    begins = datetime.fromisoformat(first)
    due = instant(begins, BERLIN)
    task = add_task(title="Report", due_at=due, by=anna, repeat=repeat, repeat_until=until)
    calendar = Calendar.from_ical(feed_of(anna, now=due))
    (entry,) = calendar.walk("VEVENT")
    rule = entry["RRULE"].to_ical().decode()
    if begins.time() != END_OF_DAY:
        assert entry["DTSTART"].params["TZID"] == "Europe/Berlin"
        assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    expected, at = [due], due
    while len(expected) < 8:
        following = next_due(at, repeat=repeat, counted_from=task.repeat_from, zone=BERLIN, now=at, until=until)
        if following is None:
            break
        at = following
        expected.append(at)
    start = entry["DTSTART"].dt
    if begins.time() == END_OF_DAY:
        days = rrulestr(rule, dtstart=datetime.combine(start, datetime.min.time()))
        assert [found.date() for found in islice(days, 8)] == [at.astimezone(BERLIN).date() for at in expected]
    else:
        assert [found.astimezone(UTC) for found in islice(rrulestr(rule, dtstart=start), 8)] == expected


def test_the_file_is_one_that_other_programs_read(anna: User, client: Client) -> None:
    """Lines of at most 75 bytes, ended as the standard says; what has a meaning in it is escaped, and comes back as it was."""
    title = "Встреча; обсуждаем «цены», сроки и всё остальное, что не вошло в прошлый раз\\n"
    at = timezone.now() + timedelta(days=1)
    meet(title, anna, at, place="Room 5, second floor; left", note="First line\nsecond, line; and \\ so on")
    client.force_login(anna)
    answer = Client().get(feed_address(client))
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    (entry,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(entry["SUMMARY"]) == title
    assert str(entry["LOCATION"]) == "Room 5, second floor; left"
    assert str(entry["DESCRIPTION"]) == "First line\nsecond, line; and \\ so on"
    for needed in ("UID", "DTSTAMP", "DTSTART", "DTEND", "STATUS", "SEQUENCE"):
        assert needed in entry


def test_a_feed_of_five_thousand_entries_costs_as_many_queries_as_one_of_two(anna: User) -> None:
    now = timezone.now()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            feed = feed_of(anna, now=now)
        found.append(feed.count(b"BEGIN:VEVENT"))
        return len(queries)

    found: list[int] = []
    meet("Demo", anna, now)
    add_task(title="Call", due_at=now, by=anna)
    first = cost()
    tasks = [Task(title=f"{turn}", due_at=now + timedelta(hours=turn % 2000), assignee=anna, created_by=anna) for turn in range(2499)]
    Task.objects.bulk_create(tasks)
    blank = {"zone": "UTC", "created_by": anna}
    times = [now + timedelta(hours=turn % 2000) for turn in range(2499)]
    meetings = Meeting.objects.bulk_create([Meeting(title="M", starts_at=at, ends_at=at + timedelta(hours=1), **blank) for at in times])
    Attendance.objects.bulk_create([Attendance(meeting=meeting, user=anna, starts_at=meeting.starts_at) for meeting in meetings])
    assert cost() == first <= 6
    assert found == [2, 5000]


@pytest.mark.django_db(transaction=True)
def test_things_are_moved_by_mouse_and_by_keyboard(new_page: Callable[..., Page], anna: User) -> None:
    today = datetime.now(MOSCOW).replace(hour=10, minute=0, second=0, microsecond=0)
    add_task(title="Call Vektor", due_at=today, by=anna)
    page = new_page(anna)
    page.goto("/calendar/?view=day")
    item = page.locator(".cal-item", has_text="Call Vektor")
    item.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".cal-time", has_text="10:15")).to_be_visible()
    expect(item).to_be_focused()
    slot = page.locator('.cal-slot[data-wall$="T12:00"]').bounding_box()
    box = item.bounding_box()
    assert slot
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, slot["y"] + 6, steps=5)
    page.mouse.up()
    expect(page.locator(".cal-time", has_text="12:00")).to_be_visible()
    assert Task.objects.get().due_at == today + timedelta(hours=2)
    check_accessibility(page)
