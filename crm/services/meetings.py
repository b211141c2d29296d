"""Planning meetings with colleagues and contacts, and telling how they went."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, records, rules
from crm.cleaning import clean
from crm.errors import Refused
from crm.marks import require_mark_of, values_of
from crm.models import Attendance, Contact, Event, Meeting, MeetingOutcome, User
from crm.models.meetings import LONGEST
from crm.services.notifications import notify
from crm.services.reminders import plan_meeting_reminders
from crm.wall_clock import require_thinkable, zone_of

EDITABLE = ("title", "starts_at", "ends_at", "place", "note", "remind")
# What subscribed calendars and the people who come have to hear of.
TOLD = ("title", "starts_at", "ends_at", "place")


def plan_meeting(
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    record: str = "",
    record_id: int = 0,
    colleagues: Iterable[User] | None = None,
    contacts: Iterable[Contact] = (),
    zone: ZoneInfo | None = None,
    **details: Any,
) -> Meeting:
    """Set a time with colleagues (oneself unless said otherwise) and contacts; whoever else comes is told."""
    with transaction.atomic():
        if record or record_id:
            records.visible_record(record, record_id, by)
        meeting = Meeting(
            record=record, record_id=record_id, title=title.strip(), starts_at=starts_at, ends_at=ends_at, created_by=by, **details
        )
        meeting.zone = (zone or zone_of(by)).key
        require_thinkable(starts_at)
        _check(meeting)
        meeting.save()
        event = _tell("meeting.planned", meeting, by)
        _invite(meeting, [by] if colleagues is None else colleagues, by, event)
        meeting.contacts.set(_seen_contacts(contacts, by))
        plan_meeting_reminders(meeting)
    return meeting


def edit_meeting(
    *,
    meeting_id: int,
    by: User,
    colleagues: Iterable[User] | None = None,
    contacts: Iterable[Contact] | None = None,
    mark: str = "",
    **changes: Any,
) -> Meeting:
    """Change what `EDITABLE` names, or who comes; whoever comes is told of another time. `mark` of an older state: Changed (412)."""
    with transaction.atomic():
        meeting = _locked(meeting_id, by)
        require_mark_of(meeting_values(meeting), mark)
        if unknown := set(changes) - set(EDITABLE):
            raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
        was = {name: getattr(meeting, name) for name in EDITABLE}
        require_thinkable(changes.get("starts_at", meeting.starts_at))
        for name, value in changes.items():
            setattr(meeting, name, value.strip() if isinstance(value, str) else value)
        _check(meeting)
        if any(was[name] != getattr(meeting, name) for name in TOLD):
            meeting.sequence += 1
        meeting.save()
        event = _tell("meeting.edited", meeting, by)
        is_moved = (was["starts_at"], was["ends_at"]) != (meeting.starts_at, meeting.ends_at)
        if is_moved:
            meeting.attendances.update(starts_at=meeting.starts_at)
            _notify("meeting.moved", meeting, meeting.colleagues.all(), by, event)
        if colleagues is not None:
            _invite(meeting, colleagues, by, event)
        if contacts is not None:
            _replace_contacts(meeting, contacts, by)
        plan_meeting_reminders(meeting)
    return meeting


def meeting_values(meeting: Meeting) -> dict[str, Any]:
    """All that can be edited, as it stands. Two queries."""
    coming = sorted(str(attendance.user) for attendance in meeting.attendances.select_related("user"))
    return values_of(meeting, EDITABLE) | {"colleagues": coming, "contacts": sorted(meeting.contacts.values_list("pk", flat=True))}


def cancel_meeting(*, meeting_id: int, by: User, cancelled: bool = True) -> Meeting:
    """Call a meeting off, or let it stand again; doing it twice changes nothing."""
    with transaction.atomic():
        meeting = _locked(meeting_id, by)
        if meeting.is_cancelled != cancelled:
            meeting.cancelled_at, meeting.sequence = timezone.now() if cancelled else None, meeting.sequence + 1
            meeting.save(update_fields=["cancelled_at", "sequence"])
            event = _tell("meeting.cancelled" if cancelled else "meeting.restored", meeting, by)
            if meeting.ends_at > timezone.now():
                kind = "meeting.cancelled" if cancelled else "meeting.invited"
                _notify(kind, meeting, meeting.colleagues.all(), by, event)
            plan_meeting_reminders(meeting)
    return meeting


def close_meeting(*, meeting_id: int, outcome: str, by: User, note: str = "") -> Meeting:
    """Tell how it went: held, or nobody came; an empty outcome takes that back."""
    with transaction.atomic():
        meeting = _locked(meeting_id, by)
        if outcome and outcome not in MeetingOutcome.values:
            raise Refused(_("A meeting was held, or nobody came."))
        if outcome and meeting.is_cancelled:
            raise Refused(_("This meeting was called off."))
        if outcome and meeting.starts_at > timezone.now():
            raise Refused(_("It hasn't begun yet. Move it first if it took place earlier."))
        if (meeting.outcome, meeting.outcome_note) != (outcome, note.strip()):
            meeting.outcome, meeting.outcome_note = outcome, note.strip()
            meeting.outcome_at = timezone.now() if outcome else None
            clean(meeting)
            meeting.save(update_fields=["outcome", "outcome_note", "outcome_at"])
            _tell("meeting.closed" if outcome else "meeting.reopened", meeting, by)
            plan_meeting_reminders(meeting)
    return meeting


def find_meeting(*, meeting_id: int, by: User) -> Meeting:
    """One meeting, if this person may see it; else Http404."""
    found = Meeting.objects.visible_to(by).filter(pk=meeting_id).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return found


def _locked(meeting_id: int, by: User) -> Meeting:
    meeting = find_meeting(meeting_id=meeting_id, by=by)
    rules.require(by, "meeting.change", meeting)
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def _check(meeting: Meeting) -> None:
    clean(meeting)
    if meeting.ends_at <= meeting.starts_at:
        raise Refused(_("A meeting ends after it begins."))
    if meeting.ends_at - meeting.starts_at > LONGEST:
        raise Refused(_("A meeting lasts two weeks at most."))


def _invite(meeting: Meeting, colleagues: Iterable[User], by: User, event: Event) -> None:
    """Those who come from now on; whoever is new is told."""
    wanted = {user.pk: user for user in colleagues}
    if not wanted:
        raise Refused(_("Somebody of ours has to come: choose at least one colleague."))
    if gone := [str(user) for user in wanted.values() if not user.is_active and not meeting.attendances.filter(user=user).exists()]:
        raise Refused(_("%(people)s can't come: the account is switched off.") % {"people": ", ".join(gone)})
    meeting.attendances.exclude(user__in=wanted).delete()
    known = set(meeting.attendances.values_list("user", flat=True))
    new = [user for pk, user in wanted.items() if pk not in known]
    Attendance.objects.bulk_create([Attendance(meeting=meeting, user=user, starts_at=meeting.starts_at) for user in new])
    _notify("meeting.invited", meeting, new, by, event)


def _replace_contacts(meeting: Meeting, contacts: Iterable[Contact], by: User) -> None:
    """Those whom the editor sees are replaced; those out of sight stay."""
    unseen = meeting.contacts.exclude(pk__in=Contact.objects.visible_to(by).values("pk"))
    meeting.contacts.set([*unseen, *_seen_contacts(contacts, by)])


def _seen_contacts(contacts: Iterable[Contact], by: User) -> list[Contact]:
    wanted = {contact.pk for contact in contacts}
    seen = list(Contact.objects.visible_to(by).filter(pk__in=wanted))
    if len(seen) < len(wanted):
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return seen


def _notify(kind: str, meeting: Meeting, people: Iterable[User], by: User, event: Event) -> None:
    for user in people:
        if user.pk != by.pk:
            notify(
                user=user,
                kind=kind,
                key=f"{kind}:{event.pk}",
                record="meeting",
                record_id=meeting.pk,
                by_mail=True,
                by=by.name,
                title=meeting.title,
                at=meeting.starts_at.isoformat(),
                zone=zone_of(user).key,
                place=meeting.place,
            )


def _tell(type: str, meeting: Meeting, by: User) -> Event:
    return events.record(
        type,
        record=meeting.record or "meeting",
        record_id=meeting.record_id or meeting.pk,
        by=by,
        meeting=meeting.pk,
        title=meeting.title,
    )
