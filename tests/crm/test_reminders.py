"""Reminders fire once, at the right minute, whatever the clocks do and whoever dies; letters keep their Message-ID."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg2
import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from config.processes import Child, wait_until
from crm.models import Letter, LetterState, Meeting, Notification, Organisation, Reminder, ReminderState, Task, User
from crm.notices import notice_of
from crm.queries.notifications import notifications_of
from crm.services.letters import LEASE, send_due_letters
from crm.services.meetings import cancel_meeting, close_meeting, edit_meeting, plan_meeting
from crm.services.people import edit_profile, switch_account
from crm.services.reminders import fire_due_reminders
from crm.services.tasks import add_task, delete_task, edit_task, finish_task, restore_task
from crm.wall_clock import instant
from tests.browser import ROOT, _database_url
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # noon in Moscow, where the organisation is
# What the clock on the wall says, and when that is: gaps are read by the offset before them, of a repeated hour the first is meant.
WALL_CLOCKS = [
    # An ordinary day on both sides of the change.
    ("Europe/Berlin", "2027-03-27 09:00", "2027-03-27 08:00"),
    ("Europe/Berlin", "2027-03-28 09:00", "2027-03-28 07:00"),
    # 02:00 becomes 03:00.
    ("Europe/Berlin", "2027-03-28 01:59", "2027-03-28 00:59"),
    ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:30"),
    ("Europe/Berlin", "2027-03-28 03:00", "2027-03-28 01:00"),
    # 03:00 becomes 02:00.
    ("Europe/Berlin", "2027-10-31 02:30", "2027-10-31 00:30"),
    ("Europe/Berlin", "2027-10-31 03:00", "2027-10-31 02:00"),
    ("America/New_York", "2027-03-14 02:30", "2027-03-14 07:30"),
    ("America/New_York", "2027-11-07 01:30", "2027-11-07 05:30"),
    ("America/New_York", "2027-11-07 02:00", "2027-11-07 07:00"),
    # Changes on a Saturday at two in the morning.
    ("Asia/Gaza", "2027-03-27 02:30", "2027-03-27 00:30"),
    ("Asia/Gaza", "2027-10-30 01:30", "2027-10-29 22:30"),
    # Half an hour only.
    ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45"),
    ("Australia/Lord_Howe", "2027-04-04 02:00", "2027-04-03 15:30"),
    ("Australia/Lord_Howe", "2027-10-03 02:15", "2027-10-02 15:45"),
    ("Australia/Lord_Howe", "2027-10-03 02:30", "2027-10-02 15:30"),
]


def tick(at: datetime) -> int:
    """The beat ticks at that instant."""
    with time_machine.travel(at, tick=False):
        return fire_due_reminders(now=timezone.now())


def told(user: User) -> list[str]:
    return [item.text for item in notifications_of(user)]


@pytest.mark.parametrize(("zone", "wall", "utc"), WALL_CLOCKS)
def test_the_wall_clock_of_a_place_and_the_instant(anna: User, zone: str, wall: str, utc: str) -> None:
    due = instant(datetime.fromisoformat(wall), ZoneInfo(zone))
    assert due == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    User.objects.filter(pk=anna.pk).update(time_zone=zone)
    anna.refresh_from_db()
    task = add_task(title="Call", due_at=due, by=anna, remind=0)
    assert Reminder.objects.get(task=task).due_at == due
    assert tick(due - timedelta(seconds=1)) == 0
    assert tick(due) == 1
    assert tick(due + timedelta(hours=2)) == 0
    assert Notification.objects.count() == 1


@pytest.mark.parametrize(("zone", "first_hour_again"), [("Europe/Berlin", "2027-10-31 01:10"), ("America/New_York", "2027-11-07 06:10")])
def test_a_quarter_of_an_hour_before_is_so_in_a_repeated_hour_too(anna: User, zone: str, first_hour_again: str) -> None:
    """Its second half can't be told from the first by the wall, but an instant can."""
    User.objects.filter(pk=anna.pk).update(time_zone=zone)
    anna.refresh_from_db()
    due = datetime.fromisoformat(first_hour_again).replace(tzinfo=UTC)
    add_task(title="Call", due_at=due, by=anna, remind=15)
    assert Reminder.objects.get().due_at == due - timedelta(minutes=15)


