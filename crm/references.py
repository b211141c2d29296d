"""What points to a company or contact: found from the models themselves, so that a table of an app above is never forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models


@dataclass(frozen=True)
class Reference:
    """A column of a table: a foreign key, or the number beside the name of a kind."""

    model: type[models.Model]
    field: str
    kind: str = ""

    @property
    def key(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field}"

    @property
    def is_constrained(self) -> bool:
        """Whether the database itself keeps what it points to."""
        return not self.kind and bool(getattr(self.model._meta.get_field(self.field), "db_constraint", False))

    def rows(self, pk: int) -> models.QuerySet[Any]:
        """The rows that point to this record."""
        condition = {"record": self.kind, "record_id": pk} if self.kind else {self.field: pk}
        return self.model._base_manager.filter(**condition)

    def rows_of(self, pks: Sequence[int]) -> models.QuerySet[Any]:
        """The rows that point to one of these records."""
        condition = {"record": self.kind, "record_id__in": pks} if self.kind else {f"{self.field}__in": pks}
        return self.model._base_manager.filter(**condition)

    def point_to(self, pk: int) -> dict[str, int]:
        """What an update sets."""
        return {"record_id" if self.kind else self.field: pk}


# Tables that tell what happened to the very record, whatever becomes of it.
_left_alone: set[str] = set()


def leave_alone(label: str) -> None:
    """Let rows of this table (`crm.importedrow`) point to the record that is gone; called at start by the app that owns it."""
    _left_alone.add(label)


def references_to(kind: str, model: type[models.Model]) -> list[Reference]:
    """Every column that can point to a record of this kind, in a steady order."""
    return sorted(_found(kind, model), key=lambda reference: reference.key)


def _found(kind: str, model: type[models.Model]) -> Iterator[Reference]:
    for other in apps.get_models(include_auto_created=True):
        if other._meta.label_lower in _left_alone or not other._meta.managed or other._meta.proxy:
            continue
        fields = {field.name: field for field in other._meta.concrete_fields}
        for field in fields.values():
            if isinstance(field, models.ForeignKey) and field.related_model is model:
                yield Reference(other, field.attname)
        if "record" in fields and "record_id" in fields and "id" in fields:
            yield Reference(other, "record", kind)
