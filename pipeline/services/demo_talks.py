"""What the demo's people said on the telephone and wrote to their clients, and a few inquiries that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from crm.models import Call, CallOutcome, Channel, Contact, Direction, Event, Message, User
from pipeline.services.demo_activities import write_events
from pipeline.services.demo_stories import Client
from pipeline.simulator.hours import WorkingHours
from pipeline.simulator.talk import CALLS, INQUIRIES, LETTERS

CALLED, WROTE = 0.4, 0.3
WAITING = 4
# One in three calls finds nobody.
MISSED = (CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.VOICEMAIL)


def write_talks(*, clients: Sequence[Client], hours: WorkingHours, now: datetime, seed: int) -> None:
    """Calls and letters over the year, and inquiries of the last two days; with dice of their own, so that the rest stays as it is."""
    random = Random(seed)  # noqa: S311 - a demo keeps no secrets
    calls: list[Call] = []
    messages: list[Message] = []
    for client in clients:
        for contact in client.contacts:
            if client.owner and random.random() < CALLED:
                calls += _calls(client, contact, client.owner, hours, now, random)
            if client.owner and contact.email and random.random() < WROTE:
                messages += _letters(client, contact, client.owner, hours, now, random)
    messages += _inquiries(clients, now, random)
    Call.objects.bulk_create(calls)
    Message.objects.bulk_create(messages)
    write_events([*map(_call_event, calls), *map(_message_event, messages)])


def _calls(client: Client, contact: Contact, owner: User, hours: WorkingHours, now: datetime, random: Random) -> Iterator[Call]:
    for _number in range(random.randrange(1, 4)):
        missed = random.random() < 1 / 3
        yield Call(
            record="contact",
            record_id=contact.pk,
            direction=Direction.OUT if missed or random.random() < 0.8 else Direction.IN,
            outcome=random.choice(MISSED) if missed else CallOutcome.REACHED,
            at=hours.between(client.company.created_at, now),
            seconds=None if missed else random.randrange(2, 25) * 60,
            body="" if missed else random.choice(CALLS[client.invented.language]),
            author=owner,
        )


def _letters(client: Client, contact: Contact, owner: User, hours: WorkingHours, now: datetime, random: Random) -> Iterator[Message]:
    """A question and its answer some hours later."""
    subject, asked, answered = random.choice(LETTERS[client.invented.language])
    at = hours.between(client.company.created_at, now - timedelta(hours=8))
    reply = at + timedelta(minutes=random.randrange(20, 400))
    about = {"record": "contact", "record_id": contact.pk, "channel": Channel.EMAIL}
    yield Message(**about, direction=Direction.IN, sender=contact.email, subject=subject, body=asked, at=at, answered_at=reply)
    yield Message(
        **about,
        direction=Direction.OUT,
        sender=owner.email,
        recipients=contact.email,
        subject=subject,
        body=answered,
        at=reply,
        author=owner,
    )


def _inquiries(clients: Sequence[Client], now: datetime, random: Random) -> Iterator[Message]:
    """The newest questions, of different people's clients: nobody has answered yet."""
    owners: set[int] = set()
    for client in random.sample(list(clients), len(clients)):
        if len(owners) == WAITING or not client.owner or client.owner.pk in owners or not client.contacts or not client.owner.is_active:
            continue
        owners.add(client.owner.pk)
        contact = client.contacts[0]
        yield Message(
            record="contact",
            record_id=contact.pk,
            channel=Channel.FORM,
            direction=Direction.IN,
            sender=f"{contact.name} <{contact.email or contact.phone}>",
            subject="",
            body=random.choice(INQUIRIES[client.invented.language]),
            at=now - timedelta(minutes=random.randrange(15, 2000)),
        )


def _call_event(call: Call) -> Event:
    payload = {"call": call.pk, "outcome": str(call.outcome)}
    return Event(type="call.logged", record=call.record, record_id=call.record_id, actor=call.author, at=call.at, payload=payload)


def _message_event(message: Message) -> Event:
    kind = "message.received" if message.direction == Direction.IN else "message.sent"
    payload = {"message": message.pk, "channel": str(message.channel)}
    return Event(type=kind, record=message.record, record_id=message.record_id, actor=message.author, at=message.at, payload=payload)
