"""How far deals come: entered, advanced, lost and open by stage, and conversion as it will turn out."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum, Value
from django.db.models.functions import Coalesce

from analytics.queries.course import Course
from analytics.queries.filters import Cohort, Count, Filters
from analytics.survival import Incidence, find_incidence
from crm.models import User
from pipeline.models import Deal, Fate, Pipeline, Stage

ADVANCED, LOST, OPEN = 0, 1, 2
KIND = {Fate.ADVANCED.value: ADVANCED, Fate.LOST.value: LOST, Fate.OPEN.value: OPEN}


@dataclass(frozen=True, slots=True)
class StageFunnel:
    """One bar: `advanced + lost + open == entered`; nothing matures where nobody entered, or of nobody it is known when.

    `undated` counts those that are left out of `matured`: they came from where stages had no history.
    """

    stage: Stage
    entered: int
    advanced: int
    lost: int
    open: int
    skipped: int
    matured: Incidence | None
    undated: int
    observed_days: float

    @property
    def conversion(self) -> float | None:
        """The share that has advanced so far."""
        return self.advanced / self.entered if self.entered else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The bars, and what became of all the deals that the question is about."""

    pipeline: Pipeline
    filters: Filters
    stages: list[StageFunnel]
    deals: int
    won: int
    lost: int
    open: int
    won_amounts: list[tuple[str, Decimal]]
    recorded_since: datetime | None
    resolution_seconds: float

    @property
    def closed(self) -> int:
        """Won and lost together."""
        return self.won + self.lost

    @property
    def win_rate(self) -> float | None:
        """Won among the closed."""
        return self.won / self.closed if self.closed else None

    @property
    def wins_per_created(self) -> float | None:
        """Won among all; a lower bound while deals are open."""
        return self.won / self.deals if self.deals else None


def funnel(*, pipeline: Pipeline, viewer: User, filters: Filters, course: Course | None = None) -> Funnel:
    """The funnel of one pipeline; seven queries, nine where deals are chosen per stage, fewer with a course that knows some answers."""
    course = course or Course(pipeline=pipeline, viewer=viewer, filters=filters)
    steps = top = _read_steps(course)
    undated = _read_undated(course)
    if filters.cohort != Cohort.CREATED:
        top = _read_steps(Course(pipeline=pipeline, viewer=viewer, filters=filters.by_creation()))
    returns = _count_returns(course)
    won, lost, still_open = top.wins.total(), top.count(LOST), top.count(OPEN)
    return Funnel(
        pipeline=pipeline,
        filters=filters,
        stages=[
            _stage(course, steps, undated, stage, returns.get(stage.pk, 0))
            for stage in course.stages
            # An archived stage is told of as long as it holds history.
            if stage.archived_at is None or steps.timing[stage.pk] or returns.get(stage.pk)
        ],
        deals=won + lost + still_open,
        won=won,
        lost=lost,
        open=still_open,
        won_amounts=_sum_won(pipeline, viewer, filters),
        recorded_since=find_first_record(pipeline, viewer),
        resolution_seconds=course.resolution,
    )


def find_first_record(pipeline: Pipeline, viewer: User) -> datetime | None:
    """Since when the viewer knows the pipeline's history; one query."""
    return Deal.objects.visible_to(viewer).in_pipeline(pipeline).order_by("created_at").values_list("created_at", flat=True).first()


# Counted apart, since each has an index that answers alone.
STEPS = """
SELECT before_id, stage_id, fate, {decided} AS units, {entered} AS entered, {advanced} AS advanced, count(*)
FROM decided GROUP BY 1, 2, 3, 4, 5, 6
UNION ALL
SELECT before_id, stage_id, fate, {open} AS units, {entered} AS entered, {advanced} AS advanced, count(*)
FROM ahead GROUP BY 1, 2, 3, 4, 5, 6"""


# Steps of which it isn't known when they were: a vague stay itself (`own`), and what came after one (`follows`), since the deal
# may have passed the stages between long before. They are few, or all; an index holds the vague ones alone.
UNDATED = """
SELECT before_id, stage_id, fate, {units} AS units, {entered} AS entered, {advanced} AS advanced, true AS own,
       EXISTS (SELECT FROM front earlier WHERE earlier.deal_id = step.deal_id AND earlier.stage_id = step.before_id AND earlier.is_vague)
           AS follows, count(*)
FROM front step WHERE is_vague GROUP BY 1, 2, 3, 4, 5, 6, 8
UNION ALL
SELECT step.before_id, step.stage_id, '', 0, {entered_after} AS entered, false, false, true, count(*)
FROM front vague JOIN front step ON step.deal_id = vague.deal_id AND step.before_id = vague.stage_id
WHERE vague.is_vague AND NOT step.is_vague GROUP BY 1, 2, 5"""


class _Steps:
    """Steps forward by stage: how and when they went on, who came from where, who won from there."""

    def __init__(self, course: Course) -> None:
        self.timing: dict[int, dict[int, list[int]]] = defaultdict(dict)
        self.arrivals: Counter[tuple[int | None, int]] = Counter()
        self.wins: Counter[int] = Counter()
        self.cap = course.horizon_units(course.filters.horizon_days) + 1

    def time(self, stage: int, units: int, fate: str, deals: int) -> None:
        """So many deals went on after that long, or haven't yet."""
        self.timing[stage].setdefault(min(units, self.cap), [0, 0, 0])[KIND[fate]] += deals

    def count(self, kind: int) -> int:
        """Steps forward that ended so, over all stages."""
        return sum(counts[kind] for timing in self.timing.values() for counts in timing.values())

    def count_passing(self, position: int, positions: dict[int | None, int]) -> int:
        """Deals that got beyond this position without standing there on their way: by a leap, or by being won before."""
        leaps = sum(deals for (before, stage), deals in self.arrivals.items() if positions[before] < position < positions[stage])
        return leaps + sum(deals for stage, deals in self.wins.items() if positions[stage] < position)


