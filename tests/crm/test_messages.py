"""Calls and messages: each once, about whom they are, and which inquiries wait for an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from crm.errors import Refused
from crm.models import Call, Contact, Event, Message, User
from crm.services.calls import delete_call, log_call, restore_call
from crm.services.clients import save_client
from crm.services.messages import delete_message, record_message, restore_message
from crm.services.senders import Sender
from pipeline.models import Stage
from tests.factories import make_deal
from tests.pipeline.test_api import client_of, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def petr(anna: User) -> Contact:
    return save_client(model=Contact, by=anna, name="Petr", email="petr@vektor.example", phone="+7 916 123-45-67")


def inquiry(by: User, **values: Any) -> Message:
    return record_message(
        **{"channel": "form", "direction": "in", "sender": "petr@vektor.example", "body": "How much?", "by": by} | values
    )[0]


def test_an_inquiry_waits_until_somebody_calls_or_writes_back(anna: User, petr: Contact) -> None:
    first, second = inquiry(anna), inquiry(anna)
    assert list(Message.objects.unanswered().order_by("id")) == [first, second]
    call = log_call(record="contact", record_id=petr.pk, by=anna)
    assert not Message.objects.unanswered().exists()
    third = inquiry(anna)
    assert list(Message.objects.unanswered()) == [third]
    record_message(channel="email", direction="out", recipients="petr@vektor.example", body="Ten", by=anna)
    assert not Message.objects.unanswered().exists()
    first.refresh_from_db()
    assert first.answered_at == call.at
    assert list(Event.objects.filter(record_id=petr.pk).exclude(type="contact.created").order_by("id").values_list("type", flat=True)) == [
        *("message.received", "message.received", "call.logged", "message.received", "message.sent"),
    ]


def test_a_reply_that_is_taken_back_leaves_the_inquiry_waiting(anna: User, petr: Contact) -> None:
    asked = inquiry(anna)
    call = log_call(record="contact", record_id=petr.pk, by=anna)
    seal = delete_call(call_id=call.pk, by=anna)
    assert list(Message.objects.unanswered()) == [asked]
    restore_call(seal=seal, by=anna)
    assert not Message.objects.unanswered().exists()
    written = record_message(channel="email", direction="out", record="contact", record_id=petr.pk, body="Ten", by=anna)[0]
    delete_call(call_id=call.pk, by=anna)
    asked.refresh_from_db()
    assert asked.answered_at == written.at
    seal = delete_message(message_id=written.pk, by=anna)
    assert list(Message.objects.unanswered()) == [asked]
    restore_message(seal=seal, by=anna)
    assert not Message.objects.unanswered().exists()


def test_what_came_before_does_not_answer_and_clocks_that_run_fast_are_set_right(anna: User, petr: Contact) -> None:
    log_call(record="contact", record_id=petr.pk, at=timezone.now() - timedelta(days=1), by=anna)
    late = inquiry(anna, at=timezone.now() + timedelta(days=3))
    assert late.at <= timezone.now()
    assert list(Message.objects.unanswered()) == [late]
    old = inquiry(anna, at=timezone.now() - timedelta(days=2))
    assert old.answered_at is not None  # the call of yesterday
    with pytest.raises(Refused):
        log_call(record="contact", record_id=petr.pk, at=timezone.now() + timedelta(hours=1), by=anna)


def test_the_same_message_again_is_the_same(anna: User, boris: User, petr: Contact) -> None:
    values = {"channel": "email", "external_id": "<1@mail>", "sender": "Petr <petr@vektor.example>", "body": "Hello"}
    api = client_of(anna)
    first, again = post(api, "messages/", values), post(api, "messages/", values)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["record"], first.json()["record_id"]) == ("contact", petr.pk)
    assert post(api, "messages/", values | {"channel": "chat"}).status_code == 201
    assert Message.objects.count() == 2
    # To somebody who may not see it, it is only known that the id is taken.
    foreign = post(client_of(boris), "messages/", values)
    assert (foreign.status_code, "Hello" in foreign.content.decode()) == (422, False)


@pytest.mark.parametrize(
    "sender", ["PETR@vektor.example", '"Petr P." <petr@vektor.example>', "8 (916) 123-45-67", "+79161234567", "Petr <Petr@Vektor.example>"]
)
def test_a_known_sender_is_found_however_the_address_is_written(anna: User, petr: Contact, sender: str) -> None:
    assert inquiry(anna, sender=sender).record_id == petr.pk
    assert Contact.objects.count() == 1


def test_a_stranger_becomes_a_contact_of_the_team_that_nobody_owns_yet(anna: User, boris: User, denis: User, petr: Contact) -> None:
    message = inquiry(anna, sender="Olga <Olga@neva.example>")
    olga = Contact.objects.get(pk=message.record_id)
    assert (olga.name, olga.email, olga.owner, olga.team) == ("Olga", "olga@neva.example", None, anna.team)
    assert boris in [user for user in (boris, denis) if Contact.objects.visible_to(user).filter(pk=olga.pk).exists()]
    assert not Contact.objects.visible_to(denis).filter(pk=olga.pk).exists()
    assert inquiry(anna, sender="olga@neva.example").record_id == olga.pk
    # Whom one does not see is a stranger too: nothing tells that somebody else knows him.
    theirs = inquiry(denis, sender="petr@vektor.example")
    assert theirs.record_id != petr.pk


@pytest.mark.parametrize(
    ("given", "name", "email", "phone"),
    [
        ({"sender": "Ivan Petrov <IVAN@x.example>"}, "Ivan Petrov", "ivan@x.example", ""),
        ({"sender": "ivan@x.example"}, "", "ivan@x.example", ""),
        ({"sender": "+7 (916) 123-45-67"}, "", "", "+7 (916) 123-45-67"),
        ({"sender": "Ivan"}, "Ivan", "", ""),
        ({"sender": "", "name": "Ivan", "email": "not a mail", "phone": "12"}, "Ivan", "", ""),
        ({"name": "Ivan", "email": "i@x.example", "phone": "8 916 1234567"}, "Ivan", "i@x.example", "8 916 1234567"),
        ({"sender": "a" * 400}, "a" * 200, "", ""),
        ({"sender": "\u202eevil@x.example"}, "", "", ""),
    ],
)
def test_how_a_sender_is_read(given: dict[str, str], name: str, email: str, phone: str) -> None:
    read = Sender.read(**given)
    if "\u202e" not in given.get("sender", ""):
        assert read.name == name
    assert (read.email, read.phone) == (email, phone)


def test_what_one_does_not_see_takes_and_shows_nothing(anna: User, boris: User, clara: User, petr: Contact, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    call, message = log_call(record="deal", record_id=deal.pk, by=anna), inquiry(anna, record="deal", record_id=deal.pk)
    for verb in (
        lambda: log_call(record="deal", record_id=deal.pk, by=boris),
        lambda: inquiry(boris, record="deal", record_id=deal.pk),
        lambda: delete_call(call_id=call.pk, by=boris),
        lambda: delete_message(message_id=message.pk, by=boris),
        lambda: delete_call(call_id=10**9, by=boris),
    ):
        with pytest.raises(Http404):
            verb()
    for verb in (lambda: delete_call(call_id=call.pk, by=clara), lambda: delete_message(message_id=message.pk, by=clara)):
        with pytest.raises(Refused):  # seen, but not hers
            verb()
    assert (Call.objects.count(), Message.objects.count()) == (1, 1)


def test_lists_of_the_api_are_of_one_record(anna: User, boris: User, petr: Contact, stages: list[Stage]) -> None:
    api = client_of(anna)
    made = post(api, "calls/", {"record": "contact", "record_id": petr.pk, "outcome": "voicemail", "seconds": 12, "body": "Beep"})
    assert made.status_code == 201, made.content
    post(api, "notes/", {"record": "contact", "record_id": petr.pk, "body": "Likes tea"})
    query = f"?record=contact&record_id={petr.pk}"
    assert [row["outcome"] for row in api.get(f"/api/v1/calls/{query}").json()["results"]] == ["voicemail"]
    assert api.get("/api/v1/calls/").status_code == 400
    assert api.get(f"/api/v1/calls/{made.json()['id']}/").json()["body"] == "Beep"
    assert client_of(boris).get(f"/api/v1/calls/{query}").status_code == 404
    assert client_of(boris).get(f"/api/v1/calls/{made.json()['id']}/").status_code == 404
    page = api.get(f"/api/v1/timeline/{query}&page_size=2").json()
    assert [(row["kind"], row["what"]) for row in page["results"]] == [("note", "note"), ("call", "call-missed")]
    assert api.get(f"/api/v1/timeline/{query}&kind=call").json()["results"] == page["results"][1:]
    assert client_of(boris).get(f"/api/v1/timeline/{query}").status_code == 404
    for wrong in ("&kind=nonsense", "&before=x", "&page_size=0", "&page_size=1000"):
        assert api.get(f"/api/v1/timeline/{query}{wrong}").status_code == 400, wrong
    for body in ({"outcome": "shouted"}, {"seconds": -1}, {"seconds": 10**9}, {"at": "soon"}, {"direction": "up"}, {"author": 1}):
        assert post(api, "calls/", {"record": "contact", "record_id": petr.pk} | body).status_code in (400, 422), body
