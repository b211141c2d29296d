"""Which inquiries wait: an incoming message is answered by the next message out or call about the same record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, live, records
from crm.errors import Refused
from crm.models import Call, Direction, Event, Message, Role, User
from crm.services.notifications import notify

MOST_TOLD = 50


def answered_at(*, record: str, record_id: int, since: datetime) -> datetime | None:
    """When somebody first wrote back or called about the record since then. Two queries."""
    calls = Call.objects.about(record, record_id).filter(at__gte=since).aggregate(first=Min("at"))["first"]
    replies = Message.objects.about(record, record_id).filter(direction=Direction.OUT, at__gte=since).aggregate(first=Min("at"))["first"]
    return min(filter(None, (calls, replies)), default=None)


def answer_inquiries(*, record: str, record_id: int, at: datetime) -> int:
    """A reply or call of that time answers what waited before it; how many there were."""
    if answered := Message.objects.about(record, record_id).unanswered().filter(at__lte=at).update(answered_at=at):
        refresh_days(record=record, record_id=record_id)
    return answered


def reconsider_inquiries(*, record: str, record_id: int, at: datetime) -> None:
    """A reply or call of that time was taken back: what it answered waits again, unless another one answers it."""
    for inquiry in Message.objects.about(record, record_id).filter(direction=Direction.IN, answered_at=at).select_for_update():
        inquiry.answered_at = answered_at(record=record, record_id=record_id, since=inquiry.at)
        inquiry.save(update_fields=["answered_at"])
        refresh_days(record=record, record_id=record_id)


def close_inquiries(*, record: str, record_id: int, by: User, origin: str = "") -> datetime:
    """What waits about a record was answered some other way, or needs no answer; the instant that `reopen_inquiries` takes."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        now = timezone.now()
        if closed := answer_inquiries(record=record, record_id=record_id, at=now):
            events.record("inquiry.closed", record=record, record_id=record_id, by=by, count=closed)
            live.touch(record, record_id, origin=origin)
    return now


def reopen_inquiries(*, record: str, record_id: int, at: str, by: User, origin: str = "") -> None:
    """What `close_inquiries` closed at that instant waits again; twice is once."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        closed_at = _instant(at)
        closed = Message.objects.about(record, record_id).filter(direction=Direction.IN, answered_at=closed_at)
        if count := closed.update(answered_at=None):
            events.record("inquiry.reopened", record=record, record_id=record_id, by=by, count=count)
            live.touch(record, record_id, origin=origin)
            refresh_days(record=record, record_id=record_id)


def refresh_days(*, record: str, record_id: int) -> None:
    """Have those look at their day again in whose day inquiries about the record stand, also whoever did it. Two queries."""
    model = records.kind_of(record).model
    about = model._default_manager.filter(pk=record_id).values("owner_id", "team_id").first() if model else None
    if about is None:
        return
    concerned = Q(pk=about["owner_id"]) | Q(team=about["team_id"], role=Role.MANAGER) if about["owner_id"] else Q(team=about["team_id"])
    for user_id in User.objects.active().filter(concerned | Q(role=Role.ADMIN)).values_list("pk", flat=True)[:MOST_TOLD]:
        live.tell(user_id)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        raise Refused(_("This can't be brought back any more."))
    return at


def tell_of_inquiry(event: Event) -> None:
    """Somebody wrote: the record's owner hears of it, or the team where nobody owns it; never whoever wrote it down."""
    message = Message.objects.unanswered().filter(pk=event.payload["message"]).first()
    if message is None:
        return
    for user in _concerned(event):
        if user.pk != event.actor_id:
            notify(
                user=user,
                kind="inquiry",
                key=f"inquiry:{message.pk}",
                record=event.record,
                record_id=event.record_id,
                sender=message.sender[:100],
                subject=(message.subject or message.body)[:120],
            )


def _concerned(event: Event) -> list[User]:
    model = records.kind_of(event.record).model
    about: Any = model._default_manager.select_related("owner").filter(pk=event.record_id).first() if model else None
    if about is None:
        return []
    if about.owner is not None:
        return [about.owner]
    return list(User.objects.active().filter(team=about.team_id)[:MOST_TOLD]) if about.team_id else []
