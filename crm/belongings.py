"""What goes along with a record, and what only points to it: found from the models, so that a table of an app above is never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models

from crm import records
from crm.references import Reference, references_to

Ids = dict[type[models.Model], list[int]]
# Beside the kinds of records: what notes, snoozes and notices are about as well.
ABOUT_TOO = ("task", "meeting")
# The journal only ever grows; it goes on telling of what is gone.
JOURNAL = "crm.event"


@dataclass(frozen=True)
class Tie:
    """A column that points to rows of a table; `is_part` where such a row is nothing without the one it points to."""

    reference: Reference
    is_part: bool


@cache
def ties_to(model: type[models.Model]) -> tuple[Tie, ...]:
    """Every column that points to rows of this table."""
    name = model._meta.model_name or ""
    kind = name if name in (*records.registered(), *ABOUT_TOO) else ""
    return tuple(_ties(model, kind))


def _ties(model: type[models.Model], kind: str) -> Iterator[Tie]:
    for reference in references_to(kind, model):
        if reference.model._meta.label_lower == JOURNAL:
            continue
        if reference.field == "record":
            if kind:
                yield Tie(reference, is_part=True)
            continue
        rule = foreign_key(reference).remote_field.on_delete
        if rule in (models.CASCADE, models.SET_NULL):
            yield Tie(reference, is_part=rule is models.CASCADE)


def foreign_key(reference: Reference) -> models.ForeignKey[Any, Any]:
    """The field behind a reference that is one."""
    return next(field for field in foreign_keys(reference.model) if field.attname == reference.field)


def foreign_keys(model: type[models.Model]) -> list[models.ForeignKey[Any, Any]]:
    """Columns of a table that point to other rows, and hold them to be there."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    return [key for key in keys if key.remote_field.on_delete is not models.DO_NOTHING]


def belongings_of(model: type[models.Model], pk: int) -> Ids:
    """The record and all rows that go along with it, parts after what they are parts of. A query for each tie of each table found."""
    found: Ids = {model: [pk]}
    waiting = [(model, [pk])]
    while waiting:
        whole, ids = waiting.pop(0)
        for tie in ties_to(whole):
            if not tie.is_part:
                continue
            part = tie.reference.model
            known = set(found.get(part, []))
            new = [row_id for row_id in tie.reference.rows_of(ids).order_by("pk").values_list("pk", flat=True) if row_id not in known]
            if new:
                found.setdefault(part, []).extend(new)
                waiting.append((part, new))
    return found