def test_it_comes_so_many_minutes_before_or_when_it_begins_or_not_at_all(anna: User) -> None:
    with time_machine.travel(NOON, tick=False):
        soon = add_task(title="Soon", due_at=NOON + timedelta(minutes=5), by=anna, remind=15)
        later = add_task(title="Later", due_at=NOON + timedelta(hours=5), by=anna, remind=60)
        past = add_task(title="Past", due_at=NOON - timedelta(hours=1), by=anna, remind=0)
        add_task(title="Never", due_at=NOON + timedelta(hours=1), by=anna)
    assert Reminder.objects.get(task=soon).due_at == soon.due_at
    assert Reminder.objects.get(task=later).due_at == NOON + timedelta(hours=4)
    assert Reminder.objects.get(task=past).state == ReminderState.CANCELLED
    assert Reminder.objects.count() == 3
    assert f"{Reminder.objects.get(task=later).local_time:%H:%M}" == "16:00"


def test_a_changed_one_fires_anew_and_an_unchanged_one_does_not(anna: User) -> None:
    with time_machine.travel(NOON, tick=False):
        task = add_task(title="Call", due_at=NOON + timedelta(hours=1), by=anna, remind=0)
    assert tick(NOON + timedelta(hours=1)) == 1
    with time_machine.travel(NOON + timedelta(hours=1, minutes=1), tick=False):
        edit_task(task_id=task.pk, by=anna, title="Call Vektor")
    assert tick(NOON + timedelta(hours=1, minutes=2)) == 0
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        edit_task(task_id=task.pk, by=anna, due_at=NOON + timedelta(hours=3))
    assert tick(NOON + timedelta(hours=2, minutes=59)) == 0
    assert tick(NOON + timedelta(hours=3)) == 1
    assert Notification.objects.count() == 2
    assert Reminder.objects.get().generation == 2


def test_what_is_done_dropped_given_away_or_left_reminds_nobody_of_it(anna: User, boris: User, admin: User) -> None:
    with time_machine.travel(NOON, tick=False):
        due = NOON + timedelta(hours=1)
        done, dropped, given, kept, left = (add_task(title=title, due_at=due, by=anna, remind=0) for title in "12345")
        finish_task(task_id=done.pk, by=anna)
        seal = delete_task(task_id=dropped.pk, by=anna)
        edit_task(task_id=given.pk, by=anna, assignee=boris)
        finish_task(task_id=kept.pk, by=anna)
        finish_task(task_id=kept.pk, by=anna, done=False)
        Task.objects.filter(pk=left.pk).update(done_at=NOON)  # past the services
    assert tick(due) == 3  # claimed: given, kept and the one that was ticked off behind our back
    assert {(row.user, row.words["title"]) for row in Notification.objects.filter(kind="task.reminder")} == {(boris, "3"), (anna, "4")}
    with time_machine.travel(NOON + timedelta(minutes=10), tick=False):
        restore_task(seal=seal, by=anna)
        switch_account(user=anna, is_active=False, by=admin)
    tick(due + timedelta(minutes=1))
    assert Notification.objects.filter(user=anna, kind="task.reminder").count() == 1


