"""Which custom fields there are, and how much they are used."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm import records
from crm.models import CustomField, FieldKind, User

MAX_COUNTED = 1_000


def fields_of(kind: str) -> list[CustomField]:
    """The fields of a kind that aren't archived, in their order. One query."""
    return list(CustomField.objects.of(kind).live())


def label_of(kind: str, key: str) -> str:
    """What people call a field, also one that is archived; its key where there is none any more. One query."""
    field = CustomField.objects.of(kind).filter(key=key).first()
    return field.label if field else key


def all_fields() -> dict[str, list[CustomField]]:
    """The same of every kind. One query."""
    found: dict[str, list[CustomField]] = {kind: [] for kind in FieldKind.values}
    for field in CustomField.objects.live():
        found[field.kind].append(field)
    return found


def count_choosers(field: CustomField, option: str, viewer: User) -> int:
    """How many records have chosen the option; `MAX_COUNTED + 1` stands for more, so that the answer never takes long. One query."""
    value: Any = [option] if field.type == "choices" else option
    found = records.kind_of(field.kind).visible_to(viewer).filter(~Q(custom={}), custom__contains={field.key: value})
    return found.order_by().values("pk")[: MAX_COUNTED + 1].count()
