"""How long deals stay in each stage, those that are still there included."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from analytics.queries.course import Course
from analytics.queries.filters import Filters, Per
from analytics.survival import Quantile, find_quantiles
from crm.models import User
from pipeline.models import Pipeline, Stage

SHARES = (0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class StageTime:
    """Stays in one stage: visits, or all visits of a deal together; quantiles in days by the share that has left."""

    stage: Stage
    n: int
    open: int
    quantiles: dict[float, Quantile]
    mean_exited_days: float | None
    reentries: int
    back_moves: int

    @property
    def p25(self) -> Quantile:
        return self.quantiles[0.25]

    @property
    def median(self) -> Quantile:
        return self.quantiles[0.5]

    @property
    def p75(self) -> Quantile:
        return self.quantiles[0.75]

    @property
    def p90(self) -> Quantile:
        return self.quantiles[0.9]


@dataclass(frozen=True, slots=True)
class TimeInStage:
    """The stays of all stages."""

    pipeline: Pipeline
    filters: Filters
    stages: list[StageTime]
    resolution_seconds: float


PER_VISIT = """
SELECT stage_id, {ended} AS units, count(*), 0 FROM stay WHERE left_at IS NOT NULL AND NOT is_vague AND {chosen} GROUP BY 1, 2, is_front
UNION ALL
SELECT stage_id, {lasting} AS units, 0, count(*) FROM stay WHERE left_at IS NULL AND NOT is_vague AND {chosen} GROUP BY 1, 2"""

# Most deals come to a stage once, on their way forward, and their stays are counted like visits. Where more came after,
# the first one is taken back and the sum put in its place.
PER_DEAL = """
, again AS (
    SELECT deal_id, stage_id, sum(coalesce(left_at, %(at)s) - entered_at) AS span, bool_or(left_at IS NULL) AS is_open,
           min(entered_at) AS first
    FROM stay WHERE NOT is_front AND NOT is_vague GROUP BY 1, 2
), total AS MATERIALIZED (
    SELECT again.stage_id, once.id AS once_id, once.entered_at, once.left_at, once.stay_steps,
           again.span + coalesce(coalesce(once.left_at, %(at)s) - once.entered_at, '0') AS span,
           again.is_open OR (once.id IS NOT NULL AND once.left_at IS NULL) AS is_open, coalesce(once.entered_at, again.first) AS first
    FROM again LEFT JOIN stay once ON once.deal_id = again.deal_id AND once.stage_id = again.stage_id AND once.is_front AND NOT once.is_vague
)
SELECT stage_id, {ended} AS units, count(*), 0 FROM stay WHERE is_front AND left_at IS NOT NULL AND NOT is_vague AND {chosen} GROUP BY 1, 2
UNION ALL
SELECT stage_id, {lasting} AS units, 0, count(*) FROM stay WHERE is_front AND left_at IS NULL AND NOT is_vague AND {chosen} GROUP BY 1, 2
UNION ALL
SELECT stage_id, {ended} AS units, -count(*), 0 FROM total WHERE once_id IS NOT NULL AND left_at IS NOT NULL AND {chosen} GROUP BY 1, 2
UNION ALL
SELECT stage_id, {lasting} AS units, 0, -count(*) FROM total WHERE once_id IS NOT NULL AND left_at IS NULL AND {chosen} GROUP BY 1, 2
UNION ALL
SELECT stage_id, {together} AS units, count(*) FILTER (WHERE NOT is_open), count(*) FILTER (WHERE is_open)
FROM total WHERE {chosen_together} GROUP BY 1, 2"""

# Whoever comes on a way back has been in the stage before, or had leaped over it.
BACK = """
SELECT stage_id, count(*) FILTER (WHERE NOT is_late), count(*) FILTER (WHERE is_back)
FROM stay WHERE NOT is_front AND {chosen} GROUP BY 1"""


def time_in_stage(*, pipeline: Pipeline, viewer: User, filters: Filters, course: Course | None = None) -> TimeInStage:
    """Time in each stage of one pipeline; four queries, three with a course that knows one answer."""
    course = course or Course(pipeline=pipeline, viewer=viewer, filters=filters)
    spans: dict[int, Counter[tuple[int, bool]]] = defaultdict(Counter)
    for stage, units, ended, still_open in course.read(_statement(course)):
        spans[stage][units, False] += ended
        spans[stage][units, True] += still_open
    back = {stage: counts for stage, *counts in course.read(BACK.format(chosen=course.in_period("entered_at")))}
    return TimeInStage(
        pipeline=pipeline,
        filters=filters,
        stages=[
            _stage(course, stage, spans[stage.pk], *back.get(stage.pk, (0, 0)))
            for stage in course.stages
            if stage.archived_at is None or spans[stage.pk]
        ],
        resolution_seconds=course.resolution,
    )


def _statement(course: Course) -> str:
    return (PER_VISIT if course.filters.per == Per.VISIT else PER_DEAL).format(
        ended=course.units("left_at - entered_at", kept="stay_steps"),
        lasting=course.units("%(at)s - entered_at"),
        together=course.units("span"),
        chosen=course.in_period("entered_at"),
        chosen_together=course.in_period("first"),
    )


def _stage(course: Course, stage: Stage, spans: Counter[tuple[int, bool]], reentries: int, back_moves: int) -> StageTime:
    counts: dict[float, tuple[int, int]] = {units: (spans[units, False], spans[units, True]) for units, _lasts in spans}
    ended, still_open = (sum(each[kind] for each in counts.values()) for kind in (0, 1))
    # Steps are counted upwards; on average half a step is too much.
    whole = sum(each[0] * (max(units - 0.5, 0) if course.is_coarse else units) for units, each in counts.items())
    quantiles = find_quantiles(counts, SHARES)
    return StageTime(
        stage=stage,
        n=ended + still_open,
        open=still_open,
        quantiles={share: _in_days(course, quantile) for share, quantile in quantiles.items()},
        mean_exited_days=course.days(whole / ended) if ended else None,
        reentries=reentries,
        back_moves=back_moves,
    )


def _in_days(course: Course, quantile: Quantile) -> Quantile:
    return Quantile(*(None if units is None else course.days(units) for units in (quantile.time, quantile.low, quantile.high)))
