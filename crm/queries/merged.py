"""Where a record is now that was taken into another."""

from __future__ import annotations

from crm import records
from crm.models import Merge, User

MOST_STEPS = 20


def kept_instead(kind: str, pk: int, viewer: User) -> int | None:
    """The record that this one was merged into, if the viewer sees it. As many queries as `merged_into` and one more."""
    at = merged_into(kind, pk)
    return at if at != pk and records.kind_of(kind).visible_to(viewer).filter(pk=at).exists() else None


def merged_into(kind: str, pk: int) -> int:
    """Where a record is now, also over several merges; itself where it wasn't merged. A query for each step and one more."""
    at = pk
    for _step in range(MOST_STEPS):
        further = Merge.objects.standing().filter(kind=kind, gone_id=at).values_list("kept_id", flat=True).first()
        if further is None:
            break
        at = further
    return at
