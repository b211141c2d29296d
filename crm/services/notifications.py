"""Telling a person something, in the app and by mail, once per key."""

from __future__ import annotations

from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import broker, live
from crm.models import Letter, Notification, User


def notify(
    *, user: User, kind: str, key: str, record: str = "", record_id: int = 0, by_mail: bool = False, **words: Any
) -> Notification | None:
    """Tell `user` something of a kind that `crm.notices` knows, inside the caller's transaction.

    `key` names the occasion (`mention:note:5`): telling it again changes nothing. Nobody is told after leaving the company.
    `words` are what the kind's sentence needs, as JSON. None when it was told before or can't be.
    """
    if not user.is_active:
        return None
    with transaction.atomic():
        told, is_new = Notification.objects.get_or_create(
            user=user, key=key, defaults={"kind": kind, "record": record, "record_id": record_id, "words": words}
        )
        if not is_new:
            return None
        if by_mail and user.gets_mail:
            Letter.objects.create(notification=told, message_id=make_msgid(f"notification-{told.pk}", "voronka"))
            transaction.on_commit(lambda: broker.ring("crm.tasks.send_letters"), robust=True)
        live.tell(user.pk)
    return told


def read_notification(*, notification_id: int, by: User) -> int:
    """Note that its reader has read it; how many that were."""
    return _mark(Notification.objects.filter(pk=notification_id), by, timezone.now())


def read_all_notifications(*, by: User, now: datetime) -> int:
    """Note that all are read; `unread_notifications` takes it back by the same instant."""
    return _mark(Notification.objects.all(), by, now)


def unread_notifications(*, by: User, read_at: datetime, notification_id: int | None = None) -> int:
    """Take a reading back: of one, or of all that were read at that instant."""
    rows = (
        Notification.objects.filter(user=by, read_at=read_at)
        if notification_id is None
        else Notification.objects.filter(user=by, pk=notification_id)
    )
    with transaction.atomic():
        changed = rows.exclude(read_at=None).update(read_at=None)
        live.tell(by.pk)
    return changed


def _mark(rows: Any, by: User, now: datetime) -> int:
    with transaction.atomic():
        changed = rows.filter(user=by, read_at=None).update(read_at=now)
        if changed:
            live.tell(by.pk)
    return int(changed)
