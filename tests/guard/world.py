"""The world that the walks walk through, made once for a module: the readers, and records of Anna's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import ApiKey, BulkChange, Contact, InboundHook, Job, Role, Tag, User
from crm.services.attachments import add_file
from crm.services.calls import log_call
from crm.services.custom_fields import add_field
from crm.services.meetings import plan_meeting
from crm.services.messages import record_message
from crm.services.notes import add_note
from crm.services.notifications import notify
from crm.services.removals import remove_record
from crm.services.tasks import add_task
from crm.services.views import save_view
from pipeline.models import ChecklistItem, ContactRole, LostReason, Product, Source, Stage
from pipeline.services.competitors import add_rival
from pipeline.services.deal_people import put_person
from pipeline.services.line_items import add_item
from pipeline.services.quotes import create_quote
from tests.factories import make_deal, make_import, make_pipeline, make_team, make_user
from tests.guard.rights import Row

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class World:
    """Who reads, with a session and a key of each, and the ids that the rows of the table speak of."""

    people: dict[str, User]
    ids: dict[str, int]
    sessions: dict[str, str]
    keys: dict[str, str]

    def browser(self, reader: str, **options: Any) -> Client:
        """A fresh browser in which this reader is signed in."""
        client = Client(**options)
        if reader != "nobody":
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[reader]
        return client

    def path(self, name: str, row: Row, ids: dict[str, int] | None = None) -> str:
        """The address of a row, without its question."""
        return reverse(name, kwargs={key: value.format(**(ids or self.ids)) for key, value in row.path.items()})

    def body(self, row: Row, ids: dict[str, int] | None = None) -> dict[str, str | None]:
        """What a row sends."""
        return {key: None if value is None else value.format(**(ids or self.ids)) for key, value in row.body.items()}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Each test starts from it in a savepoint, and none changes its objects."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        stages = list(make_pipeline().stages.all())
        people = _people()
        ids = _records(people["anna"], people["admin"], stages)
        sessions = {reader: _session(person) for reader, person in people.items()}
        keys = {reader: ApiKey.issue(user=person, name="test")[1] for reader, person in people.items()}
        User.objects.filter(pk=people["inactive"].pk).update(is_active=False)  # while signed in
    yield World(people, ids, sessions, keys)
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


def _people() -> dict[str, User]:
    north, south = make_team("North"), make_team("South")
    boris = make_user("Boris Belov", team=north)
    return {
        "anna": make_user("Anna Arlova", team=north),
        "boris": boris,
        "open boris": boris,
        "clara": make_user("Clara Chen", role=Role.MANAGER, team=north),
        "dora": make_user("Dora Dale", role=Role.MANAGER, team=south),
        "admin": make_user("Ada Minova", role=Role.ADMIN),
        "inactive": make_user("Ivan Ilin", role=Role.ADMIN),
    }


def _session(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _records(anna: User, admin: User, stages: list[Stage]) -> dict[str, int]:
    """Records of Anna's."""
    deal = make_deal("Anna's deal", by=anna, company="Vektor")
    contact = Contact.objects.create(name="Petr", company=deal.company, owner=anna, team=anna.team)
    put_person(deal_id=deal.pk, contact=contact, role=None, by=anna)
    task = add_task(title="Call", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    note = add_note(record="deal", record_id=deal.pk, body="Hello", by=anna)
    began = timezone.now() - timedelta(hours=1)
    meeting = plan_meeting(title="Demo", starts_at=began, ends_at=began + timedelta(hours=2), by=anna, record="deal", record_id=deal.pk)
    item = add_item(deal_id=deal.pk, values={"name": "Licence", "price": Decimal(100)}, by=anna)
    check = ChecklistItem.objects.create(pipeline=deal.pipeline, name="Needs asked")
    notification = notify(user=anna, kind="test", key="test", record="deal", record_id=deal.pk)
    about = {"record": "deal", "record_id": deal.pk, "by": anna}
    gone = Contact.objects.create(name="Gone", owner=anna, team=anna.team)
    return {
        "hook": InboundHook.objects.create(name="Site", hash="0" * 64).pk,
        "call": log_call(**about).pk,
        "message": record_message(**about, channel="chat", direction="in", body="Hello")[0].pk,
        "file": add_file(**about, name="dot.png", chunks=[PNG]).pk,
        "notification": notification.pk,
        "view": save_view(kind="deal", name="Anna's", by=anna).pk,
        "anna": anna.pk,
        "meeting": meeting.pk,
        "item": item.pk,
        "quote": create_quote(deal_id=deal.pk, language="en", by=anna).pk,
        "competitor": add_rival(deal_id=deal.pk, competitor="Acme", by=anna).competitor_id,
        "check": check.pk,
        "product": Product.objects.create(name="Licence", currency="EUR").pk,
        "deal": deal.pk,
        "company": deal.company_id,
        "contact": contact.pk,
        "task": task.pk,
        "note": note.pk,
        "removal": remove_record(kind="contact", record_id=gone.pk, by=anna).pk,
        "import": make_import(by=anna).pk,
        "bulk": BulkChange.objects.create(kind="contact", action="owner", by=anna, ids=[], last_id=0, finished_at=timezone.now()).pk,
        "job": Job.objects.create(kind="test", owner=anna).pk,
        "export": Job.objects.create(kind="export", owner=anna, params={"kind": "contact", "format": "csv", "name": "a.csv"}).pk,
        "pipeline": stages[0].pipeline_id,
        "stage": stages[0].pk,
        "next": stages[1].pk,
        "tag": Tag.objects.create(name="hot").pk,
        "field": add_field(kind="deal", type="choice", labels={"en": "Level"}, options=["Gold", "Silver"], by=admin).pk,
        "source": Source.objects.create(name="Website").pk,
        "reason": LostReason.objects.create(name="Price").pk,
        "role": ContactRole.objects.create(name="Signs").pk,
    }
