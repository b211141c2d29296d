"""Writing notes and tasks about a record that the writer sees."""

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
from crm.models import Note, Task, User


def add_note(*, record: str, record_id: int, body: str, by: User) -> Note:
    """Write a note; Http404 where the record isn't seen, Refused for an empty or endless one."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        note = Note(record=record, record_id=record_id, body=body.strip(), author=by)
        clean(note)
        note.save()
        events.record("note.added", record=record, record_id=record_id, by=by, note=note.pk)
    return note


def delete_note(*, note_id: int, by: User) -> None:
    """Take back an own note (an admin: any)."""
    with transaction.atomic():
        note = _visible(Note, note_id, by)
        if not (by.is_admin or note.author_id == by.pk):
            raise Refused(_("Only its author or an admin can delete a note."))
        note.delete()
        events.record("note.deleted", record=note.record, record_id=note.record_id, by=by)


def add_task(*, title: str, due_at: datetime, by: User, record: str = "", record_id: int = 0, assignee: User | None = None) -> Task:
    """Plan a next step, for oneself unless said otherwise; about a record, or about nothing in particular."""
    with transaction.atomic():
        if record or record_id:
            records.visible_record(record, record_id, by)
        task = Task(record=record, record_id=record_id, title=title.strip(), due_at=due_at, assignee=assignee or by, created_by=by)
        clean(task)
        task.save()
        _tell("task.added", task, by)
    return task


def edit_task(*, task_id: int, by: User, **changes: Any) -> Task:
    """Change title, due time or assignee."""
    with transaction.atomic():
        task = _locked_task(task_id, by)
        for field in changes:
            if field not in ("title", "due_at", "assignee"):
                raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": field})
            setattr(task, field, changes[field])
        clean(task)
        task.save()
        _tell("task.edited", task, by)
    return task


def finish_task(*, task_id: int, by: User, done: bool = True) -> Task:
    """Tick a task off, or take the tick back; doing it twice changes nothing."""
    with transaction.atomic():
        task = _locked_task(task_id, by)
        if task.is_done != done:
            task.done_at = timezone.now() if done else None
            task.save(update_fields=["done_at"])
            _tell("task.done" if done else "task.reopened", task, by)
    return task


def visible_tasks(user: User) -> Any:
    """Own tasks, and those about records the person sees."""
    seen = Q(assignee=user) | Q(created_by=user)
    for key in records.registered():
        seen |= Q(record=key, record_id__in=records.kind_of(key).visible_to(user).values("pk"))
    return Task.objects.all() if user.is_admin else Task.objects.filter(seen)


def _locked_task(task_id: int, by: User) -> Task:
    task = _visible(Task, task_id, by)
    rules.require(by, "task.change", task)
    return Task.objects.select_for_update().get(pk=task.pk)  # type: ignore[return-value]


def _visible(model: type[Any], pk: int, by: User) -> Any:
    found = model.objects.filter(pk=pk).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    own = isinstance(found, Task) and by.pk in (found.assignee_id, found.created_by_id)
    if not own and found.record:
        records.visible_record(found.record, found.record_id, by)
    elif not own and not by.is_admin:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return found


def _tell(type: str, task: Task, by: User) -> None:
    if task.record and (refresh := records.kind_of(task.record).after_task_change):
        refresh(task.record_id)
    events.record(type, record=task.record or "task", record_id=task.record_id or task.pk, by=by, task=task.pk, title=task.title)
