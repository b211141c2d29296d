"""The synthetic load: a history that keeps every promise, the shape of a real one, and the same for the same seed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F

from crm.models import Call, Company, Contact, Event, Message, Note, Role, SearchEntry, Team, User
from pipeline.models import Deal, DealTerms, StageVisit
from pipeline.services import load, load_clients
from pipeline.services.load import seed_load
from pipeline.simulator.load import STEPS, LoadSimulator, World
from tests.pipeline.invariants import check_invariants

DEFINITIONS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = ANY(%(tables)s::regclass[])
UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%(tables)s)
UNION ALL SELECT tgname, tgenabled::text FROM pg_trigger WHERE tgrelid = ANY(%(tables)s::regclass[]) AND NOT tgisinternal
ORDER BY 1, 2
"""


DEALS = ["pipeline_deal", "pipeline_stagevisit", "pipeline_dealterms"]
SAID = ["crm_contact", "crm_note", "crm_call", "crm_message", "crm_event", "crm_searchentry", "crm_searchentry_contact"]
ENTRIES = "SELECT record_id, text, own, lent FROM crm_searchentry WHERE kind = 'contact' ORDER BY record_id"


def definitions(tables: list[str]) -> list[tuple[str, str]]:
    """Without casts and brackets, which PostgreSQL writes another way once it has read its own words again."""
    with connection.cursor() as cursor:
        cursor.execute(DEFINITIONS, {"tables": tables})
        return [(name, re.sub(r"::(character varying|text)(\[\])?|[()]", "", words)) for name, words in cursor.fetchall()]


def simulated(seed: int, *, size: int = 100) -> list[tuple[str, str]]:
    world = World(
        pipeline=1,
        stages=range(1, len(STEPS) + 1),
        owners=[(1, 1), (2, 1)],
        companies=[1, 2, 3],
        sources=[1],
        reasons=[1, 2],
        currencies=["EUR"],
        last_ranks=[0] * len(STEPS),
    )
    simulator = LoadSimulator(world=world, seed=seed, now=datetime(2026, 3, 1, tzinfo=UTC), today=date(2026, 3, 1))
    return [(batch.deals, batch.visits) for batch in simulator.batches(range(1, 301), size)]


def test_the_same_seed_and_instant_give_the_same_deals() -> None:
    assert simulated(7) == simulated(7)
    assert simulated(7) != simulated(8)
    assert "".join(deals for deals, _visits in simulated(7)) == simulated(7, size=300)[0][0]


# The second one by the way of large loads, which sets indexes, constraints and triggers aside.
@pytest.mark.parametrize("small", [load.SMALL, 100])
@pytest.mark.django_db(transaction=True)
def test_a_load_keeps_every_promise_and_looks_like_a_history(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SMALL", small)
    before = definitions(DEALS)
    report = seed_load(deals=1500, seed=3, password="secret words")
    assert definitions(DEALS) == before
    check_invariants()
    assert SearchEntry.objects.filter(kind="deal").count() == 1500
    assert (Deal.objects.count(), StageVisit.objects.count(), DealTerms.objects.count()) == (1500, report.visits, 1500)
    assert 4 <= report.visits / 1500 <= 6
    assert 0.05 <= Deal.objects.open().count() / 1500 <= 0.15
    columns = Deal.objects.open().values("stage").annotate(n=Count("id"))
    assert len(columns) == len(STEPS) == report.pipeline.stages.count()
    assert (User.objects.filter(role=Role.REP).count(), User.objects.filter(role=Role.MANAGER).count()) == (45, 5)
    assert Team.objects.annotate(n=Count("members")).filter(n=10).count() == 5
    assert StageVisit.objects.values("deal").annotate(n=Count("id")).filter(n__gt=8).exists()


@pytest.mark.django_db(transaction=True)
def test_a_second_load_adds_to_the_first() -> None:
    for _turn in range(2):
        call_command("seed_load", deals=200, seed=1, verbosity=0)
    assert (Deal.objects.count(), User.objects.count(), Team.objects.count()) == (400, 51, 5)
    assert Deal.objects.values("pipeline").distinct().count() == 1
    check_invariants()


@pytest.mark.parametrize("small", [load.SMALL, 100])
@pytest.mark.django_db(transaction=True)
def test_people_and_what_was_said(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_clients, "SMALL", small)
    before = definitions(SAID)
    call_command("seed_load", deals=200, seed=1, contacts=300, entries=2000, verbosity=0)
    assert Contact.objects.filter(company__isnull=False, owner__isnull=False, team=F("owner__team")).count() == 300
    assert Contact.objects.values("email").distinct().count() == 300
    assert (Note.objects.count(), Call.objects.count(), Message.objects.count()) == (1000, 400, 300)
    assert Event.objects.filter(type="contact.edited").count() + Event.objects.filter(type="deal.edited").count() > 200
    for kind, model in (("contact", Contact), ("deal", Deal), ("company", Company)):
        told = Note.objects.filter(record=kind)
        assert told.exists()
        assert not told.exclude(record_id__in=model.objects.values("pk")).exists()
    assert definitions(SAID) == before
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES)
        found = cursor.fetchall()
        cursor.execute("DELETE FROM crm_searchentry WHERE kind = 'contact'")
        cursor.execute("SELECT crm_search_contacts(ARRAY(SELECT id FROM crm_contact))")
        cursor.execute(ENTRIES)
        assert found == cursor.fetchall()
