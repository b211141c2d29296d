"""Putting something off in one's own day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from crm import records
from crm.models import Snooze, Task, User
from crm.services.tasks import edit_task, find_task


def snooze(*, record: str, record_id: int, until: datetime, by: User) -> Snooze:
    """Hide a record from one's own day until then; Http404 where it isn't seen. Nobody else's day changes, so no event tells of it."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        now = timezone.now()
        Snooze.objects.filter(user=by, until__lt=now).delete()  # nobody else ever sweeps them
        found, _is_new = Snooze.objects.update_or_create(
            user=by, record=record, record_id=record_id, defaults={"until": until, "since": now}
        )
    return found


def put_off_whole(*, task_id: int, day: date, by: User, zone: ZoneInfo, origin: str = "") -> dict[int, datetime]:
    """Put a task off to a day at its own time, with what else the same person has due about the record before that, and the record itself
    in one's own day. Answers when each was due."""
    with transaction.atomic():
        task = find_task(task_id=task_id, by=by)
        begins = datetime.combine(day, time(), tzinfo=zone)
        also = (
            Task.objects.about(task.record, task.record_id)
            .open()
            .filter(assignee=task.assignee_id, due_at__lt=min(begins, _tomorrow(zone)))
        )
        tasks = [task, *(also.exclude(pk=task.pk) if task.record else ())]
        for each in tasks:
            due = datetime.combine(day, each.due_at.astimezone(zone).time(), tzinfo=zone)
            edit_task(task_id=each.pk, by=by, due_at=due.astimezone(UTC), origin=origin)
        if task.record and records.kind_of(task.record).visible_to(by).filter(pk=task.record_id).exists():
            snooze(record=task.record, record_id=task.record_id, until=begins, by=by)
    return {each.pk: each.due_at for each in tasks}


def bring_back(*, due: dict[int, datetime], by: User, origin: str = "") -> None:
    """Take `put_off_whole` back: the tasks are due as they were, and their record is shown."""
    with transaction.atomic():
        for task_id, due_at in due.items():
            task = edit_task(task_id=task_id, by=by, due_at=due_at, origin=origin)
            if task.record:
                wake(record=task.record, record_id=task.record_id, by=by)


def _tomorrow(zone: ZoneInfo) -> datetime:
    return datetime.combine(timezone.now().astimezone(zone).date() + timedelta(days=1), time(), tzinfo=zone)


def wake(*, record: str, record_id: int, by: User) -> None:
    """Show it again; twice is once."""
    records.kind_of(record)
    Snooze.objects.filter(user=by, record=record, record_id=record_id).delete()
