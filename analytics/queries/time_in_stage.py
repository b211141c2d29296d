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


# Exact sums beside the steps: a mean needs no rounding.
PER_VISIT = """
SELECT stage_id, {units} AS units, count(left_at), count(*) - count(left_at), sum(date_part('epoch', left_at - entered_at)),
       count(*) FILTER (WHERE NOT is_front)
FROM stay WHERE {chosen} GROUP BY 1, 2"""

# Most deals come to a stage once, on their way forward; only the others have anything to add up.
PER_DEAL = """
, again AS MATERIALIZED (
    SELECT deal_id, stage_id, sum(coalesce(left_at, %(at)s) - entered_at) AS span, bool_or(left_at IS NULL) AS is_open, count(*) AS visits,
           min(entered_at) AS first
    FROM stay WHERE NOT is_front GROUP BY 1, 2
), total AS (
    SELECT coalesce(stay.stage_id, again.stage_id) AS stage_id,
           coalesce(coalesce(stay.left_at, %(at)s) - stay.entered_at, '0') + coalesce(again.span, '0') AS span,
           coalesce(stay.id IS NOT NULL AND stay.left_at IS NULL, false) OR coalesce(again.is_open, false) AS is_open,
           coalesce(again.visits, 0) AS visits, coalesce(stay.entered_at, again.first) AS first
    FROM (SELECT * FROM stay WHERE is_front) AS stay
    FULL JOIN again ON again.deal_id = stay.deal_id AND again.stage_id = stay.stage_id
)
SELECT stage_id, {units} AS units, count(*) FILTER (WHERE NOT is_open), count(*) FILTER (WHERE is_open),
       sum(date_part('epoch', span)) FILTER (WHERE NOT is_open), sum(visits)
FROM total WHERE {chosen} GROUP BY 1, 2"""

BACK = """
SELECT stay.stage_id, count(*)
FROM stay JOIN stay origin ON origin.deal_id = stay.deal_id AND origin.seq = stay.seq - 1
JOIN pipeline_stage here ON here.id = stay.stage_id JOIN pipeline_stage there ON there.id = origin.stage_id
WHERE NOT stay.is_front AND there.position > here.position AND {chosen}
GROUP BY 1"""


def time_in_stage(*, pipeline: Pipeline, viewer: User, filters: Filters) -> TimeInStage:
    """Time in each stage of one pipeline; five queries."""
    course = Course(pipeline=pipeline, viewer=viewer, filters=filters)
    if filters.per == Per.VISIT:
        units, chosen, statement = course.units("coalesce(left_at, %(at)s) - entered_at"), course.in_period("entered_at"), PER_VISIT
    else:
        units, chosen, statement = course.units("span"), course.in_period("first"), PER_DEAL
    spans: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    seconds: Counter[int] = Counter()
    later_visits: Counter[int] = Counter()
    for stage, step, ended, still_open, total, later in course.read(statement.format(units=units, chosen=chosen)):
        spans[stage][step] = (ended, still_open)
        seconds[stage] += total or 0
        later_visits[stage] += int(later)
    returns = course.find_returns(chosen_by="came")
    back = dict(course.read(BACK.format(chosen=course.in_period("stay.entered_at"))))
    return TimeInStage(
        pipeline=pipeline,
        filters=filters,
        stages=[
            _stage(
                course, stage, spans[stage.pk], seconds[stage.pk], later_visits[stage.pk] - returns.get(stage.pk, 0), back.get(stage.pk, 0)
            )
            for stage in course.stages
            if stage.archived_at is None or spans[stage.pk]
        ],
        resolution_seconds=course.resolution,
    )


def _stage(course: Course, stage: Stage, spans: dict[int, tuple[int, int]], seconds: float, reentries: int, back_moves: int) -> StageTime:
    ended, still_open = (sum(counts[kind] for counts in spans.values()) for kind in (0, 1))
    quantiles = find_quantiles(spans, SHARES)  # type: ignore[arg-type]
    return StageTime(
        stage=stage,
        n=ended + still_open,
        open=still_open,
        quantiles={share: _in_days(course, quantile) for share, quantile in quantiles.items()},
        mean_exited_days=seconds / ended / 86_400 if ended else None,
        reentries=reentries,
        back_moves=back_moves,
    )


def _in_days(course: Course, quantile: Quantile) -> Quantile:
    return Quantile(*(None if units is None else course.days(units) for units in (quantile.time, quantile.low, quantile.high)))
