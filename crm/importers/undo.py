"""Taking an import back: what it added goes, what it changed is as before; what people have worked on since stays and is told of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from crm.importers.journal import record_taken_back
from crm.models import Company, Contact, Event, ImportBatch, ImportedRow, Note, RowAction, Tag, User
from crm.references import references_to
from crm.services.put_back import Values, put_back

# Whatever an import can have added. Deals bring a way of their own to lock them, and to restore them.
_models: dict[str, type[Model]] = {"contact": Contact, "company": Company, "note": Note, "tag": Tag, "user": User}
Holder = Callable[[Sequence[int]], Any]
_holders: dict[str, Holder] = {}
# Gives back what each of the records got again, by field; the records that are as before are left out.
Restorer = Callable[[Sequence[ImportedRow]], Mapping[int, Values]]
_restorers: dict[str, Restorer] = {}
# Rows that belong to a record and go with it: that they point at it is no reason to keep it.
_parts: dict[str, set[str]] = {}
JOURNALLED = {"contact", "company", "deal"}


def register(
    record: str, model: type[Model], *, hold: Holder | None = None, restore: Restorer | None = None, parts: Iterable[str] = ()
) -> None:
    """Let rows of this kind be taken back; `parts` are the related models (`app.model`) that are removed with them."""
    _models[record] = model
    if hold:
        _holders[record] = hold
    if restore:
        _restorers[record] = restore
    _parts[record] = set(parts)


def model_of(record: str) -> type[Model]:
    """Where rows of that kind lie."""
    return _models[record]


def undo_rows(batch: ImportBatch, rows: Sequence[ImportedRow], *, by: User) -> None:
    """Take these outcomes back, the latest first; each row that something is kept of says what and why."""
    for run in _runs(rows):
        record = run[0].record
        gone: set[int] = set()
        changed: Mapping[int, Values] = {}
        if run[0].action == RowAction.CREATED:
            gone = _remove(batch, record, run)
        else:
            changed = _restorers.get(record, partial(_restore, record))(run)
        if record in JOURNALLED:
            record_taken_back(batch, record, changed=changed, gone=gone, by=by)
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


def _remove(batch: ImportBatch, record: str, rows: list[ImportedRow]) -> set[int]:
    model = model_of(record)
    ids = [row.record_id for row in rows if row.record_id is not None]
    # Held before anybody asks what refers to them: whatever comes to refer to them from now on waits, and finds them gone.
    if record in _holders:
        _holders[record](ids)
    present = set(model._base_manager.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk", flat=True))
    worked_on = _worked_on(batch, record, ids)
    needed = _needed(model, record, present - worked_on)
    gone = present - worked_on - needed
    for row in rows:
        if row.record_id in worked_on & present:
            row.kept = [_("It stays, because somebody has worked on it since.")]
        elif row.record_id in needed:
            row.kept = [_("It stays, because something else refers to it.")]
    model._base_manager.filter(pk__in=gone).delete()
    return gone


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
    parts = {field.remote_field.through._meta.label_lower for field in model._meta.many_to_many} | _parts.get(record, set())
    for reference in references_to(record, model):
        label = reference.model._meta.label_lower
        # Sums are no reason either: they have keys without a constraint.
        if (left := ids - needed) and label not in parts and reference.is_constrained:
            found = reference.model._base_manager.filter(**{f"{reference.field}__in": left})
            needed |= set(found.values_list(reference.field, flat=True))
    return needed


def _tags_in_use(ids: set[int]) -> set[int]:
    tags = dict(Tag.objects.filter(pk__in=ids).values_list("pk", "name"))
    tagged: list[Any] = [model for model in _models.values() if any(field.name == "tags" for field in model._meta.get_fields())]
    return {pk for pk, name in tags.items() if any(model.objects.tagged(name).exists() for model in tagged)}


def _restore(record: str, rows: Sequence[ImportedRow]) -> dict[int, Values]:
    model = model_of(record)
    found: dict[int, Any] = {
        row.pk: row
        for row in model._base_manager.select_for_update(no_key=True).filter(pk__in=[row.record_id for row in rows]).order_by("pk")
    }
    told: dict[int, Values] = {}
    for row in rows:
        present = found.get(row.record_id or 0)
        if present is None:
            row.kept = [_("It is gone.")]
        elif changed := give_fields(present, row, row.after):
            told[present.pk] = changed
    names = {name for changed in told.values() for name in fields_of(changed)}
    if names:
        model._base_manager.bulk_update([found[pk] for pk in told], sorted(names))
    return told


def give_fields(present: Any, row: ImportedRow, fields: Mapping[str, Any]) -> Values:
    """Set these fields to what they were before the import, as far as they are as it left them; what changed, for the journal."""
    before, after = dict(row.before), dict(fields)
    if "custom" in after:
        was, became = before["custom"], after["custom"]
        keys = [key for key in was | became if was.get(key) != became.get(key)]
        before["custom"], after["custom"] = ({key: values.get(key) for key in keys} for values in (was, became))
    changed, kept = put_back(present, before, after)
    row.kept = [*row.kept, *kept]
    return changed


def fields_of(changed: Values) -> set[str]:
    """The model's fields that a change in the journal's words is about."""
    return {name.partition(".")[0] for name in changed}


def open_outcomes(batch: ImportBatch, before: int | None) -> Any:
    """What is still to be taken back, the latest first."""
    rows = batch.outcomes.filter(Q(action=RowAction.CREATED) | Q(action=RowAction.UPDATED)).order_by("-id")
    return rows if before is None else rows.filter(pk__lt=before)
