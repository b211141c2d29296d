"""Every figure opens as the list of what it counts: as many rows, on the twelve deals and on random histories."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from time_machine import travel

from analytics.queries.behind import find_deals_behind
from analytics.queries.filters import Filters
from analytics.queries.funnel import funnel
from analytics.queries.time_in_stage import time_in_stage
from pipeline.models import StageVisit
from pipeline.services.history import History, Visit, record_history
from tests.analytics.conftest import GOLDEN_AT
from tests.factories import make_pipeline

START = datetime(2026, 1, 1, tzinfo=UTC)


def make_up(dice, stages, owner):
    """A history that leaps, goes back, stands still for no time, is closed and reopened."""
    clock, visits = START + timedelta(hours=dice.randrange(2000)), []
    for number in range(dice.randint(1, 8)):
        left = clock + timedelta(hours=dice.choice([0, 0, 1, 5, 24, dice.randrange(1000)]))
        exit = dice.choice(["moved", "moved", "moved", "won", "lost"])
        # A move goes elsewhere; only a reopened deal may stand where it stood.
        here = visits[-1].stage if visits and visits[-1].exit == "moved" else None
        visits.append(Visit(dice.choice([stage for stage in stages[: 2 + number * 2] if stage != here]), clock, left, exit))
        clock = left + timedelta(hours=0 if exit == "moved" else dice.randrange(50))
    last = visits[-1]
    if dice.random() < 0.4:
        visits[-1] = Visit(last.stage, last.entered_at)
    elif last.exit == "moved":
        visits[-1] = Visit(last.stage, last.entered_at, last.left_at, dice.choice(["won", "lost"]))
    return History(title="made up", visits=visits, owner=owner, amount=100)


@pytest.fixture(params=[1, 2, 3])
def random_pipeline(request, admin):
    dice = random.Random(request.param)
    pipeline = make_pipeline(stages=("A", "B", "C", "D", "E", "F"))
    stages = list(pipeline.stages.all())
    record_history(pipeline=pipeline, histories=[make_up(dice, stages, admin) for _ in range(150)], by=None)
    return pipeline


QUESTIONS = [
    Filters(as_of=GOLDEN_AT),
    Filters(as_of=START + timedelta(days=50), count="visited", per="deal"),
    Filters(as_of=START + timedelta(days=90), cohort="entered", period_from=date(2026, 1, 20), period_to=date(2026, 3, 5)),
    Filters(as_of=GOLDEN_AT, period_from=date(2026, 1, 20), period_to=date(2026, 2, 20), per="deal"),
    Filters(as_of=GOLDEN_AT, cohort="entered", period_from=date(2026, 2, 1), count="visited", per="deal"),
]


def figures(pipeline, viewer, filters):
    """Every figure of the report with the part that it opens."""
    report, times = (
        funnel(pipeline=pipeline, viewer=viewer, filters=filters),
        time_in_stage(pipeline=pipeline, viewer=viewer, filters=filters),
    )
    yield from (("all", None, report.deals), ("won", None, report.won), ("all_lost", None, report.lost), ("all_open", None, report.open))
    yield ("closed", None, report.won + report.lost)
    for row in report.stages:
        for part in ("entered", "advanced", "lost", "open", "skipped"):
            yield part, row.stage, getattr(row, part)
    for row in times.stages:
        if filters.per == "deal":
            yield from (("stayed", row.stage, row.n), ("still", row.stage, row.open))
        else:
            yield from (("visits", row.stage, row.n), ("staying", row.stage, row.open), ("ended", row.stage, row.n - row.open))
        yield "reentries", row.stage, row.reentries
        yield "back", row.stage, row.back_moves


@pytest.mark.parametrize("filters", QUESTIONS)
def test_every_figure_opens_as_many_rows(random_pipeline, admin, filters):
    for part, stage, figure in figures(random_pipeline, admin, filters):
        found = find_deals_behind(pipeline=random_pipeline, viewer=admin, filters=filters, part=part, stage=stage)
        assert (part, stage, found.count) == (part, stage, figure)
        assert len(found.rows) == min(figure, 50)


def test_the_pages_of_a_list_hold_each_row_once(random_pipeline, admin):
    stage, seen, after = random_pipeline.stages.first(), [], None
    while True:
        page = find_deals_behind(pipeline=random_pipeline, viewer=admin, filters=Filters(), part="visits", stage=stage, after=after)
        seen += [(row.deal.pk, row.began, row.ended) for row in page.rows]
        if not page.next:
            break
        after = tuple(int(number) for number in page.next.split("-"))
    assert len(seen) == page.count > 100


@pytest.mark.parametrize("days", [20, 50, 90])
@pytest.mark.parametrize("filters", QUESTIONS)
def test_a_past_day_is_told_as_if_the_history_ended_there(random_pipeline, admin, filters, days):
    at = START + timedelta(days=days)
    cut = make_pipeline("Cut", stages=("A", "B", "C", "D", "E", "F"))
    places = dict(zip(random_pipeline.stages.all(), cut.stages.all(), strict=True))
    histories = []
    for deal in random_pipeline.deals.all():
        visits = [
            Visit(places[each.stage], each.entered_at, *((each.left_at, each.exit) if each.left_at and each.left_at < at else ()))
            for each in deal.visits.filter(entered_at__lt=at).select_related("stage").order_by("seq")
        ]
        if visits:
            histories.append(History(title="cut", visits=visits, owner=admin, amount=100))
    record_history(pipeline=cut, histories=histories, by=None)
    for report in (funnel, time_in_stage):
        then = report(pipeline=random_pipeline, viewer=admin, filters=replace(filters, as_of=at)).stages
        ended = report(pipeline=cut, viewer=admin, filters=replace(filters, as_of=None, now=at)).stages
        assert [replace(row, stage=places[row.stage]) for row in then] == ended


@pytest.mark.parametrize("filters", QUESTIONS)
def test_as_of_now_equals_as_of_the_same_instant(random_pipeline, admin, filters):
    """What the services keep in columns is what follows from the visits."""
    at = datetime(2027, 1, 1, tzinfo=UTC)
    with travel(at, tick=False):
        now = Filters(**{name: getattr(filters, name) for name in ("period_from", "period_to", "cohort", "count", "per")})
        then = Filters(**{name: getattr(filters, name) for name in ("period_from", "period_to", "cohort", "count", "per")}, as_of=at)
        for report in (funnel, time_in_stage):
            kept, derived = (report(pipeline=random_pipeline, viewer=admin, filters=each) for each in (now, then))
            assert kept.stages == derived.stages
        assert list(figures(random_pipeline, admin, now)) == list(figures(random_pipeline, admin, then))


def test_parts_sum_to_entered_and_bars_only_fall(random_pipeline, admin):
    bars = funnel(pipeline=random_pipeline, viewer=admin, filters=Filters()).stages
    assert all(bar.advanced + bar.lost + bar.open == bar.entered for bar in bars)
    assert [bar.entered for bar in bars] == sorted((bar.entered for bar in bars), reverse=True)


def test_a_deal_that_left_for_another_pipeline_was_watched_until_then(admin):
    here, there = make_pipeline("Here"), make_pipeline("There")
    first, other = here.stages.first(), there.stages.first()
    record_history(pipeline=here, histories=[History(title="leaves", visits=[Visit(first, START)], owner=admin)], by=None)
    deal = here.deals.get()
    left = START + timedelta(days=3)
    StageVisit.objects.filter(deal=deal).update(left_at=left, exit="moved")
    StageVisit.objects.create(deal=deal, stage=other, seq=2, entered_at=left, is_front=True)
    here.deals.update(pipeline=there, stage=other)
    for filters in (Filters(), Filters(as_of=GOLDEN_AT)):
        bar = funnel(pipeline=here, viewer=admin, filters=filters).stages[0]
        assert (bar.entered, bar.open, bar.observed_days) == (1, 1, 3)