def test_a_missed_one_says_that_it_is_late_and_old_ones_come_in_one_piece(anna: User, boris: User) -> None:
    with time_machine.travel(NOON, tick=False):
        for hours in (1, 2, 3):
            add_task(title=f"Old {hours}", due_at=NOON + timedelta(hours=hours), by=anna, remind=0)
        add_task(title="Missed", due_at=NOON + timedelta(days=2), by=anna, remind=0)
        add_task(title="His", due_at=NOON + timedelta(days=2, hours=1), by=boris, remind=0)
    back = NOON + timedelta(days=2, hours=1, seconds=30)  # the system was down for two days
    assert tick(back) == 5
    assert tick(back) == 0
    with time_machine.travel(back, tick=False):
        assert told(anna) == [
            "3 reminders are more than a day late: Old 1, Old 2, Old 3",
            "Late reminder: Missed, today 12:00. It should have come today 12:00.",
        ]
        assert told(boris) == ["His, today 13:00"]
    assert Reminder.objects.filter(state=ReminderState.FIRED, is_late=True).count() == 4
    assert Letter.objects.count() == 3


def test_everybody_who_comes_is_reminded_by_the_own_clock(anna: User, boris: User, clara: User) -> None:
    User.objects.filter(pk=boris.pk).update(time_zone="Asia/Vladivostok")
    boris.refresh_from_db()
    starts = NOON + timedelta(hours=3)
    with time_machine.travel(NOON, tick=False):
        meeting = plan_meeting(
            title="Demo", starts_at=starts, ends_at=starts + timedelta(hours=1), by=anna, colleagues=[anna, boris, clara], place="Room 5"
        )
        edit_meeting(meeting_id=meeting.pk, by=anna, colleagues=[anna, boris])
    assert {f"{row.user.name} {row.local_time:%H:%M}" for row in Reminder.objects.filter(state="pending")} == {
        "Anna Arlova 14:45",
        "Boris Belov 21:45",
    }
    assert tick(starts - timedelta(minutes=15)) == 2
    with time_machine.travel(starts - timedelta(minutes=15), tick=False):
        assert told(anna) == ["Demo, today 15:00"]
        assert told(boris) == ["Demo, today 22:00", "Anna Arlova invites you: Demo, today 22:00"]
        edit_meeting(meeting_id=meeting.pk, by=boris, starts_at=starts + timedelta(hours=1), ends_at=starts + timedelta(hours=2))
        assert told(anna)[0] == "Boris Belov moved Demo to today 16:00"
        cancel_meeting(meeting_id=meeting.pk, by=anna)
        assert told(boris)[0] == "Anna Arlova called off Demo, today 23:00"
    assert tick(starts + timedelta(minutes=45)) == 0
    with time_machine.travel(starts + timedelta(minutes=30), tick=False):
        cancel_meeting(meeting_id=meeting.pk, by=anna, cancelled=False)
    assert tick(starts + timedelta(minutes=45)) == 2
    with time_machine.travel(starts + timedelta(hours=3), tick=False):
        close_meeting(meeting_id=meeting.pk, outcome="held", note="They want it", by=anna)
    assert Meeting.objects.get().outcome == "held"


