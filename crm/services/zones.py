"""What follows when the clock that people live by is set to another zone: tasks keep their time of day, meetings their moment."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from crm import records
from crm.models import Meeting, Task, User
from crm.services.reminders import plan_meeting_reminders, plan_task_reminder
from crm.wall_clock import instant, on_the_wall

CHUNK = 500


def follow_own_zone(user: User, before: ZoneInfo, after: ZoneInfo) -> None:
    """One person lives by another clock: what was to be done at ten is to be done at ten there."""
    about = {(task.record, task.record_id) for task in _move_tasks(Q(assignee=user), before, after)}
    for record, record_id in sorted(about):
        if record and (refresh := records.kind_of(record).after_task_change):
            refresh(record_id, "")
    _plan_again(Q(attendances__user=user))


def follow_organisation(before: ZoneInfo, after: ZoneInfo) -> None:
    """The organisation lives by another clock, and so does everybody without a zone of their own; days of next steps stay the same."""
    for _task in _move_tasks(Q(assignee__time_zone="") | Q(assignee=None), before, after):
        pass
    _plan_again(Q(attendances__user__time_zone=""))


def _move_tasks(whose: Q, before: ZoneInfo, after: ZoneInfo) -> Iterator[Task]:
    """Open ones that lie ahead; what is overdue was due when it was."""
    ahead = Task.objects.open().filter(whose, due_at__gt=timezone.now())
    tasks = ahead.select_for_update(of=("self",)).order_by("id")
    ids = list(tasks.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        chunk = list(Task.objects.filter(pk__in=ids[start : start + CHUNK]).select_related("assignee").order_by("id"))
        for task in chunk:
            task.due_at = instant(on_the_wall(task.due_at, before), after)
        Task.objects.bulk_update(chunk, ["due_at"])
        for task in chunk:
            if task.remind is not None:
                plan_task_reminder(task)
        yield from chunk


def _plan_again(whose: Q) -> None:
    """Reminders of meetings keep their moment; only the clock on which they are shown is another."""
    for meeting in Meeting.objects.standing().filter(whose, starts_at__gt=timezone.now(), remind__isnull=False).order_by("id").distinct():
        plan_meeting_reminders(meeting)
