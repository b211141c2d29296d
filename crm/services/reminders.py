"""Reminders: planned with what they remind of, fired once by whoever ticks first."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from crm.models import Meeting, Organisation, Reminder, ReminderState, Task, User
from crm.services.notifications import notify
from crm.wall_clock import on_the_wall, zone_of

logger = logging.getLogger(__name__)
BATCH = 200
# A reminder that comes so long after its time says that it is late; after a day it comes with the others, in one piece.
LATE, STALE = timedelta(minutes=2), timedelta(days=1)
MAX_TOLD = 20


def plan_task_reminder(task: Task) -> None:
    """Have the assignee reminded as the task now says, inside the transaction that changed it."""
    wanted = [task.assignee] if task.remind is not None and task.assignee and not task.is_done else []
    _plan(Reminder.objects.filter(task=task), Reminder(task=task), task.due_at, task.remind or 0, wanted)


def plan_meeting_reminders(meeting: Meeting) -> None:
    """Have everybody who comes reminded as the meeting now says, inside the transaction that changed it."""
    is_ahead = meeting.remind is not None and not meeting.is_cancelled and not meeting.outcome
    wanted = list(meeting.colleagues.all()) if is_ahead else []
    _plan(Reminder.objects.filter(meeting=meeting), Reminder(meeting=meeting), meeting.starts_at, meeting.remind or 0, wanted)


def _plan(known: object, blank: Reminder, starts_at: datetime, minutes: int, wanted: Iterable[User]) -> None:
    rows = {row.user_id: row for row in known.select_for_update()}  # type: ignore[attr-defined]
    organisation, now = Organisation.current(), timezone.now()
    for user in wanted:
        row = rows.pop(user.pk, None) or Reminder(
            task_id=blank.task_id, meeting_id=blank.meeting_id, user=user, state=ReminderState.CANCELLED
        )
        _set(row, starts_at, minutes, zone_of(user, organisation), now)
    for row in rows.values():
        if row.state == ReminderState.PENDING:
            row.state, row.generation = ReminderState.CANCELLED, row.generation + 1
            row.save(update_fields=["state", "generation"])


def _set(row: Reminder, starts_at: datetime, minutes: int, zone: ZoneInfo, now: datetime) -> None:
    """Remind so many minutes before; where that has passed already, when it begins; where that has too, not at all.

    What has been told stays told as long as its time is the same, whatever else was changed.
    """
    planned = starts_at - timedelta(minutes=minutes)
    is_same = row.zone and on_the_wall(planned, ZoneInfo(row.zone)) == row.local_time
    due_at = planned if planned > now else starts_at
    state = ReminderState.PENDING if due_at > now else ReminderState.CANCELLED
    if row.state == ReminderState.FIRED and is_same:
        due_at, state = row.due_at, ReminderState.FIRED
    if row.pk and (row.due_at, row.state) != (due_at, state):
        row.generation += 1
    row.local_time, row.zone, row.due_at, row.state = on_the_wall(planned, zone), zone.key, due_at, state
    if state != ReminderState.FIRED:
        row.fired_at, row.is_late = None, False
    row.save()


def fire_due_reminders(*, now: datetime) -> int:
    """Tell everybody whose reminder is due; how many were told.

    Rows are claimed by their state, so that nothing is missed however long nobody ticked, and each is claimed by one
    tick alone; its notification commits together with its state, so that it is told exactly once.
    """
    fired = 0
    while told := _fire_some(now):
        fired += told
    stale = Reminder.objects.filter(state=ReminderState.PENDING, due_at__lte=now - STALE)
    for user_id in stale.order_by().values_list("user", flat=True).distinct():
        fired += _fire_stale(user_id, now)
    return fired


def _fire_some(now: datetime) -> int:
    with transaction.atomic():
        due = Reminder.objects.filter(state=ReminderState.PENDING, due_at__lte=now, due_at__gt=now - STALE)
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",)).select_related("task", "meeting", "user").order_by("due_at", "id")[:BATCH]
        )
        for row in rows:
            _fire(row, now)
    return len(rows)


def _fire(row: Reminder, now: datetime) -> None:
    if not _still_holds(row):
        row.state = ReminderState.CANCELLED
        row.save(update_fields=["state"])
        return
    row.state, row.fired_at, row.is_late = ReminderState.FIRED, now, now - row.due_at > LATE
    row.save(update_fields=["state", "fired_at", "is_late"])
    late = {"late_since": row.due_at.isoformat()} if row.is_late else {}
    thing = row.task or row.meeting
    assert thing is not None
    notify(
        user=row.user,
        kind="task.reminder" if row.task else "meeting.reminder",
        key=f"reminder:{row.pk}:{row.generation}",
        record="task" if row.task else "meeting",
        record_id=thing.pk,
        by_mail=True,
        **_words(row),
        **late,
    )


def _fire_stale(user_id: int, now: datetime) -> int:
    """All that is over a day late for one person in one piece; the lock on the person keeps two ticks from making two."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=user_id).first()
        if user is None:
            return 0
        due = Reminder.objects.filter(user=user, state=ReminderState.PENDING, due_at__lte=now - STALE)
        rows = list(due.select_for_update(of=("self",)).select_related("task", "meeting", "user").order_by("due_at", "id"))
        held = [row for row in rows if _still_holds(row)]
        for row in rows:
            row.state, row.fired_at, row.is_late = (
                (ReminderState.FIRED, now, True) if row in held else (ReminderState.CANCELLED, None, False)
            )
        Reminder.objects.bulk_update(rows, ["state", "fired_at", "is_late"], batch_size=500)
        if held:
            items = [_words(row) for row in held[:MAX_TOLD]]
            notify(
                user=user,
                kind="reminder.digest",
                key=f"digest:{held[0].pk}:{held[0].generation}",
                by_mail=True,
                items=items,
                count=len(held),
            )
    return len(held)


def _still_holds(row: Reminder) -> bool:
    """Whoever changed it past the services (a mass update, somebody who left) must not be reminded of it."""
    if not row.user.is_active:
        return False
    if row.task:
        return not row.task.is_done and row.task.assignee_id == row.user_id
    return bool(row.meeting and not row.meeting.is_cancelled and not row.meeting.outcome)


def _words(row: Reminder) -> dict[str, str]:
    if row.task:
        return {"title": row.task.title, "at": row.task.due_at.isoformat(), "zone": row.zone}
    assert row.meeting is not None
    return {"title": row.meeting.title, "at": row.meeting.starts_at.isoformat(), "zone": row.zone, "place": row.meeting.place}
