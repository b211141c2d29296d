"""The list of meetings: whose one sees, what it is filtered by, and what it costs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.filtering.reader import Reader
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import Company, Contact, Meeting, User
from crm.queries.lists import read_list
from crm.services.meetings import cancel_meeting, close_meeting, plan_meeting
from pipeline.models import Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def meet(title: str, by: User, hours: float = 5, **details: Any) -> Meeting:
    starts = timezone.now() + timedelta(hours=hours)
    return plan_meeting(title=title, starts_at=starts, ends_at=starts + timedelta(hours=1), by=by, **details)


def titles(user: User, **given: Any) -> list[str]:
    kind = list_kind("meeting")
    assert kind
    filter = {"filter": json.dumps(given.pop("filter"))} if "filter" in given else {}
    return [row.record.title for row in read_list(Asked.read(kind, given | filter, Reader.of(user))).rows]


def found(user: User, field: str, op: str, value: Any = None) -> set[str]:
    return set(titles(user, filter={"field": field, "op": op} | ({} if value is None else {"value": value})))


def test_it_begins_with_what_lies_ahead_of_one(anna: User, boris: User, clara: User, denis: User, admin: User) -> None:
    for title, hours in (("Later", 9), ("Soon", 2), ("Over", -3)):
        meet(title, anna, hours)
    meet("Called off", anna)
    cancel_meeting(meeting_id=Meeting.objects.get(title="Called off").pk, by=anna)
    meet("Together", boris, 4, colleagues=[anna, boris])
    meet("His", boris)
    assert titles(anna) == ["Soon", "Together", "Later"]
    assert titles(anna, view="untold") == ["Over"]
    mine = {"Soon", "Together", "Later", "Over", "Called off"}
    seen = {user: set(titles(user, view="all")) for user in (anna, boris, clara, denis, admin)}
    assert seen == {anna: mine, boris: {"Together", "His"}, clara: {*mine, "His"}, denis: set(), admin: {*mine, "His"}}


def test_every_field_filters(anna: User, boris: User, denis: User, stages: list[Stage]) -> None:
    company = Company.objects.create(name="Vektor", owner=anna, team=anna.team)
    vera, oleg = (Contact.objects.create(name=name, owner=anna, team=anna.team) for name in ("Vera", "Oleg"))
    deal = make_deal(by=anna)
    meet("C", anna, record="company", record_id=company.pk, place="Room 5")
    meet("P", anna, record="contact", record_id=vera.pk, colleagues=[anna, boris])
    meet("D", anna, -30, record="deal", record_id=deal.pk, contacts=[vera, oleg], note="Bring the offer")
    close_meeting(meeting_id=Meeting.objects.get(title="D").pk, outcome="held", note="They want it", by=anna)
    assert found(anna, "state", "is", "held") == found(anna, "outcome", "is", "held") == {"D"}
    assert found(anna, "state", "none_of", ["held", "called_off"]) == {"C", "P"}
    assert found(anna, "starts", "older", 1) | found(anna, "starts", "last", 3) == {"D"} | found(anna, "starts", "is", "today")
    assert found(anna, "colleague", "is", boris.pk) == {"P"}
    assert found(anna, "colleague", "is_not", boris.pk) == {"C", "D"}
    assert found(anna, "contact", "is", vera.pk) == {"P", "D"}
    assert found(anna, "contact", "empty") == {"C"}
    assert found(anna, "company", "is", company.pk) == {"C"}
    assert found(anna, "deal", "is", deal.pk) == {"D"}
    assert found(anna, "place", "contains", "room") == {"C"}
    assert found(anna, "note", "contains", "offer") == found(anna, "outcome_note", "contains", "want") == {"D"}
    assert found(denis, "deal", "is", deal.pk) == set()


def test_it_costs_the_same_however_long_it_is_and_the_api_filters_too(
    anna: User, clara: User, admin: User, stages: list[Stage], client: Client
) -> None:
    company, deal = Company.objects.create(name="Vektor", owner=anna, team=anna.team), make_deal(by=anna)
    contact = Contact.objects.create(name="Vera", owner=anna, team=anna.team)

    def grow() -> None:
        for record in (company, contact, deal, None):
            pair = {"record": record._meta.model_name, "record_id": record.pk} if record else {}
            meet("Demo", anna, **pair)

    def cost(user: User) -> int:
        client.force_login(user)
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse("meetings"), {"view": "all"}).status_code == 200
        return len(told)

    grow()
    before = {user.pk: cost(user) for user in (anna, clara, admin)}
    for _turn in range(15):
        grow()
    for user in (anna, clara, admin):
        assert cost(user) == before[user.pk] <= 14
    client.force_login(anna)
    asked = json.dumps({"field": "deal", "op": "is", "value": deal.pk})
    answer = client.get("/api/v1/meetings/", {"filter": asked, "view": "all"}).json()["results"]
    assert {(row["record"], row["record_id"]) for row in answer} == {("deal", deal.pk)}
