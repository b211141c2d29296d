"""Writing down telephone calls."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, live, records
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Call, CallOutcome, Direction, User
from crm.services.inquiries import answer_inquiries, reconsider_inquiries
from crm.services.parcels import pack, unpack


def log_call(
    *,
    record: str,
    record_id: int,
    by: User,
    outcome: str = CallOutcome.REACHED,
    direction: str = Direction.OUT,
    at: datetime | None = None,
    seconds: int | None = None,
    body: str = "",
    origin: str = "",
) -> Call:
    """Note a call that took place (just now unless said otherwise); it answers the inquiries that waited about the record."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        now = timezone.now()
        if at is not None and at > now:
            raise Refused(_("This call would lie ahead. Plan it as a task instead."))
        call = Call(
            record=record,
            record_id=record_id,
            direction=direction,
            outcome=outcome,
            at=at or now,
            seconds=seconds,
            body=body.strip(),
            author=by,
        )
        clean(call)
        call.save()
        answer_inquiries(record=record, record_id=record_id, at=call.at)
        _tell("call.logged", call, by, origin)
    return call


def delete_call(*, call_id: int, by: User, origin: str = "") -> str:
    """Take back an own call (an admin: any); the answer is what brings it back."""
    with transaction.atomic():
        call = find_call(call_id=call_id, by=by)
        if not (by.is_admin or call.author_id == by.pk):
            raise Refused(_("Only whoever logged a call or an admin can delete it."))
        parcel = pack(call, by)
        Call.objects.filter(pk=call.pk).delete()
        reconsider_inquiries(record=call.record, record_id=call.record_id, at=call.at)
        _tell("call.deleted", call, by, origin)
    return parcel.seal


def restore_call(*, seal: str, by: User, origin: str = "") -> Call:
    """Bring back what `delete_call` took, as it was; twice is once."""
    with transaction.atomic():
        call, is_new = unpack(Call, seal, by)
        if is_new:
            answer_inquiries(record=call.record, record_id=call.record_id, at=call.at)
            _tell("call.restored", call, by, origin)
    return call


def find_call(*, call_id: int, by: User) -> Call:
    """One call, if this person may see what it is about; else Http404."""
    found = Call.objects.filter(pk=call_id).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    records.visible_record(found.record, found.record_id, by)
    return found


def _tell(type: str, call: Call, by: User, origin: str) -> None:
    events.record(type, record=call.record, record_id=call.record_id, by=by, call=call.pk, outcome=call.outcome)
    live.touch(call.record, call.record_id, origin=origin)
