"""Taking an import back: what it added goes, what it changed is as before; what people have worked on since stays and is told of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import ForeignKey, Model, Q
from django.utils.translation import gettext as _

from crm.models import Company, Contact, Event, ImportBatch, ImportedRow, Note, RowAction, Tag, User

# Whatever an import can have added: how its rows are removed. Deals bring a way of their own.
Remover = Callable[[list[int]], None]
_models: dict[str, type[Model]] = {"contact": Contact, "company": Company, "note": Note, "tag": Tag, "user": User}
_removers: dict[str, Remover] = {}
Restorer = Callable[[Sequence[ImportedRow]], None]
_restorers: dict[str, Restorer] = {}
# Rows that belong to a record and go with it: that they point at it is no reason to keep it.
_parts: dict[str, set[str]] = {}
JOURNALLED = {"contact", "company", "deal"}


def register(
    record: str, model: type[Model], *, remove: Remover | None = None, restore: Restorer | None = None, parts: Iterable[str] = ()
) -> None:
    """Let rows of this kind be taken back; `parts` are the related models (`app.model`) that are removed with them."""
    _models[record] = model
    if remove:
        _removers[record] = remove
    if restore:
        _restorers[record] = restore
    _parts[record] = set(parts)


def model_of(record: str) -> type[Model]:
    """Where rows of that kind lie."""
    return _models[record]


def undo_rows(batch: ImportBatch, rows: Sequence[ImportedRow]) -> None:
    """Take these outcomes back, the latest first; each row that something is kept of says what and why."""
    for run in _runs(rows):
        if run[0].action == RowAction.CREATED:
            _remove(batch, run[0].record, run)
        else:
            _restorers.get(run[0].record, partial(_restore, run[0].record))(run)
    ImportedRow.objects.bulk_update([row for row in rows if row.kept], ["kept"])


def _runs(rows: Sequence[ImportedRow]) -> Iterable[list[ImportedRow]]:
    """Neighbours of one kind and action, to be dealt with together; of one record only once a run, since their order counts."""
    run: list[ImportedRow] = []
    for row in rows:
        if run and ((row.record, row.action) != (run[0].record, run[0].action) or any(row.record_id == each.record_id for each in run)):
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _remove(batch: ImportBatch, record: str, rows: list[ImportedRow]) -> None:
    model = model_of(record)
    ids = [row.record_id for row in rows if row.record_id is not None]
    present = set(model._base_manager.filter(pk__in=ids).values_list("pk", flat=True))
    worked_on = _worked_on(batch, record, ids)
    needed = _needed(model, record, present - worked_on)
    gone = present - worked_on - needed
    for row in rows:
        if row.record_id in worked_on & present:
            row.kept = [_("It stays, because somebody has worked on it since.")]
        elif row.record_id in needed:
            row.kept = [_("It stays, because something else refers to it.")]
    if record in _removers:
        _removers[record](sorted(gone))
    else:
        model._base_manager.filter(pk__in=gone).delete()


def _worked_on(batch: ImportBatch, record: str, ids: list[int]) -> set[int]:
    """Those of which the journal tells more than this import."""
    if record not in JOURNALLED:
        return set()
    others = Event.objects.filter(record=record, record_id__in=ids).exclude(payload__has_key="import", payload__import=batch.pk)
    return set(others.values_list("record_id", flat=True))


def _needed(model: type[Model], record: str, ids: set[int]) -> set[int]:
    """Those that rows of other tables point at, by a key or by name."""
    needed: set[int] = set()
    if record == "tag":
        return _tags_in_use(ids)
    for relation in model._meta.related_objects:
        key = relation.field
        if isinstance(key, ForeignKey) and relation.related_model._meta.label_lower not in _parts.get(record, set()):
            left = ids - needed
            found = relation.related_model._base_manager.filter(**{f"{key.name}__in": left}) if left else None
            if found is not None:
                needed |= set(found.values_list(key.attname, flat=True))
    return needed


def _tags_in_use(ids: set[int]) -> set[int]:
    tags = dict(Tag.objects.filter(pk__in=ids).values_list("pk", "name"))
    tagged = [model for model in _models.values() if any(field.name == "tags" for field in model._meta.get_fields())]
    return {pk for pk, name in tags.items() if any(model._base_manager.filter(tags__contains=[name]).exists() for model in tagged)}


def _restore(record: str, rows: list[ImportedRow]) -> None:
    model = model_of(record)
    found: dict[int, Any] = {
        row.pk: row
        for row in model._base_manager.select_for_update(no_key=True).filter(pk__in=[row.record_id for row in rows]).order_by("pk")
    }
    changed: set[str] = set()
    for row in rows:
        present = found.get(row.record_id or 0)
        if present is None:
            row.kept = [_("It is gone.")]
            continue
        changed |= give_fields(present, row, row.after)
    if changed:
        model._base_manager.bulk_update(found.values(), sorted(changed))


def give_fields(present: Any, row: ImportedRow, fields: Mapping[str, Any]) -> set[str]:
    """Set these fields to what they were before the import, as far as they are as it left them; which ones were."""
    return {field for name, after in fields.items() for field in _put_back(present, name, row.before[name], after, row)}


def _put_back(present: Any, name: str, before: Any, after: Any, row: ImportedRow) -> set[str]:
    """Give the field its value from before, unless it has changed since."""
    if name == "custom":
        custom = dict(present.custom)
        for key in before.keys() | after.keys():
            if before.get(key) == after.get(key):
                continue
            if custom.get(key) != after.get(key):
                row.kept = [*row.kept, _("“%(field)s” stays, because it has changed since.") % {"field": key}]
            elif key in before:
                custom[key] = before[key]
            else:
                custom.pop(key, None)
        present.custom = custom
        return {"custom"}
    field = present._meta.get_field(name)
    now = getattr(present, field.attname)
    if _plain(now) != after:
        label = getattr(field, "verbose_name", name)
        row.kept = [*row.kept, _("“%(field)s” stays, because it has changed since.") % {"field": label}]
        return set()
    setattr(present, field.attname, field.to_python(before) if before is not None else None)
    return {name}


def _plain(value: Any) -> Any:
    """As an outcome keeps it: nothing as none, days and times as text, sums of money with two digits."""
    if isinstance(value, date):
        return value.isoformat()
    return format(value, ".2f") if isinstance(value, Decimal) else value


def open_outcomes(batch: ImportBatch, before: int | None) -> Any:
    """What is still to be taken back, the latest first."""
    rows = batch.outcomes.filter(Q(action=RowAction.CREATED) | Q(action=RowAction.UPDATED)).order_by("-id")
    return rows if before is None else rows.filter(pk__lt=before)
