"""What is to be done about a record next, and what has been said and done so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from crm.models import Event, Note, Task, User
from crm.templatetags.display import day, number

MAX_ENTRIES = 100
MAX_STEPS = 30
# Fields that hold a record: the journal knows its id, which says nothing to a reader.
RECORDS = ("owner", "company", "contact", "source")
# A note stands in the timeline itself, as long as it exists.
TOLD_BY_NOTES = ("note.added", "note.restored")


@dataclass(frozen=True)
class Step:
    """An open task, seen from now."""

    task: Task
    state: str
    is_late: bool

    @classmethod
    def of(cls, task: Task, *, now: datetime, zone: ZoneInfo) -> Step:
        """Overdue from the day after it was due, as the mark on a deal's card has it; late as soon as its time has passed."""
        due, today = task.due_at.astimezone(zone).date(), now.astimezone(zone).date()
        state = "overdue" if due < today else "today" if due == today else "planned"
        return cls(task, state, task.due_at < now)


@dataclass(frozen=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    actor: User | None
    kind: str
    event: Event | None = None
    note: Note | None = None
    changes: tuple[tuple[str, str, str], ...] = ()


def steps_about(*, record: str, record_id: int, now: datetime, zone: ZoneInfo) -> list[Step]:
    """The open tasks about a record, next one first. One query."""
    tasks = Task.objects.about(record, record_id).open().select_related("assignee").order_by("due_at", "id")[:MAX_STEPS]
    return [Step.of(task, now=now, zone=zone) for task in tasks]


def journal_about(*, record: str, record_id: int, model: type[models.Model], without: Collection[str] = ()) -> list[Entry]:
    """Notes and events about a record, latest first. Two queries."""
    notes = {note.pk: note for note in Note.objects.about(record, record_id).select_related("author")[:MAX_ENTRIES]}
    told = Event.objects.about(record, record_id).exclude(type__in=[*TOLD_BY_NOTES, *without]).select_related("actor").order_by("-id")
    entries = [
        Entry(event.at, event.actor, event.type, event=event, changes=_changes(event, model))
        for event in told[:MAX_ENTRIES]
        if not (event.type == "note.deleted" and event.payload.get("note") in notes)  # it was brought back
    ]
    entries += [Entry(note.created_at, note.author, "note", note=note) for note in notes.values()]
    return latest_first(entries)


def latest_first(entries: list[Any]) -> list[Any]:
    """The latest entries, as many as a page shows."""
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:MAX_ENTRIES]


def _changes(event: Event, model: type[models.Model]) -> tuple[tuple[str, str, str], ...]:
    """Which fields an edit changed, from what to what; of records only the field."""
    told = []
    for name, (old, new) in event.payload.get("changes", {}).items():
        field = model._meta.get_field(name)
        label = str(getattr(field, "verbose_name", name))
        told.append((label, "", "") if name in RECORDS else (label, _words(field, old), _words(field, new)))
    return tuple(told)


def _words(field: Any, value: Any) -> str:
    """A value as the journal keeps it, as a reader would write it."""
    if value in (None, ""):
        return "–"
    if isinstance(field, models.DateField):
        return day(date.fromisoformat(value))
    return number(Decimal(value), 2) if isinstance(field, models.DecimalField) else str(value)
