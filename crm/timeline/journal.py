"""What the journal tells of a record: changes of its fields, and its tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import records
from crm.custom_fields.journal import CustomChanges
from crm.event_words import record_words
from crm.models import Event, User
from crm.reach import KEYS, in_words
from crm.templatetags.display import day, number
from crm.timeline import Entry, Subject
from crm.timeline.tables import TableSource

# Fields that hold a record: the journal knows its id. A colleague's name is no secret; of others only the field is told.
RECORDS = ("company", "contact", "source")
CLIENTS = ("company", "contact")
Change = tuple[str, str, str]
Words = Callable[[str, dict[str, Any]], str]
_words_of_kinds: dict[str, Words] = {}


def tell(record: str, words: Words) -> None:
    """Have `words(type, payload)` tell of the events of this kind of record that change no field; called once at start."""
    _words_of_kinds[record] = words


def words_of(event: Event) -> str:
    """The event in words: those of the app that records it, else those of any record."""
    own = _words_of_kinds[event.record](event.type, event.payload) if event.record in _words_of_kinds else ""
    return own or record_words(event.type, event.payload)


class Journal(TableSource):
    """Events of one sort; the index is theirs alone."""

    model, actor = Event, "actor"

    @property
    def where(self) -> str:  # type: ignore[override]
        """Said as the index says it, so that it serves."""
        return f"line = '{self.key}' AND NOT (line = '')"

    def kind(self, row: Any) -> str:
        """The event's own name."""
        return row.type


class Tasks(Journal):
    """Tasks planned, done, put off."""

    key, label, icon, order = "task", _("Tasks"), "checkbox", 80
    template = "timeline/_task.html"


class Changes(Journal):
    """Fields that were given other values, and whatever else happened to the record."""

    key, label, icon, order = "change", _("Changes"), "pencil", 70
    template = "timeline/_change.html"

    def latest(self, subjects: Sequence[Subject], *, before: tuple[datetime, int], limit: int) -> list[Entry]:
        """The latest events, with the names of colleagues whom they name."""
        rows = self.rows(subjects, before=before, limit=limit)
        people = {person for row in rows for person in row.payload.get("changes", {}).get("owner", ()) if isinstance(person, int)}
        names = dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
        custom = CustomChanges()
        return [self._told(row, names, custom) for row in rows]

    def _told(self, row: Event, names: dict[int, str], custom: CustomChanges) -> Entry:
        return Entry(**{**vars(self.entry(row)), "more": {"changes": changes_of(row, names, custom), "words": words_of(row)}})


def changes_of(event: Event, names: dict[int, str], custom: CustomChanges) -> list[Change]:
    """Which fields an edit changed, from what to what."""
    changes = event.payload.get("changes", {})
    told = []
    for name, pair in changes.items() if isinstance(changes, dict) else ():
        if isinstance(pair, list) and len(pair) == 2 and (words := custom.tell(event.record, name, *pair)):
            told.append(words)
            continue
        field = _field(event.record, name)
        label = str(getattr(field, "verbose_name", name))
        if name in RECORDS or not isinstance(pair, list) or len(pair) != 2:
            told.append((label, "", ""))
        elif name == "owner":
            told.append((label, names.get(pair[0], "–"), names.get(pair[1], "–")))
        else:
            told.append((label, _words(field, pair[0]), _words(field, pair[1])))
    return told


def name_clients(entries: Sequence[Entry], viewer: User) -> None:
    """Put the names of companies and contacts into the changes that speak of them, as far as the viewer sees them. One query for each kind
    that is spoken of."""
    spoken: dict[str, list[tuple[list[Change], int, list[int | None]]]] = {}
    for entry in entries:
        changes = entry.row.payload.get("changes") if isinstance(entry.row, Event) else None
        for place, (name, pair) in enumerate(changes.items() if isinstance(changes, dict) else ()):
            if name in CLIENTS and isinstance(pair, list) and len(pair) == 2 and entry.more.get("changes"):
                spoken.setdefault(name, []).append((entry.more["changes"], place, pair))
    for kind, told in spoken.items():
        ids = {pk for _changes, _place, pair in told for pk in pair if pk}
        names = dict(records.kind_of(kind).visible_to(viewer).filter(pk__in=ids).values_list("pk", "name"))
        for changes, place, pair in told:
            if any(pk in names for pk in pair):
                old, new = ("–" if pk is None else names.get(pk, "…") for pk in pair)
                changes[place] = (changes[place][0], old, new)


def _field(record: str, name: str) -> Any:
    model = records.kind_of(record).model if record in records.registered() else None
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _words(field: Any, value: Any) -> str:
    """A value as the journal keeps it, as a reader would write it."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, list) and getattr(field, "name", "") in KEYS:
        return ", ".join(in_words(field.name, one) for one in value if isinstance(one, dict))
    if isinstance(value, list):
        return ", ".join(_words(None, one) for one in value)
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values() if one)
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if choices := getattr(field, "choices", None):
        return str(dict(choices).get(value, value))
    try:
        if isinstance(field, models.DateTimeField):
            return day(timezone.localtime(datetime.fromisoformat(str(value))))
        if isinstance(field, models.DateField):
            return day(date.fromisoformat(str(value)))
        return number(Decimal(str(value)), 2) if isinstance(field, models.DecimalField) else str(value)
    except (ValueError, InvalidOperation):
        return str(value)
