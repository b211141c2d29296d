"""Filling an empty database with the demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from django.db import transaction
from django.utils import timezone

from crm.models import Company, Contact, Event, Organisation, User
from pipeline.models import Deal, Pipeline
from pipeline.services.demo_activities import Secretary, write_activities, write_events
from pipeline.services.demo_doubles import add_doubles
from pipeline.services.demo_fields import add_demo_fields
from pipeline.services.demo_meetings import Diary
from pipeline.services.demo_sales import Estimator
from pipeline.services.demo_stories import Client, Story, StoryTeller
from pipeline.services.demo_talks import write_talks
from pipeline.services.demo_world import make_demo_world
from pipeline.services.history import record_history
from pipeline.simulator import talk
from pipeline.simulator.funnel import LOANS, RENEWALS

SEED = 20121
DEALS, RENEWED = 560, 56


class NotEmpty(Exception):
    """The demo goes into an empty database only."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How much there is now."""

    deals: int
    open: int


def fill_demo(*, seed: int = SEED, now: datetime | None = None) -> Filled:
    """Invent a year of selling that ends now, in one transaction; the same seed and instant give the same year."""
    now, random = now or timezone.now(), Random(seed)  # noqa: S311 - a demo keeps no secrets
    with transaction.atomic():
        organisation = Organisation.locked()
        if User.objects.exists() or Pipeline.objects.exists():
            raise NotEmpty("There are people or pipelines already; the demo fills an empty database only.")
        world = make_demo_world(organisation=organisation, today=organisation.today(now))
        teller = StoryTeller(world=world, random=random, now=now)
        told = {
            world.sales: teller.tell(pipeline=world.sales, steps=LOANS, titles=talk.TITLES, deals=DEALS, known=False),
            world.renewals: teller.tell(pipeline=world.renewals, steps=RENEWALS, titles=talk.RENEWALS, deals=RENEWED, known=True),
        }
        _write_clients(teller.clients)
        managers = {person.team_id: person for person in world.people.values() if person.is_manager and person.team_id}
        secretary = Secretary(organisation=organisation, managers=managers, random=random, hours=teller.hours, now=now)
        for pipeline, stories in told.items():
            _write_stories(pipeline, stories, secretary, world.admin)
        write_activities([note for client in teller.clients for note in secretary.client_notes(client)], [])
        # A lot of its own, so that the year is the same with and without them.
        add_demo_fields(random=Random(seed + 1), today=organisation.today(now))  # noqa: S311
        write_talks(clients=teller.clients, hours=teller.hours, now=now, seed=seed)
        lot = Random(seed + 2)  # noqa: S311
        Estimator(sales=world.sales, organisation=organisation, random=lot, hours=teller.hours, now=now).work_out()
        Diary(clients=teller.clients, organisation=organisation, random=Random(seed + 3), now=now).fill()  # noqa: S311
        add_doubles(teller.clients, now=now)
        Organisation.objects.filter(pk=organisation.pk).update(has_sample_data=True)
    return Filled(deals=Deal.objects.count(), open=Deal.objects.open().count())


def _write_clients(clients: list[Client]) -> None:
    companies = Company.objects.bulk_create(client.company for client in clients)
    contacts = Contact.objects.bulk_create(contact for client in clients for contact in client.contacts)
    rows = [("company", row) for row in companies] + [("contact", row) for row in contacts]
    write_events(Event(type=f"{kind}.created", record=kind, record_id=row.pk, actor=row.owner, at=row.created_at) for kind, row in rows)


def _write_stories(pipeline: Pipeline, stories: list[Story], secretary: Secretary, admin: User) -> None:
    """The deals first, then what was said and planned about them."""
    steps = {story.key: secretary.next_steps(story) for story in stories}
    organisation = secretary.organisation
    histories = (
        replace(story.history, next_step_on=min((organisation.today(task.due_at) for task in steps[story.key]), default=None))
        for story in stories
    )
    record_history(pipeline=pipeline, histories=histories, by=admin)
    ids: dict[str | None, int] = dict(Deal.objects.in_pipeline(pipeline).values_list("import_key", "pk"))
    notes, tasks = [], []
    for story in stories:
        own_notes, own_tasks = list(secretary.notes(story)), [*steps[story.key], *secretary.done_tasks(story)]
        for row in (*own_notes, *own_tasks):
            row.record_id = ids[story.key]
        notes += own_notes
        tasks += own_tasks
    write_events(event for story in stories for event in _edit_events(story, ids[story.key]))
    write_activities(notes, tasks)


def _edit_events(story: Story, deal_id: int) -> Iterator[Event]:
    for edit in story.edits:
        yield Event(type="deal.edited", record="deal", record_id=deal_id, actor=edit.by, at=edit.at, payload={"changes": edit.changes})