def _read_steps(course: Course) -> _Steps:
    """All steps; one query."""
    steps = _Steps(course)
    statement = STEPS.format(
        decided=course.units("until - entered_at", kept="fate_steps"),
        open=course.units("until - entered_at"),
        entered=course.in_period("entered_at"),
        advanced=course.in_period("until"),
    )
    for before, stage, fate, units, entered, advanced, deals in course.read(statement):
        if fate == Fate.ADVANCED and advanced:
            steps.wins[stage] += deals
        if entered:
            steps.arrivals[before, stage] += deals
            steps.time(stage, units, fate, deals)
            # Whoever advanced from a stage, but not by a further step, won from there.
            if before is not None:
                steps.wins[before] -= deals
    return steps


def _read_undated(course: Course) -> _Steps:
    """Those of which it isn't known when they were; one query."""
    steps = _Steps(course)
    statement = UNDATED.format(
        units=course.units("until - entered_at"),
        entered=course.in_period("entered_at"),
        advanced=course.in_period("until"),
        entered_after=course.in_period("step.entered_at"),
    )
    for before, stage, fate, units, entered, advanced, own, follows, deals in course.read(statement):
        if own and fate == Fate.ADVANCED and advanced:
            steps.wins[stage] += deals
        if entered:
            steps.arrivals[before, stage] += deals
            if own:
                steps.time(stage, units, fate, deals)
            if follows and before is not None:
                steps.wins[before] -= deals
    return steps


# A deal that leaped over a stage and came to stay there later; chosen per stage, by the leap.
RETURNS = "SELECT stage_id, count(*) FROM stay WHERE NOT is_front AND is_late GROUP BY 1"
RETURNS_OF_PERIOD = """
SELECT stay.stage_id, count(*)
FROM stay JOIN front USING (deal_id)
JOIN leap ON leap.stage_id = front.stage_id AND leap.before_id = coalesce(front.before_id, 0) AND leap.passed_id = stay.stage_id
WHERE NOT stay.is_front AND stay.is_late AND {chosen} GROUP BY 1"""


def _count_returns(course: Course) -> dict[int, int]:
    chosen = course.in_period("front.entered_at")
    return dict(course.read(RETURNS if chosen == "true" else RETURNS_OF_PERIOD.format(chosen=chosen)))


def _stage(course: Course, steps: _Steps, undated: _Steps, stage: Stage, returned: int) -> StageFunnel:
    positions: dict[int | None, int] = {None: -1} | {each.pk: each.position for each in course.stages}
    timing = steps.timing[stage.pk]
    passed = steps.count_passing(stage.position, positions)
    skipped = passed - returned
    # Whoever passed reached this stage and a later one at the same instant.
    counted = passed if course.filters.count == Count.FURTHEST else returned
    here = {**timing, 0: [timing.get(0, [0, 0, 0])[ADVANCED] + counted, *timing.get(0, [0, 0, 0])[LOST:]]}
    advanced, lost, still_open = (sum(counts[kind] for counts in here.values()) for kind in (ADVANCED, LOST, OPEN))
    entered = advanced + lost + still_open
    horizon = course.horizon_units(course.filters.horizon_days)
    # Those who passed here unseen, where every deal counts that came as far.
    vague = undated.timing[stage.pk]
    unseen = undated.count_passing(stage.position, positions) if course.filters.count == Count.FURTHEST else 0
    dated = {units: tuple(n - out for n, out in zip(each, vague.get(units, [0, 0, 0]), strict=True)) for units, each in here.items()}
    dated[0] = (dated[0][ADVANCED] - unseen, *dated[0][LOST:])
    known = sum(map(sum, dated.values()))
    return StageFunnel(
        stage=stage,
        entered=entered,
        advanced=advanced,
        lost=lost,
        open=still_open,
        skipped=skipped,
        matured=find_incidence({units: (each[0], each[1], each[2]) for units, each in dated.items()}, horizon) if known else None,
        undated=entered - known,
        observed_days=course.days(min(max((units for units, each in dated.items() if sum(each)), default=0), horizon)),
    )


WON = """
SELECT terms.currency, sum(coalesce(terms.amount, 0))
FROM stay CROSS JOIN LATERAL (
    SELECT amount, currency FROM pipeline_dealterms WHERE deal_id = stay.deal_id AND since < %(at)s ORDER BY since DESC, id DESC LIMIT 1
) AS terms
WHERE exit = 'won' AND NOT EXISTS (SELECT FROM stay later WHERE later.deal_id = stay.deal_id AND later.seq > stay.seq)
GROUP BY 1 ORDER BY 2 DESC"""


def _sum_won(pipeline: Pipeline, viewer: User, filters: Filters) -> list[tuple[str, Decimal]]:
    """What was won, by currency; two queries as of an earlier time, one as of now."""
    if filters.as_of is not None:
        return Course(pipeline=pipeline, viewer=viewer, filters=filters.by_creation()).read(WON)
    won = filters.by_creation().deals(viewer).in_pipeline(pipeline).won().order_by()
    sums = won.values_list("currency").annotate(total=Sum(Coalesce("amount", Value(Decimal(0)))))
    return sorted(sums, key=lambda row: row[1], reverse=True)
