"""Which inquiries wait: an incoming message is answered by the next message out or call about the same record."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from crm.models import Call, Direction, Message


def answered_at(*, record: str, record_id: int, since: datetime) -> datetime | None:
    """When somebody first wrote back or called about the record since then. Two queries."""
    calls = Call.objects.about(record, record_id).filter(at__gte=since).aggregate(first=Min("at"))["first"]
    replies = Message.objects.about(record, record_id).filter(direction=Direction.OUT, at__gte=since).aggregate(first=Min("at"))["first"]
    return min(filter(None, (calls, replies)), default=None)


def answer_inquiries(*, record: str, record_id: int, at: datetime) -> int:
    """A reply or call of that time answers what waited before it; how many there were."""
    return Message.objects.about(record, record_id).unanswered().filter(at__lte=at).update(answered_at=at)


def reconsider_inquiries(*, record: str, record_id: int, at: datetime) -> None:
    """A reply or call of that time was taken back: what it answered waits again, unless another one answers it."""
    for inquiry in Message.objects.about(record, record_id).filter(direction=Direction.IN, answered_at=at).select_for_update():
        inquiry.answered_at = answered_at(record=record, record_id=record_id, since=inquiry.at)
        inquiry.save(update_fields=["answered_at"])