def test_in_another_zone_tasks_keep_their_time_of_day_and_meetings_their_moment(anna: User) -> None:
    Organisation.objects.create(id=1, time_zone="Europe/Berlin")
    with time_machine.travel(NOON, tick=False):
        task = add_task(title="Call", due_at=datetime(2027, 3, 28, 8, 30, tzinfo=UTC), by=anna, remind=30)
        past = add_task(title="Past", due_at=NOON - timedelta(days=1), by=anna, remind=30)
        starts = NOON + timedelta(days=1)
        plan_meeting(title="Demo", starts_at=starts, ends_at=starts + timedelta(hours=1), by=anna)
        edit_profile(changes={"time_zone": "America/New_York"}, by=anna)
    task.refresh_from_db()
    assert task.due_at == datetime(2027, 3, 28, 14, 30, tzinfo=UTC)  # 10:30 there as it was here
    past_due = past.due_at
    past.refresh_from_db()
    assert past.due_at == past_due
    moved = Reminder.objects.get(task=task)
    assert (moved.due_at, moved.zone, f"{moved.local_time:%H:%M}") == (task.due_at - timedelta(minutes=30), "America/New_York", "10:00")
    at_meeting = Reminder.objects.exclude(meeting=None).get()
    assert (at_meeting.due_at, at_meeting.generation) == (starts - timedelta(minutes=15), 1)
    assert tick(NOON + timedelta(days=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_tell_each_thing_once(anna: User, boris: User) -> None:
    with time_machine.travel(NOON, tick=False):
        for turn in range(30):
            add_task(title=f"New {turn}", due_at=NOON + timedelta(days=3), by=anna, remind=0)
            add_task(title=f"Old {turn}", due_at=NOON + timedelta(hours=1), by=boris, remind=0)

    def one(_turn: int) -> int:
        try:
            return fire_due_reminders(now=NOON + timedelta(days=3, seconds=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 60
    assert Notification.objects.filter(user=anna).count() == 30
    assert Notification.objects.filter(user=boris).count() == 1
    assert Letter.objects.count() == 31


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with (
        server.running(),
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=server.port, EMAIL_TIMEOUT=5
        ),
    ):
        yield server


@pytest.fixture
def worker(mail_server: MailServer, transactional_db: None) -> Iterator[Callable[[], Child]]:
    """Starts the product's own worker, on the test database."""
    workers: list[Child] = []

    def start() -> Child:
        environment = os.environ | {
            "DATABASE_URL": _database_url(connection.settings_dict["NAME"]),
            "REDIS_URL": settings.REDIS_URL,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        program = "import django; django.setup(); from crm import tasks; tasks.fire_reminders(); tasks.send_letters()"
        command = [sys.executable, "-c", program]
        child = Child("worker", command, environment=environment, folder=ROOT, log=lambda _, line: print(line))
        child.start()
        workers.append(child)
        return child

    yield start
    for child in workers:
        child.stop()


def kill(child: Child) -> None:
    assert child.process is not None
    child.process.kill()
    child.process.wait()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_tells_leaves_it_to_the_next(anna: User, worker: Callable[[], Child], mail_server: MailServer) -> None:
    task = add_task(title="Call", due_at=timezone.now() + timedelta(days=1), by=anna, remind=0)
    Reminder.objects.filter(task=task).update(due_at=timezone.now())
    beside = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    with beside.cursor() as cursor:
        cursor.execute("LOCK TABLE crm_letter IN EXCLUSIVE MODE")  # the notification is written, its letter isn't
    first = worker()
    try:
        assert wait_until(waits_for_a_lock, 60)
    finally:
        kill(first)
        beside.rollback()
        beside.close()
    assert wait_until(lambda: not waits_for_a_lock(), 10)
    assert not Notification.objects.exists()
    assert Reminder.objects.get().state == ReminderState.PENDING
    worker()
    assert wait_until(lambda: Letter.objects.filter(state=LetterState.SENT).exists(), 30)
    assert Notification.objects.count() == 1
    (letter,) = mail_server.letters
    assert letter["To"] == anna.email
    assert letter["Message-ID"] == Letter.objects.get().message_id


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_sends_sends_again_under_the_same_id(
    anna: User, worker: Callable[[], Child], mail_server: MailServer
) -> None:
    task = add_task(title="Call", due_at=timezone.now() + timedelta(days=1), by=anna, remind=0)
    Reminder.objects.filter(task=task).update(due_at=timezone.now())
    mail_server.silent.set()
    first = worker()
    assert wait_until(lambda: len(mail_server.letters) == 1, 30)
    kill(first)
    mail_server.silent.clear()
    letter = Letter.objects.get()
    assert (letter.state, letter.attempts) == (LetterState.SENDING, 1)
    assert send_due_letters() == 0  # perhaps somebody is still at it
    Letter.objects.update(next_at=timezone.now())  # the lease has run out
    assert send_due_letters() == 1
    assert [sent["Message-ID"] for sent in mail_server.letters] == [letter.message_id] * 2
    assert Letter.objects.get().state == LetterState.SENT
    assert Notification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_letter_once(anna: User, mail_server: MailServer) -> None:
    with time_machine.travel(NOON, tick=False):
        for turn in range(20):
            add_task(title=f"Call {turn}", due_at=NOON + timedelta(hours=1), by=anna, remind=0)
    tick(NOON + timedelta(hours=1))
    Letter.objects.update(next_at=timezone.now())

    def one(_turn: int) -> int:
        try:
            return send_due_letters()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(one, range(3))) == 20
    assert len({letter["Message-ID"] for letter in mail_server.letters}) == len(mail_server.letters) == 20


def test_a_letter_says_what_when_and_where_in_its_readers_language(anna: User, boris: User) -> None:
    User.objects.filter(pk=anna.pk).update(language="ru", time_zone="Europe/Berlin")
    anna.refresh_from_db()
    starts = NOON + timedelta(hours=3)
    with time_machine.travel(NOON, tick=False):
        plan_meeting(
            title="Demo\nBcc: x@y.z", starts_at=starts, ends_at=starts + timedelta(hours=1), by=anna, place="https://meet.example/1"
        )
    tick(starts - timedelta(minutes=15))
    with time_machine.travel(starts - timedelta(minutes=15), tick=False):
        assert send_due_letters() == 1
    (letter,) = mail.outbox
    assert letter.to == [anna.email]
    assert "\n" not in letter.subject
    assert "Demo Bcc: x@y.z" in letter.subject
    assert "13:00" in letter.subject
    assert "25 ноября 2026" in letter.body
    assert "https://meet.example/1" in letter.body
    assert f"{settings.BASE_URL}/meetings/{Meeting.objects.get().pk}/" in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_letter_that_fails_is_tried_again_and_one_that_nobody_takes_is_not(anna: User, mail_server: MailServer) -> None:
    with time_machine.travel(NOON, tick=False):
        add_task(title="Call", due_at=NOON + timedelta(hours=1), by=anna, remind=0)
    due = NOON + timedelta(hours=1)
    tick(due)
    mail_server.refuses = "451 later"
    with time_machine.travel(due + timedelta(seconds=1), tick=False):
        assert send_due_letters() == 0
    letter = Letter.objects.get()
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 1)
    mail_server.refuses = "550 nobody here"
    with time_machine.travel(due + LEASE, tick=False):
        assert send_due_letters() == 0
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (LetterState.FAILED, 2)
    assert "nobody here" in letter.error
    mail_server.refuses = ""
    with time_machine.travel(due + timedelta(days=1), tick=False):
        assert send_due_letters() == 0


def test_whoever_has_left_meanwhile_gets_no_letter(anna: User, admin: User) -> None:
    with time_machine.travel(NOON, tick=False):
        add_task(title="Call", due_at=NOON + timedelta(hours=1), by=anna, remind=0)
    tick(NOON + timedelta(hours=1))
    switch_account(user=anna, is_active=False, by=admin)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert send_due_letters() == 0
    assert Letter.objects.get().state == LetterState.DROPPED
    assert notice_of("unknown kind").words({}) == "Something happened"


def test_a_letter_that_can_not_be_written_holds_up_no_other(anna: User, boris: User) -> None:
    for user in (anna, boris):
        with time_machine.travel(NOON, tick=False):
            add_task(title="Call", due_at=NOON + timedelta(hours=1), by=user, remind=0)
    tick(NOON + timedelta(hours=1))
    Notification.objects.filter(user=anna).update(words={"at": "no time", "zone": "Nowhere"})
    with time_machine.travel(NOON + timedelta(hours=1, seconds=1), tick=False):
        assert send_due_letters() == 1
    assert [letter.to for letter in mail.outbox] == [[boris.email]]
    broken = Letter.objects.get(notification__user=anna)
    assert (broken.state, broken.attempts) == (LetterState.WAITING, 1)
    Letter.objects.update(attempts=10, next_at=NOON)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        send_due_letters()
    broken.refresh_from_db()
    assert broken.state == LetterState.FAILED
