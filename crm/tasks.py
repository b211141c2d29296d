"""Background work of the journal: ids in, one call, safe to run twice."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from crm import events
from crm.models import Event, IdempotentAnswer

logger = logging.getLogger(__name__)
SWEEP_BATCH = 2000


@shared_task
def dispatch_event(event_id: int) -> None:
    """Tell the subscribers of one event."""
    events.dispatch(event_id)


@shared_task
def sweep_events() -> None:
    """Dispatch what no worker was told of: the hand-over was lost, or a worker died with it."""
    overdue = timezone.now() - timedelta(seconds=5)
    for event_id in Event.objects.undispatched().filter(at__lt=overdue).order_by("id").values_list("id", flat=True)[:SWEEP_BATCH]:
        try:
            events.dispatch(event_id)
        except Exception:  # one broken event must not hold up the rest; it stays undispatched and is tried again
            logger.exception("event %s could not be dispatched", event_id)
    IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - timedelta(days=2)).delete()
