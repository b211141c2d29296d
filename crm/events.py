"""The journal: every meaningful change records one event in its own transaction, and workers hear of it after commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm import broker
from crm.models import Event, User

logger = logging.getLogger(__name__)
Subscriber = Callable[[Event], None]
_subscribers: list[tuple[str, Subscriber]] = []
_cause: ContextVar[Event | None] = ContextVar("cause", default=None)

MAX_DEPTH = 5
BATCH = 2000


class ChainTooLong(Exception):
    """An event caused by an event … more than five deep: a loop."""


def subscribe(pattern: str, handler: Subscriber) -> None:
    """Have `handler(event)` called by a worker for each event whose type matches (`deal.*`), at least once per event.

    Effects inside the database commit together with the event's mark, so they happen exactly once.
    """
    _subscribers.append((pattern, handler))


def record(type: str, *, record: str, record_id: int, by: User | None, **payload: Any) -> Event:
    """Write down what happened; call it last in the transaction of the change itself."""
    cause = _cause.get()
    depth = cause.depth + 1 if cause else 0
    if depth > MAX_DEPTH:
        raise ChainTooLong(type)
    event = Event.objects.create(type=type, record=record, record_id=record_id, actor=by, payload=payload, caused_by=cause, depth=depth)
    transaction.on_commit(lambda: broker.ring("crm.tasks.dispatch_events"), robust=True)
    return event


@contextmanager
def caused_by(event: Event) -> Iterator[None]:
    """Note `event` as the cause of every event recorded inside."""
    token = _cause.set(event)
    try:
        yield
    finally:
        _cause.reset(token)


def dispatch_all(waiting: QuerySet[Event]) -> None:
    """Dispatch these events, the oldest first. Those that nobody listens to are marked together; a broken one is left for later."""
    heard, unheard = [], []
    for event_id, type in waiting.order_by("id").values_list("id", "type")[:BATCH]:
        (heard if any(fnmatchcase(type, pattern) for pattern, _handler in _subscribers) else unheard).append(event_id)
    Event.objects.undispatched().filter(pk__in=unheard).update(dispatched_at=timezone.now())
    for event_id in heard:
        try:
            dispatch(event_id)
        except Exception:
            logger.exception("event %s could not be dispatched", event_id)


def dispatch(event_id: int) -> bool:
    """Tell every subscriber of the event and mark it, in one transaction; False when another worker has it or it is done."""
    with transaction.atomic():
        event = Event.objects.undispatched().select_for_update(skip_locked=True).filter(pk=event_id).first()
        if event is None:
            return False
        with caused_by(event):
            for pattern, handler in _subscribers:
                if fnmatchcase(event.type, pattern):
                    handler(event)
        event.dispatched_at = timezone.now()
        event.save(update_fields=["dispatched_at"])
    return True
