"""Planning next steps, for oneself or a colleague, about a record that the planner sees or about nothing in particular."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, records, rules
from crm.cleaning import clean
from crm.errors import Refused
from crm.marks import require_mark
from crm.models import Event, Task, User
from crm.repeats import next_due
from crm.services.notifications import notify
from crm.services.parcels import pack, unpack
from crm.services.put_back import put_back
from crm.services.reminders import plan_task_reminder
from crm.wall_clock import on_the_wall, require_thinkable, zone_of
from crm.when import END_OF_DAY

COPIED = ("title", "assignee_id", "priority", "note", "remind", "repeat", "repeat_until")
EDITABLE = ("title", "due_at", "assignee", "priority", "note", "remind", "repeat", "repeat_until")


def add_task(
    *,
    title: str,
    due_at: datetime,
    by: User,
    record: str = "",
    record_id: int = 0,
    assignee: User | None = None,
    origin: str = "",
    **details: Any,
) -> Task:
    """Plan a next step, for oneself unless said otherwise; about a record, or about nothing in particular."""
    with transaction.atomic():
        if record or record_id:
            records.visible_record(record, record_id, by)
        task = Task(record=record, record_id=record_id, title=title.strip(), due_at=due_at, assignee=assignee or by, created_by=by)
        _change(task, details)
        task.save()
        event = _tell("task.added", task, by, origin)
        plan_task_reminder(task)
        _hand_over(task, by, event)
    return task


def edit_task(*, task_id: int, by: User, origin: str = "", mark: str = "", **changes: Any) -> Task:
    """Change what `EDITABLE` names; whoever gets it from somebody else is told. `mark` of an older state: Changed (412)."""
    with transaction.atomic():
        task = _locked_task(task_id, by)
        require_mark(task, EDITABLE, mark)
        assignee = task.assignee_id
        _change(task, changes)
        task.save()
        event = _tell("task.edited", task, by, origin)
        plan_task_reminder(task)
        if task.assignee_id != assignee:
            _hand_over(task, by, event)
    return task


def put_off(*, task_id: int, days: int, by: User, origin: str = "") -> Task:
    """Have it due so many days from today at its own time of day; today at a time that has passed means some time today."""
    zone, now = zone_of(by), timezone.now()
    before = find_task(task_id=task_id, by=by).due_at.astimezone(zone)
    due = datetime.combine(now.astimezone(zone).date() + timedelta(days), before.time(), tzinfo=zone)
    due = due if due > now else datetime.combine(due.date(), END_OF_DAY, tzinfo=zone)
    return edit_task(task_id=task_id, by=by, due_at=due.astimezone(UTC), origin=origin)


def return_task(*, task_id: int, before: dict[str, Any], after: dict[str, Any], by: User) -> list[str]:
    """Give a task back what a change of many took, also by whoever gave it away by that; what stays and why, in words."""
    with transaction.atomic():
        task = Task.objects.select_for_update().filter(pk=task_id).first()
        if task is None:
            raise Http404(_("This record doesn't exist, or you may not see it."))
        changed, kept = put_back(task, before, after)
        if changed:
            task.save()
            _tell("task.edited", task, by, "")
            plan_task_reminder(task)
    return kept


def finish_task(*, task_id: int, by: User, done: bool = True, origin: str = "") -> Task:
    """Tick a task off, or take the tick back; doing it twice changes nothing. One that repeats calls for its next."""
    with transaction.atomic():
        task = _locked_task(task_id, by)
        if task.is_done != done:
            task.done_at = timezone.now() if done else None
            task.save(update_fields=["done_at"])
            plan_task_reminder(task)
            if task.repeat:
                (_begin_next if done else _take_back_next)(task)
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
            plan_task_reminder(task)
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


def _locked_task(task_id: int, by: User) -> Task:
    task = find_task(task_id=task_id, by=by)
    rules.require(by, "task.change", task)
    return Task.objects.select_for_update().get(pk=task.pk)  # type: ignore[return-value]


def _change(task: Task, changes: dict[str, Any]) -> None:
    """Set the fields, as far as people may."""
    if unknown := set(changes) - set(EDITABLE):
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    due_at = changes.get("due_at", task.due_at)
    if task.pk is None or due_at != task.due_at:
        require_thinkable(due_at)
    if due_at != task.due_at or ("repeat" in changes and changes["repeat"] != task.repeat):
        task.repeat_from = None  # set by hand: from now on it counts from there
    for field, value in changes.items():
        setattr(task, field, value.strip() if isinstance(value, str) else value)
    if task.assignee is not None and not task.assignee.is_active and "assignee" in changes:
        raise Refused(_("%(people)s can't take it: the account is switched off.") % {"people": task.assignee})
    if not task.repeat:
        task.repeat_until = task.repeat_from = None
    elif task.repeat_from is None:
        task.repeat_from = on_the_wall(task.due_at, zone_of(task.assignee)).date()
    clean(task)
    if task.repeat_until and task.repeat_from and task.repeat_until < task.repeat_from:
        raise Refused(_("The repetition ends before it begins."))


def _begin_next(task: Task) -> None:
    """The next of a repeated task; the lock on the one that is done, and that each has one next, make it one."""
    if Task.objects.filter(previous=task).exists():
        return
    due = _next_due(task, timezone.now())
    if due is None:
        return
    kept = {name: getattr(task, name) for name in ("record", "record_id", "created_by_id", *COPIED)}
    following = Task(previous=task, due_at=due, repeat_from=task.repeat_from, **kept)
    following.save()
    plan_task_reminder(following)


def _take_back_next(task: Task) -> None:
    """The tick was a mistake: its next goes, unless somebody has made something of it already."""
    following = Task.objects.select_for_update().filter(previous=task, done_at=None).first()
    if (
        following
        and following.due_at == _next_due(task, following.created_at)
        and all(getattr(following, name) == getattr(task, name) for name in COPIED)
    ):
        following.delete()


def _next_due(task: Task, now: datetime) -> datetime | None:
    zone = zone_of(task.assignee)
    return next_due(task.due_at, repeat=task.repeat, counted_from=task.repeat_from, zone=zone, now=now, until=task.repeat_until)


def _hand_over(task: Task, by: User, event: Event) -> None:
    """Tell whoever got the task from somebody else."""
    if task.assignee is not None and task.assignee_id != by.pk:
        notify(
            user=task.assignee,
            kind="task.assigned",
            key=f"task.assigned:{event.pk}",
            record="task",
            record_id=task.pk,
            by=by.name,
            title=task.title,
        )


def _tell(type: str, task: Task, by: User, origin: str) -> Event:
    if task.record and (refresh := records.kind_of(task.record).after_task_change):
        refresh(task.record_id, origin)
    return events.record(type, record=task.record or "task", record_id=task.record_id or task.pk, by=by, task=task.pk, title=task.title)
