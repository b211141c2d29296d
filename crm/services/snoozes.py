"""Putting something off in one's own day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from crm import records
from crm.models import Snooze, User


def snooze(*, record: str, record_id: int, until: datetime, by: User) -> Snooze:
    """Hide a record from one's own day until then; Http404 where it isn't seen. Nobody else's day changes, so no event tells of it."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        now = timezone.now()
        Snooze.objects.filter(user=by, until__lt=now).delete()  # nobody else ever sweeps them
        found, _is_new = Snooze.objects.update_or_create(
            user=by, record=record, record_id=record_id, defaults={"until": until, "since": now}
        )
    return found


def wake(*, record: str, record_id: int, by: User) -> None:
    """Show it again; twice is once."""
    records.kind_of(record)
    Snooze.objects.filter(user=by, record=record, record_id=record_id).delete()
