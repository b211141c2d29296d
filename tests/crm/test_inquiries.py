"""Inquiries: who hears of them, and what closes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import Http404

from crm import events, timeline
from crm.errors import Refused
from crm.models import Contact, Event, Message, Notification, User
from crm.services.clients import save_client
from crm.services.inquiries import close_inquiries, reopen_inquiries
from crm.services.messages import record_message

pytestmark = pytest.mark.django_db


def wrote(by: User, contact: Contact, **fields: str) -> Message:
    fields = {"sender": "vera@client.example", "subject": "Price?", "direction": "in"} | fields
    return record_message(channel="email", record="contact", record_id=contact.pk, by=by, **fields)[0]  # type: ignore[arg-type]


def heard() -> list[tuple[str, str]]:
    events.dispatch_all(Event.objects.undispatched())
    return [(told.user.name, told.kind) for told in Notification.objects.select_related("user").order_by("user__name", "pk")]


def test_the_owner_hears_of_it_once(anna: User, boris: User, admin: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Vera")
    wrote(admin, contact)
    assert heard() == [("Anna Arlova", "inquiry")]
    Event.objects.filter(type="message.received").update(dispatched_at=None)  # a worker died after the work and before the mark
    assert heard() == [("Anna Arlova", "inquiry")]


def test_the_whole_team_hears_of_a_stranger(anna: User, boris: User, clara: User, denis: User, admin: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Stranger")
    Contact.objects.filter(pk=contact.pk).update(owner=None)
    wrote(admin, contact)
    assert {name for name, _kind in heard()} == {"Anna Arlova", "Boris Belov", "Clara Chen"}


def test_nobody_hears_of_what_they_wrote_down_themselves_or_sent(anna: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Vera")
    wrote(anna, contact)
    wrote(anna, contact, direction="out", recipients="vera@client.example")
    assert heard() == []


def test_closing_and_reopening(anna: User, boris: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Vera")
    message = wrote(anna, contact)
    with pytest.raises(Http404):
        close_inquiries(record="contact", record_id=contact.pk, by=boris)
    at = close_inquiries(record="contact", record_id=contact.pk, by=anna)
    assert Message.objects.get().answered_at == at
    for nonsense in ("", "soon", "2026-01-01T00:00:00"):
        with pytest.raises(Refused):
            reopen_inquiries(record="contact", record_id=contact.pk, at=nonsense, by=anna)
    reopen_inquiries(record="contact", record_id=contact.pk, at=datetime(2020, 1, 1, tzinfo=UTC).isoformat(), by=anna)
    assert not Message.objects.unanswered().exists()
    reopen_inquiries(record="contact", record_id=contact.pk, at=at.isoformat(), by=anna)
    assert list(Message.objects.unanswered()) == [message]
    assert Event.objects.filter(type__startswith="inquiry.").count() == 2


def test_a_timeline_says_what_became_of_it_in_words(anna: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Vera")
    wrote(anna, contact)
    at = close_inquiries(record="contact", record_id=contact.pk, by=anna)
    reopen_inquiries(record="contact", record_id=contact.pk, at=at.isoformat(), by=anna)
    told = timeline.read([timeline.Subject("contact", contact.pk)], kinds=["change"]).entries
    assert [entry.more["words"] for entry in told] == ["Waits for an answer again", "Answered some other way", "Added"]
