"""The secret address of a person's calendar: given, renewed, taken away."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone

from crm import events
from crm.models import CalendarFeed, User


def issue_feed(*, by: User) -> str:
    """Give the person's calendar a new address; an earlier one works no more. The token is told once."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        CalendarFeed.objects.update_or_create(user=by, defaults={"hash": CalendarFeed.digest(token), "created_at": timezone.now()})
        events.record("calendar_feed.issued", record="user", record_id=by.pk, by=by)
    return token


def revoke_feed(*, by: User) -> None:
    """Let the address work no more."""
    with transaction.atomic():
        if CalendarFeed.objects.filter(user=by).delete()[0]:
            events.record("calendar_feed.revoked", record="user", record_id=by.pk, by=by)
