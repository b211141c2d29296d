"""Importing deals: what other programs say of stages, kept as exactly as it was told, and taken back."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.utils import timezone

from analytics.queries.filters import Count, Filters, Per
from analytics.queries.funnel import funnel
from analytics.queries.time_in_stage import time_in_stage
from crm import jobs
from crm.models import Company, Contact, Event, ImportBatch, Note, User
from crm.queries.imports import preview
from crm.services.imports import add_history, add_import, choose, revert_import, start_import
from pipeline.models import Deal, Pipeline, Source, Stage, StageVisit
from pipeline.services.deals import edit_deal
from pipeline.services.moves import move_deal
from tests.crm.importing.test_identity import everything
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants
from tests.samples import SHARED

pytestmark = pytest.mark.django_db
EXPORTS = SHARED / "exports"
needs_samples = pytest.mark.skipif(
    not EXPORTS.is_dir(), reason="the sample exports are not at hand (set VORONKA_SHARED to the folder that holds exports/)"
)


@pytest.fixture(autouse=True)
def no_breath(settings: Any) -> None:
    settings.JOBS_BREATH = 0


def bring_in(
    data: bytes, by: User, *, name: str = "deals.csv", history: bytes = b"", duplicates: str = "fill", **options: Any
) -> ImportBatch:
    batch = add_import(file=SimpleUploadedFile(name, data), by=by, kind="" if b"," in data else "deal")
    assert batch.kind == "deal"
    if history:
        add_history(batch=batch, file=SimpleUploadedFile("history.csv", history))
    choose(batch=batch, mapping=batch.mapping, options={**batch.options, **options}, duplicates=duplicates, automation="no", by=by)
    start_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.job is not None and (batch.state, batch.job.error) == ("done", "")
    return batch


def take_back(batch: ImportBatch, by: User) -> None:
    revert_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.state == "reverted", batch.revert_job and batch.revert_job.error


@needs_samples
@pytest.mark.parametrize(
    "name", ["amocrm_deals.csv", "bitrix24_deals_utf8bom.csv", "bitrix24_deals_cp1251.csv", "pipedrive_deals.csv", "hubspot_deals.csv"]
)
def test_the_samples_come_in_as_they_say_and_go_again(admin: User, sales: Pipeline, name: str) -> None:
    facts = json.loads((EXPORTS / "expected.json").read_text())[name]
    before = everything()
    batch = bring_in((EXPORTS / name).read_bytes(), admin, name=name)
    refused = list(batch.outcomes.filter(action="refused").values_list("line", "reasons"))
    assert refused == []
    deals = Deal.objects.filter(pipeline=sales)
    assert (deals.count(), deals.won().count(), deals.lost().count(), deals.open().count()) == (
        facts["deals"],
        facts["won"],
        facts["lost"],
        facts["open"],
    )
    assert deals.won().aggregate(sum=Sum("amount"))["sum"] == facts["won_amount"]
    if "amount_total_over_deals" in facts:
        assert deals.aggregate(sum=Sum("amount"))["sum"] == facts["amount_total_over_deals"]
    if "first" in facts:
        first = deals.get(import_key=f"amocrm:{facts['first']['id']}")
        assert first.created_at.isoformat().replace("+00:00", "Z") == facts["first"]["created_utc_if_moscow"]
    check_invariants()
    # Since when a deal has been in its stage isn't told, so no figure of time is made of it.
    times = time_in_stage(pipeline=sales, viewer=admin, filters=Filters())
    assert all(visit.is_vague for visit in StageVisit.objects.filter(deal__in=deals, entered_by=None).filter(seq=1))
    assert sum(stage.n for stage in times.stages) == StageVisit.objects.filter(is_vague=False).count()
    report = funnel(pipeline=sales, viewer=admin, filters=Filters())
    assert (report.deals, report.won, report.lost, report.open) == (facts["deals"], facts["won"], facts["lost"], facts["open"])
    assert all(stage.advanced + stage.lost + stage.open == stage.entered for stage in report.stages)
    assert bring_in((EXPORTS / name).read_bytes(), admin, name=name).counts == {"skipped.deal": facts["deals"]}
    take_back(batch, admin)
    after = everything()
    assert {table for table in after if after[table] != before[table] and "tally" not in table} == set()


@needs_samples
def test_salesforce_brings_the_history_of_stages(admin: User, sales: Pipeline) -> None:
    facts = json.loads((EXPORTS / "expected.json").read_text())["salesforce_*.csv"]
    history = (EXPORTS / "salesforce_OpportunityHistory.csv").read_bytes()
    batch = bring_in((EXPORTS / "salesforce_Opportunity.csv").read_bytes(), admin, history=history)
    assert not batch.outcomes.filter(action="refused").exists() and batch.options["history"] == facts["deals"]
    deals = Deal.objects.filter(pipeline=sales)
    assert (deals.won().count(), deals.lost().count(), deals.open().count()) == (facts["won"], facts["lost"], facts["open"])
    assert deals.won().aggregate(sum=Sum("amount"))["sum"] == facts["won_amount"]
    visits = StageVisit.objects.filter(deal__in=deals)
    assert not visits.filter(is_vague=True).exists() and visits.count() > facts["deals"]
    check_invariants()
    times = time_in_stage(pipeline=sales, viewer=admin, filters=Filters())
    assert sum(stage.n for stage in times.stages) == visits.count()
    take_back(batch, admin)
    assert (
        not Deal.objects.exists()
        and not Stage.objects.exclude(pk__in=[1, 2, 3, 4]).filter(name__startswith="Nego").exclude(name="Negotiation").exists()
    )


TEXT = """ID,Deal name,Stage,Amount,Currency,Created,Closed at,Status,Company,Contact,Email,Source,Tags,Notes,Lost reason
1,Vektor,Proposal,"1 234,50",₽,2026-01-10,,open,Vektor,Petr,p@b.example,Fair,vip,Call them,
2,Won one,,100,EUR,2026-01-10,2026-02-10,Won,Vektor,Petr,P@b.example,,,,
3,Lost one,Qualified,5,EUR,2026-01-10,2026-02-01,Lost,,,,,,,Price
4,Tomorrow,New,1,EUR,2999-01-01,,,,,,,,,
5,Backwards,New,1,EUR,2026-02-10,2026-01-01,Won,,,,,,,
6,Negative,New,-1,EUR,2026-02-10,,,,,,,,,
7,,New,1,EUR,2026-02-10,,,,,,,,,
"""


def test_deals_with_their_clients(anna: User, stages: list[Stage]) -> None:
    batch = bring_in(TEXT.encode(), anna)
    first, won, lost = Deal.objects.exclude(title="№ 7").order_by("id")
    assert (first.stage, first.amount, first.currency, first.owner, first.tags) == (stages[2], Decimal("1234.50"), "RUB", anna, ["vip"])
    assert first.company == won.company == Company.objects.get() and first.contact == won.contact == Contact.objects.get()
    assert (first.source, Note.objects.get().text) == (Source.objects.get(name="Fair"), "Call them")
    assert (won.outcome, won.closed_at.date().isoformat(), lost.outcome, lost.lost_reason.name) == ("won", "2026-02-09", "lost", "Price")
    assert {row.line: row.reasons[0] for row in batch.outcomes.filter(action="refused")} == {
        5: "2999-01-01 has not come yet.",
        6: "It was closed before it was created.",
        7: "The amount is below zero, or beyond what can be kept.",
    }
    check_invariants()
    take_back(batch, anna)
    assert not Deal.objects.exists() and not Company.objects.exists() and not Source.objects.exists()


def test_a_stay_that_is_vague_is_in_no_figure_of_time(anna: User, sales: Pipeline, stages: list[Stage]) -> None:
    text = (
        "ID,Title,Stage,Created,Last stage change\n1,A,Proposal,2026-01-10,\n2,B,Proposal,2026-01-10,2026-02-10\n3,C,Nowhere,2026-01-10,\n"
    )
    bring_in(text.encode(), anna)
    told = StageVisit.objects.order_by("deal__title", "seq").values_list("deal__title", "stage__name", "is_vague", "stay_steps")
    assert [(title, stage, vague) for title, stage, vague, _steps in told] == [
        ("A", "Proposal", True),
        ("B", "New", True),
        ("B", "Proposal", False),
        ("C", "New", True),
    ]
    for per in (Per.VISIT, Per.DEAL):
        times = {stage.stage.name: stage.n for stage in time_in_stage(pipeline=sales, viewer=anna, filters=Filters(per=per)).stages}
        assert times == {"New": 0, "Qualified": 0, "Proposal": 1, "Negotiation": 0}
    bars = {stage.stage.name: stage for stage in funnel(pipeline=sales, viewer=anna, filters=Filters()).stages}
    assert [(bar.entered, bar.advanced, bar.open) for bar in bars.values()] == [(3, 2, 1), (2, 2, 0), (2, 0, 2), (0, 0, 0)]


def test_a_rep_adds_no_stages_and_an_admin_may(anna: User, admin: User, stages: list[Stage]) -> None:
    bring_in(b"ID,Title,Stage,Created\n1,A,Pilot,2026-01-10\n", anna)
    assert Deal.objects.get().stage == stages[0]
    batch = bring_in(b"ID,Title,Stage,Created\n2,B,Pilot,2026-01-10\n", admin)
    assert Deal.objects.get(title="B").stage.name == "Pilot"
    take_back(batch, admin)
    assert not Stage.objects.filter(name="Pilot").exists()
    bring_in(b"ID,Title,Stage,Created\n3,C,Pilot,2026-01-10\n", admin, stages={"Pilot": "won"})
    assert Deal.objects.get(title="C").outcome == "won"


AGAIN = """ID,Deal name,Stage,Amount,Currency,Expected close,Company,Contact,Email,Source,Tags,Notes
1,Vektor,Proposal,{amount},{currency},{close},{company},Petr,p@b.example,{source},{tags},Call them
"""
FIRST = {"amount": "100", "currency": "EUR", "close": "", "company": "", "source": "", "tags": "vip"}
SECOND = {"amount": "250.50", "currency": "USD", "close": "2027-01-10", "company": "Vektor GmbH", "source": "Fair", "tags": "new"}


@pytest.mark.parametrize(
    ("duplicates", "amount", "currency", "company", "tags", "counts"),
    [
        ("fill", "100.00", "EUR", "Vektor GmbH", ["vip", "new"], {"updated.deal": 1}),
        ("update", "250.50", "USD", "Vektor GmbH", ["vip", "new"], {"updated.deal": 1}),
        ("skip", "100.00", "EUR", None, ["vip"], {"skipped.deal": 1}),
        ("add", "100.00", "EUR", None, ["vip"], {"skipped.deal": 1}),
    ],
)
def test_a_deal_that_is_there_already(
    anna: User, stages: list[Stage], duplicates: str, amount: str, currency: str, company: str | None, tags: list[str], counts: Any
) -> None:
    bring_in(AGAIN.format(**FIRST).encode(), anna)
    visits = list(StageVisit.objects.values())
    before = everything()
    batch = bring_in(AGAIN.format(**SECOND).replace("Proposal", "Qualified").encode(), anna, duplicates=duplicates)
    deal = Deal.objects.get()
    assert (str(deal.amount), deal.currency, deal.company and deal.company.name) == (amount, currency, company)
    assert (deal.tags, list(StageVisit.objects.values())) == (tags, visits)
    assert {name: count for name, count in batch.counts.items() if name.endswith(".deal")} == counts
    assert Note.objects.count() == 1  # the same words aren't said twice
    if duplicates == "update":
        latest = deal.terms_history.last()
        assert latest is not None and (str(latest.amount), latest.expected_close.isoformat()) == ("250.50", "2027-01-10")
        [reason] = batch.outcomes.get(record="deal").reasons
        assert "stays in its stage" in reason
    check_invariants()
    take_back(batch, anna)
    after = everything()
    assert {table for table in after if after[table] != before[table] and "tally" not in table} == set()


def test_a_deal_without_a_number_is_known_by_title_and_contact(anna: User, stages: list[Stage]) -> None:
    text = "Deal name,Stage,Amount,Email\nRenewal,New,{},p@b.example\nRenewal,New,{},q@b.example\n"
    bring_in(text.format(1, 2).encode(), anna)
    first = Deal.objects.get(amount=1)
    batch = bring_in(text.format(10, 20).encode(), anna, duplicates="update")
    assert sorted(Deal.objects.values_list("amount", flat=True)) == [10, 20] and batch.counts == {"updated.deal": 2}
    # Two rows of one file are two deals; which of them a later row means can't be told.
    Deal.objects.exclude(pk=first.pk).delete()
    twice = "Deal name,Stage,Amount,Email\nRenewal,New,5,r@b.example\nRenewal,New,6,R@b.example\n"
    assert bring_in(twice.encode(), anna, duplicates="update").counts["created.deal"] == 2
    batch = bring_in(twice.replace("5", "7").encode(), anna, duplicates="update")
    assert batch.counts == {"skipped.deal": 2} and sorted(Deal.objects.values_list("amount", flat=True)) == [5, 6, 10]
    assert "nobody can tell which one" in batch.outcomes.first().reasons[0]


def test_somebody_elses_deal_stays_as_it_is(anna: User, boris: User, stages: list[Stage]) -> None:
    bring_in(AGAIN.format(**FIRST).encode(), boris)
    batch = bring_in(AGAIN.format(**SECOND).encode(), anna, duplicates="update")
    assert (Deal.objects.get().amount, batch.counts["skipped.deal"]) == (100, 1)
    assert "belongs to somebody else" in batch.outcomes.get(record="deal").reasons[0]


def test_the_preview_says_nothing_of_deals_that_one_may_not_see(anna: User, denis: User, stages: list[Stage]) -> None:
    bring_in(b"ID,Deal name,Amount\n7,Secret takeover,100\n", denis)
    data = b"ID,Deal name,Amount\n7,Guess,1\n"
    batch = add_import(file=SimpleUploadedFile("deals.csv", data), by=anna, kind="deal")
    [row] = preview(batch, anna).rows
    assert (row.words[0], row.found) == ("Guess", "belongs to somebody else")
    batch = bring_in(data, anna, duplicates="update")
    [outcome] = batch.outcomes.all()
    assert (outcome.action, outcome.record_id) == ("skipped", None)
    assert outcome.reasons == ["“Guess” belongs to somebody else and stays as it is."]


@pytest.mark.parametrize("role", ["rep", "admin"])
def test_a_move_that_has_not_come_yet_costs_its_deal_alone(anna: User, admin: User, stages: list[Stage], role: str) -> None:
    soon = (timezone.now() + timedelta(days=3)).date().isoformat()
    batch = bring_in(
        b"Opportunity ID,Opportunity Name,Stage,Amount,Created Date\nA1,One,New,5,2024-01-02\nA2,Two,New,5,2024-01-02\n",
        anna if role == "rep" else admin,
        history=f"Opportunity ID,Stage,Created Date\nA1,New,2024-01-02\nA1,Qualified,{soon}\nA2,New,2024-01-02\n".encode(),
    )
    assert [deal.title for deal in Deal.objects.all()] == ["Two"]
    [refused] = batch.outcomes.filter(action="refused")
    assert refused.reasons == [f"{soon} has not come yet."]


def test_numbers_of_unknown_files_are_not_one_numbering(anna: User, stages: list[Stage]) -> None:
    head = b"ID,Deal name,Amount,Stage,Company\n"
    first, second = head + b"1,Roof,100,New,Vektor\n", head + b"1,Bridge,200,New,Romashka\n"
    for data in (first, second, second, first):
        bring_in(data, anna, duplicates="update")
    assert set(Deal.objects.values_list("title", "company__name")) == {("Roof", "Vektor"), ("Bridge", "Romashka")}
    bring_in(head + b"1,Roof and walls,150,New,Vektor\n", anna, duplicates="update")
    assert set(Deal.objects.values_list("title", "amount")) == {("Roof and walls", 150), ("Bridge", 200)}


def test_a_shared_mailbox_makes_no_two_people_one(anna: User, stages: list[Stage]) -> None:
    named = [(1, "A", "Ivan Ivanov"), (2, "B", "Petr Petrov"), (3, "C", "")]
    rows = [f"{number},{title},1,New,{name},office@acme.example" for number, title, name in named]
    for _time in range(2):
        bring_in("\n".join(["ID,Deal name,Amount,Stage,Contact,Email", *rows]).encode(), anna)
    told = dict(Deal.objects.values_list("title", "contact__name"))
    assert (told["A"], told["B"], Contact.objects.count()) == ("Ivan Ivanov", "Petr Petrov", 2)
    assert told["C"] in ("Ivan Ivanov", "Petr Petrov")


def test_what_has_changed_since_an_update_stays(anna: User, stages: list[Stage]) -> None:
    bring_in(AGAIN.format(**FIRST).encode(), anna)
    batch = bring_in(AGAIN.format(**SECOND).encode(), anna, duplicates="update")
    edit_deal(deal_id=Deal.objects.get().pk, changes={"amount": Decimal(7)}, by=anna)
    take_back(batch, anna)
    deal = Deal.objects.get()
    assert (deal.amount, deal.currency, deal.expected_close, deal.company) == (7, "EUR", None, None)
    assert batch.outcomes.get(record="deal").kept == ["“amount” stays, because it has changed since."]
    latest = deal.terms_history.last()
    assert latest is not None and (latest.amount, latest.currency) == (7, "EUR")


HISTORY = (
    b"OpportunityId,CreatedDate,StageName\n1,2026-01-10T10:00:00,New\n1,2026-01-12T10:00:00,Qualified\n1,2026-01-20T10:00:00,Proposal\n"
)


def test_the_journal_tells_of_deals_that_were_taken_back(anna: User, stages: list[Stage]) -> None:
    there = make_deal("Vektor", by=anna, amount=5)
    Deal.objects.filter(pk=there.pk).update(import_key="file:1")
    before = Event.objects.latest("id").pk
    batch = bring_in(b"ID,Title,Amount,Created\n1,Vektor,7.50,2026-01-10\n2,New one,1,2026-01-10\n", anna, duplicates="update")
    came = Deal.objects.exclude(pk=there.pk).get().pk
    take_back(batch, anna)
    told = Event.objects.filter(record="deal", pk__gt=before).order_by("id").values_list("type", "record_id", "payload__changes")
    assert {(type, pk): changes for type, pk, changes in told if type != "deal.created"} == {
        ("deal.edited", there.pk): {"amount": ["7.50", "5.00"]},
        ("deal.removed", came): None,
    }


def test_a_history_that_comes_later_takes_the_place_of_what_was_vague(anna: User, stages: list[Stage]) -> None:
    bring_in(AGAIN.format(**FIRST).encode(), anna)
    assert [visit.is_vague for visit in StageVisit.objects.all()] == [True]
    before = everything()
    batch = bring_in(AGAIN.format(**FIRST).encode(), anna, history=HISTORY)
    assert list(StageVisit.objects.order_by("seq").values_list("stage__name", "is_vague")) == [
        ("New", False),
        ("Qualified", False),
        ("Proposal", False),
    ]
    assert batch.counts == {"updated.deal": 1} and Deal.objects.get().created_at.isoformat()[:10] == "2026-01-10"
    check_invariants()
    take_back(batch, anna)
    after = everything()
    assert {table for table in after if after[table] != before[table] and "tally" not in table} == set()


def test_a_history_that_people_have_made_here_stays(anna: User, stages: list[Stage]) -> None:
    bring_in(AGAIN.format(**FIRST).encode(), anna)
    move_deal(deal_id=Deal.objects.get().pk, to_stage=stages[3].pk, before=None, by=anna)
    visits = list(StageVisit.objects.values())
    batch = bring_in(AGAIN.format(**FIRST).encode(), anna, history=HISTORY, duplicates="update")
    assert list(StageVisit.objects.values()) == visits
    assert "people have moved it here" in batch.outcomes.get(record="deal").reasons[0]


def test_a_history_that_went_on_since_is_not_taken_back(anna: User, stages: list[Stage]) -> None:
    bring_in(AGAIN.format(**FIRST).encode(), anna)
    batch = bring_in(AGAIN.format(**FIRST).encode(), anna, history=HISTORY)
    move_deal(deal_id=Deal.objects.get().pk, to_stage=stages[3].pk, before=None, by=anna)
    take_back(batch, anna)
    assert StageVisit.objects.count() == 4
    assert batch.outcomes.get(record="deal").kept == ["Its history stays, because it has gone on since."]
    check_invariants()


def test_a_stay_that_is_vague_matures_nothing(anna: User, sales: Pipeline, stages: list[Stage]) -> None:
    """Two imported ones, won and open, and one that was moved here since: only what is known by its days counts within days."""
    text = "ID,Title,Stage,Created,Closed at,Status\n1,Won,Proposal,2026-01-10,2026-02-10,Won\n2,Open,Qualified,2026-01-10,,\n"
    bring_in(text.encode(), anna)
    move_deal(deal_id=Deal.objects.get(title="Open").pk, to_stage=stages[3].pk, by=anna)
    make_deal("Here", by=anna)
    for count in (Count.FURTHEST, Count.VISITED):
        report = funnel(pipeline=sales, viewer=anna, filters=Filters(count=count)).stages
        counted = {bar.stage.name: (bar.entered, bar.advanced, bar.open, bar.undated) for bar in report}
        assert counted == (
            {"New": (3, 2, 1, 2), "Qualified": (2, 2, 0, 2), "Proposal": (2, 2, 0, 2), "Negotiation": (2, 1, 1, 1)}
            if count == Count.FURTHEST
            else {"New": (1, 0, 1, 0), "Qualified": (1, 1, 0, 1), "Proposal": (1, 1, 0, 1), "Negotiation": (1, 0, 1, 0)}
        )
        assert [bar.matured and bar.matured.rate for bar in report] == [0.0, None, None, 0.0]
    then = funnel(pipeline=sales, viewer=anna, filters=Filters(as_of=timezone.now() + timedelta(days=1))).stages
    assert [(bar.entered, bar.undated) for bar in then] == [(3, 2), (2, 2), (2, 2), (2, 1)]


def test_a_history_that_is_told_matures(anna: User, sales: Pipeline, stages: list[Stage]) -> None:
    bring_in(AGAIN.format(**FIRST).encode(), anna, history=HISTORY)
    report = funnel(pipeline=sales, viewer=anna, filters=Filters()).stages
    assert [(bar.entered, bar.undated, bar.matured and bar.matured.rate) for bar in report][:3] == [(1, 0, 1.0), (1, 0, 1.0), (1, 0, 0.0)]
