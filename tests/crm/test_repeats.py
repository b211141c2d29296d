"""When a task comes again: by the calendar and the clock on the wall, however early or late the last was done."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from crm.models import Organisation, Reminder, Repeat, Task, User
from crm.repeats import next_due
from crm.services.organisation import edit_organisation
from crm.services.tasks import add_task, edit_task, finish_task
from crm.wall_clock import instant, on_the_wall

MOSCOW, BERLIN, NEW_YORK = (ZoneInfo(name) for name in ("Europe/Moscow", "Europe/Berlin", "America/New_York"))
ZONES = [MOSCOW, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe")]


def walls(first: str, repeat: str, count: int, zone: ZoneInfo = BERLIN) -> list[str]:
    """What the clock shows when it comes again, each done as soon as it is due."""
    begins = datetime.fromisoformat(first)
    due, found = instant(begins, zone), []
    for _turn in range(count):
        following = next_due(due, repeat=repeat, counted_from=begins.date(), zone=zone, now=due)
        assert following
        due = following
        found.append(f"{on_the_wall(due, zone):%Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("first", "repeat", "expected"),
    [
        ("2027-01-31 10:00", Repeat.MONTHLY, ["2027-02-28 10:00", "2027-03-31 10:00", "2027-04-30 10:00", "2027-05-31 10:00"]),
        ("2027-12-30 10:00", Repeat.MONTHLY, ["2028-01-30 10:00", "2028-02-29 10:00", "2028-03-30 10:00"]),
        ("2028-02-29 10:00", Repeat.YEARLY, ["2029-02-28 10:00", "2030-02-28 10:00", "2031-02-28 10:00", "2032-02-29 10:00"]),
        # Over both changes of clocks ten stays ten.
        ("2027-03-21 10:00", Repeat.WEEKLY, ["2027-03-28 10:00", "2027-04-04 10:00"]),
        ("2027-10-24 10:00", Repeat.WEEKLY, ["2027-10-31 10:00", "2027-11-07 10:00"]),
        # In the hour that isn't there it comes an hour later, that day alone.
        ("2027-03-27 02:30", Repeat.DAILY, ["2027-03-28 03:30", "2027-03-29 03:30"]),
        ("2027-03-25 09:00", Repeat.WEEKDAYS, ["2027-03-26 09:00", "2027-03-29 09:00", "2027-03-30 09:00"]),
        ("2027-03-27 09:00", Repeat.WEEKDAYS, ["2027-03-29 09:00"]),
    ],
)
def test_it_follows_the_calendar(first: str, repeat: str, expected: list[str]) -> None:
    assert walls(first, repeat, len(expected)) == expected


@given(
    day=st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    at=st.times(),
    repeat=st.sampled_from(Repeat.values),
    zone=st.sampled_from(ZONES),
    late=st.integers(-40 * 24, 900 * 24),
    ends=st.none() | st.integers(0, 1500),
)
def test_the_next_is_the_first_that_lies_ahead(day: date, at: time, repeat: str, zone: ZoneInfo, late: int, ends: int | None) -> None:
    at = at.replace(second=0, microsecond=0)
    due = instant(datetime.combine(day, at), zone)
    now, until = due + timedelta(hours=late), None if ends is None else day + timedelta(days=ends)
    clock = on_the_wall(due, zone).time()

    def belongs(candidate: date) -> bool:
        last = monthrange(candidate.year, candidate.month)[1]
        return {
            Repeat.DAILY: True,
            Repeat.WEEKDAYS: candidate.weekday() < 5,
            Repeat.WEEKLY: (candidate - day).days % 7 == 0,
            Repeat.MONTHLY: candidate.day == min(day.day, last),
            Repeat.YEARLY: candidate.month == day.month and candidate.day == min(day.day, last),
        }[Repeat(repeat)]

    candidate, expected = max(day, on_the_wall(now, zone).date() - timedelta(days=1)), None
    while expected is None and (until is None or candidate <= until):
        moment = instant(datetime.combine(candidate, clock), zone)
        if belongs(candidate) and moment > max(due, now):
            expected = moment
        candidate += timedelta(days=1)
    assert next_due(due, repeat=repeat, counted_from=day, zone=zone, now=now, until=until) == expected


@pytest.mark.django_db
def test_done_early_or_late_it_comes_at_its_own_time_and_ends_with_its_last_day(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(time_zone="Europe/Berlin")
    anna.refresh_from_db()
    first = instant(datetime(2027, 1, 31, 10), BERLIN)
    with time_machine.travel(first - timedelta(days=20), tick=False):
        task = add_task(title="Report", due_at=first, by=anna, repeat=Repeat.MONTHLY, repeat_until=date(2027, 5, 30))
        finish_task(task_id=task.pk, by=anna)  # three weeks early
    february = Task.objects.get(previous=task)
    assert on_the_wall(february.due_at, BERLIN) == datetime(2027, 2, 28, 10)
    with time_machine.travel(instant(datetime(2027, 4, 2, 9), BERLIN), tick=False):
        finish_task(task_id=february.pk, by=anna)  # five weeks late: March has passed
    april = Task.objects.get(previous=february)
    assert on_the_wall(april.due_at, BERLIN) == datetime(2027, 4, 30, 10)
    with time_machine.travel(april.due_at, tick=False):
        finish_task(task_id=april.pk, by=anna)
    assert not Task.objects.filter(previous=april).exists()  # the 31st of May lies behind its end
    # Ticking back takes what it called for away again, and once more brings it again, once.
    with time_machine.travel(first - timedelta(days=20), tick=False):
        other = add_task(title="Call", due_at=first, by=anna, repeat=Repeat.WEEKLY)
        for done in (True, True, False, True):
            finish_task(task_id=other.pk, by=anna, done=done)
    assert Task.objects.filter(title="Call").count() == 2


@pytest.mark.django_db
def test_a_day_set_by_hand_is_counted_from(anna: User) -> None:
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC), tick=False):
        task = add_task(title="Report", due_at=instant(datetime(2027, 1, 31, 10), MOSCOW), by=anna, repeat=Repeat.MONTHLY)
        edit_task(task_id=task.pk, by=anna, due_at=instant(datetime(2027, 1, 15, 10), MOSCOW))
        finish_task(task_id=task.pk, by=anna)
    assert on_the_wall(Task.objects.get(previous=task).due_at, MOSCOW) == datetime(2027, 2, 15, 10)


@pytest.mark.django_db
def test_when_the_organisation_moves_so_do_those_without_a_zone_of_their_own(anna: User, boris: User, admin: User) -> None:
    Organisation.objects.create(id=1, time_zone="Europe/Moscow")
    User.objects.filter(pk=boris.pk).update(time_zone="Europe/Moscow")
    boris.refresh_from_db()
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC), tick=False):
        ten = instant(datetime(2027, 1, 15, 10), MOSCOW)
        hers, his = (add_task(title="Call", due_at=ten, by=user, remind=30) for user in (anna, boris))
        overdue = add_task(title="Late", due_at=datetime(2026, 12, 31, tzinfo=UTC), by=anna)
        edit_organisation(changes={"time_zone": "America/New_York"}, by=admin)
    for task in (hers, his, overdue):
        task.refresh_from_db()
    assert on_the_wall(hers.due_at, NEW_YORK) == datetime(2027, 1, 15, 10)
    assert (his.due_at, overdue.due_at) == (ten, datetime(2026, 12, 31, tzinfo=UTC))
    assert Reminder.objects.get(task=hers).due_at == hers.due_at - timedelta(minutes=30)
    assert Reminder.objects.get(task=his).due_at == ten - timedelta(minutes=30)
