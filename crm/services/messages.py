"""Taking in messages, whatever way they come: each once, about a record, and an inquiry waits until it is answered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, live, records
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Contact, Direction, Message, User
from crm.services.inquiries import answer_inquiries, answered_at, reconsider_inquiries, refresh_days
from crm.services.parcels import pack, unpack
from crm.services.senders import Sender, find_or_add_sender, lock


def record_message(
    *,
    channel: str,
    direction: str,
    by: User,
    record: str = "",
    record_id: int = 0,
    sender: str = "",
    recipients: str = "",
    subject: str = "",
    body: str = "",
    at: datetime | None = None,
    external_id: str = "",
    origin: str = "",
) -> tuple[Message, bool]:
    """Keep a message, and whether it is new: the same `external_id` of a channel is the same message.

    Without a record it is about the contact, of those whom the person sees, whose address the other side's is; a stranger becomes
    a contact of the person's team.
    """
    with transaction.atomic():
        if external_id:
            lock(f"message {channel} {external_id}")
            if found := Message.objects.filter(channel=channel, external_id=external_id, hook=None).first():
                return _seen_again(found, by), False
        if record or record_id:
            records.visible_record(record, record_id, by)
        else:
            other = Sender.read(sender=sender if direction == Direction.IN else recipients)
            if not other.words:
                raise Refused(_("Say who wrote it or what it is about: `sender`, or `record` and `record_id`."))
            contact = find_or_add_sender(other, among=Contact.objects.visible_to(by), team=by.team, by=by)
            record, record_id = "contact", contact.pk
        message = Message(
            record=record,
            record_id=record_id,
            channel=channel,
            direction=direction,
            sender=sender.strip(),
            recipients=recipients.strip(),
            subject=subject.strip(),
            body=body.strip(),
            at=_past(at),
            external_id=external_id,
            author=by,
        )
        keep_message(message, by=by, origin=origin)
    return message, True


def keep_message(message: Message, *, by: User | None, origin: str = "") -> None:
    """Write a new message, mark what it answers or what answers it, and tell; within the caller's transaction."""
    record, record_id = message.record, message.record_id
    if message.direction == Direction.IN:
        message.answered_at = answered_at(record=record, record_id=record_id, since=message.at)
    clean(message)
    message.save()
    if message.direction == Direction.OUT:
        answer_inquiries(record=record, record_id=record_id, at=message.at)
    _tell("message.received" if message.direction == Direction.IN else "message.sent", message, by, origin)


def delete_message(*, message_id: int, by: User, origin: str = "") -> str:
    """Take a message away: whoever wrote it down, or an admin; the answer is what brings it back."""
    with transaction.atomic():
        message = find_message(message_id=message_id, by=by)
        if not (by.is_admin or (message.author_id == by.pk and message.hook_id is None)):
            raise Refused(_("Only whoever wrote a message down or an admin can delete it."))
        parcel = pack(message, by)
        Message.objects.filter(pk=message.pk).delete()
        if message.direction == Direction.OUT:
            reconsider_inquiries(record=message.record, record_id=message.record_id, at=message.at)
        _tell("message.deleted", message, by, origin)
    return parcel.seal


def restore_message(*, seal: str, by: User, origin: str = "") -> Message:
    """Bring back what `delete_message` took, as it was; twice is once."""
    with transaction.atomic():
        message, is_new = unpack(Message, seal, by)
        if is_new:
            if message.direction == Direction.OUT:
                answer_inquiries(record=message.record, record_id=message.record_id, at=message.at)
            _tell("message.restored", message, by, origin)
    return message


def find_message(*, message_id: int, by: User) -> Message:
    """One message, if this person may see what it is about; else Http404."""
    found = Message.objects.filter(pk=message_id).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    records.visible_record(found.record, found.record_id, by)
    return found


def _past(at: datetime | None) -> datetime:
    """Clocks of others run fast: nothing has been written later than now."""
    now = timezone.now()
    return min(at, now) if at else now


def _seen_again(found: Message, by: User) -> Message:
    if not records.kind_of(found.record).visible_to(by).filter(pk=found.record_id).exists():
        raise Refused(_("Another message of this channel has this `external_id`."))
    return found


def _tell(type: str, message: Message, by: User | None, origin: str) -> None:
    events.record(type, record=message.record, record_id=message.record_id, by=by, message=message.pk, channel=message.channel)
    live.touch(message.record, message.record_id, origin=origin)
    if message.direction == Direction.IN:
        refresh_days(record=message.record, record_id=message.record_id)
