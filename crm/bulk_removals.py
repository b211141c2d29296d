"""Deleting many records at once, and bringing them back."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from crm import bulk
from crm.bulk import BulkAction
from crm.bulk_clients import doing
from crm.models import Removal, User
from crm.services import bulk_changes
from crm.services.bulk_changes import Act, Values
from crm.services.removals import lock_places, remove_record, restore_record

DELETE = "delete"


def register_removal(kind: str) -> None:
    """Offer it for lists of a kind; called once at start."""
    bulk_changes.register(kind, DELETE, Act(_remove(kind), _restore, prepare=_lock))
    note = gettext_lazy("Everything about them goes along. They can be brought back for 30 days, under Deleted.")
    bulk.register(kind, BulkAction(DELETE, gettext_lazy("Delete"), "trash", doing(DELETE), is_danger=True, note=note))


def _remove(kind: str) -> Any:
    def do(pk: int, values: Values, by: User) -> tuple[Values, Values]:
        removal = remove_record(kind=kind, record_id=pk, by=by)
        return {"removal": removal.pk}, {"removal": removal.pk}

    return do


def _lock(ids: list[int], values: Values) -> None:
    """What comes back has its column locked, all of a chunk at once, in the order in which everybody locks them."""
    if "before" in values:
        lock_places(list(Removal.objects.filter(pk__in=[kept["removal"] for kept in values["before"]])))


def _restore(pk: int, before: Values, after: Values, by: User) -> list[str]:
    restore_record(removal_id=before["removal"], by=by)
    return []
