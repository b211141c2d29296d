"""Where a record is now that was taken into another."""

from __future__ import annotations

from collections.abc import Iterable

from crm import records
from crm.models import Merge, User

MOST_STEPS = 20


def kept_instead(kind: str, pk: int, viewer: User) -> int | None:
    """The record that this one was merged into, if the viewer sees it. As many queries as `merged_into` and one more."""
    at = merged_into(kind, pk)
    return at if at != pk and records.kind_of(kind).visible_to(viewer).filter(pk=at).exists() else None


def merged_into(kind: str, pk: int) -> int:
    """Where a record is now; itself where it wasn't merged."""
    return follow_merges(kind, [pk])[pk]


def follow_merges(kind: str, ids: Iterable[int]) -> dict[int, int]:
    """Where each of these records is now, also over several merges. A query, and one more for each step."""
    found = {pk: pk for pk in ids}
    for _step in range(MOST_STEPS):
        further = dict(Merge.objects.standing().filter(kind=kind, gone_id__in=found.values()).values_list("gone_id", "kept_id"))
        if not further:
            break
        found = {pk: further.get(at, at) for pk, at in found.items()}
    return found
