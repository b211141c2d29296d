"""Planning next steps, for oneself or a colleague, about a record that the planner sees or about nothing in particular."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, records, rules
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Task, User
from crm.services.parcels import pack, unpack


def add_task(
    *, title: str, due_at: datetime, by: User, record: str = "", record_id: int = 0, assignee: User | None = None, origin: str = ""
) -> Task:
    """Plan a next step, for oneself unless said otherwise; about a record, or about nothing in particular."""
    with transaction.atomic():
        if record or record_id:
            records.visible_record(record, record_id, by)
        task = Task(record=record, record_id=record_id, title=title.strip(), due_at=due_at, assignee=assignee or by, created_by=by)
        clean(task)
        task.save()
        _tell("task.added", task, by, origin)
    return task


def edit_task(*, task_id: int, by: User, origin: str = "", **changes: Any) -> Task:
    """Change title, due time or assignee."""
    with transaction.atomic():
        task = _locked_task(task_id, by)
        for field in changes:
            if field not in ("title", "due_at", "assignee"):
                raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": field})
            setattr(task, field, changes[field])
        clean(task)
        task.save()
        _tell("task.edited", task, by, origin)
    return task


def finish_task(*, task_id: int, by: User, done: bool = True, origin: str = "") -> Task:
    """Tick a task off, or take the tick back; doing it twice changes nothing."""
    with transaction.atomic():
        task = _locked_task(task_id, by)
        if task.is_done != done:
            task.done_at = timezone.now() if done else None
            task.save(update_fields=["done_at"])
            _tell("task.done" if done else "task.reopened", task, by, origin)
    return task


def delete_task(*, task_id: int, by: User, origin: str = "") -> str:
    """Drop a task; it is gone, and the answer is what brings it back."""
    with transaction.atomic():
        task = _locked_task(task_id, by)
        parcel = pack(task, by)
        Task.objects.filter(pk=task.pk).delete()
        _tell("task.deleted", task, by, origin)
    return parcel.seal


def restore_task(*, seal: str, by: User, origin: str = "") -> Task:
    """Bring back what `delete_task` dropped, as it was; twice is once."""
    with transaction.atomic():
        task, is_new = unpack(Task, seal, by)
        if is_new:
            _tell("task.restored", task, by, origin)
    return task


def find_task(*, task_id: int, by: User) -> Task:
    """One task, if this person may see it; else Http404."""
    found = Task.objects.filter(pk=task_id).first()
    own = found is not None and by.pk in (found.assignee_id, found.created_by_id)
    if found is not None and found.record and not own:
        records.visible_record(found.record, found.record_id, by)
    elif found is None or not (own or by.is_admin):
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return found


def visible_tasks(user: User) -> Any:
    """Own tasks, and those about records the person sees."""
    seen = Q(assignee=user) | Q(created_by=user)
    for key in records.registered():
        seen |= Q(record=key, record_id__in=records.kind_of(key).visible_to(user).values("pk"))
    return Task.objects.all() if user.is_admin else Task.objects.filter(seen)


def _locked_task(task_id: int, by: User) -> Task:
    task = find_task(task_id=task_id, by=by)
    rules.require(by, "task.change", task)
    return Task.objects.select_for_update().get(pk=task.pk)  # type: ignore[return-value]


def _tell(type: str, task: Task, by: User, origin: str) -> None:
    if task.record and (refresh := records.kind_of(task.record).after_task_change):
        refresh(task.record_id, origin)
    events.record(type, record=task.record or "task", record_id=task.record_id or task.pk, by=by, task=task.pk, title=task.title)
