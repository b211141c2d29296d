"""Writing notes and tasks about a record that the writer sees."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, records, rules
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Note, Task, User

UNDO_SECONDS = 15 * 60


class _Parcel(NamedTuple):
    """A deleted row: its id, and all of it sealed."""

    pk: int
    seal: str


def add_note(*, record: str, record_id: int, body: str, by: User) -> Note:
    """Write a note; Http404 where the record isn't seen, Refused for an empty or endless one."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        note = Note(record=record, record_id=record_id, body=body.strip(), author=by)
        clean(note)
        note.save()
        events.record("note.added", record=record, record_id=record_id, by=by, note=note.pk)
    return note


def delete_note(*, note_id: int, by: User) -> str:
    """Take back an own note (an admin: any); it is gone, and the answer is what brings it back."""
    with transaction.atomic():
        note = _visible(Note, note_id, by)
        if not (by.is_admin or note.author_id == by.pk):
            raise Refused(_("Only its author or an admin can delete a note."))
        parcel = _pack(note, by)
        note.delete()
        events.record("note.deleted", record=note.record, record_id=note.record_id, by=by, note=parcel.pk)
    return parcel.seal


def restore_note(*, seal: str, by: User) -> Note:
    """Bring back what `delete_note` took, as it was; twice is once."""
    with transaction.atomic():
        note, is_new = _unpack(Note, seal, by)
        if is_new:
            events.record("note.restored", record=note.record, record_id=note.record_id, by=by, note=note.pk)
    return note


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
        parcel = _pack(task, by)
        Task.objects.filter(pk=task.pk).delete()
        _tell("task.deleted", task, by, origin)
    return parcel.seal


def restore_task(*, seal: str, by: User, origin: str = "") -> Task:
    """Bring back what `delete_task` dropped, as it was; twice is once."""
    with transaction.atomic():
        task, is_new = _unpack(Task, seal, by)
        if is_new:
            _tell("task.restored", task, by, origin)
    return task


def find_task(*, task_id: int, by: User) -> Task:
    """One task, if this person may see it; else Http404."""
    return _visible(Task, task_id, by)


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


def _pack(row: Note | Task, by: User) -> _Parcel:
    """The whole row under the server's seal: nothing of what was deleted stays with us, and only its deleter can bring it back."""
    values = {field.attname: field.value_to_string(row) for field in row._meta.concrete_fields if getattr(row, field.attname) is not None}
    return _Parcel(row.pk, signing.dumps({"by": by.pk, "values": values}, salt=row._meta.label, compress=True))


def _unpack(model: type[Any], seal: str, by: User) -> tuple[Any, bool]:
    try:
        kept = signing.loads(seal, salt=model._meta.label, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        kept = {"by": None}
    if kept["by"] != by.pk:
        raise Refused(_("This can't be brought back any more."))
    row = model(**{field: model._meta.get_field(field).to_python(value) for field, value in kept["values"].items()})
    if row.record:
        records.visible_record(row.record, row.record_id, by)
    if found := model.objects.filter(pk=row.pk).first():
        return found, False
    row.save(force_insert=True)
    return row, True


def _tell(type: str, task: Task, by: User, origin: str) -> None:
    if task.record and (refresh := records.kind_of(task.record).after_task_change):
        refresh(task.record_id, origin)
    events.record(type, record=task.record or "task", record_id=task.record_id or task.pk, by=by, task=task.pk, title=task.title)
