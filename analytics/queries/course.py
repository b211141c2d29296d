"""The course of deals through a pipeline, as two relations in SQL that every figure and every list is made of.

`stay` is each visit; `front` each visit that took a deal further than ever before, with what became of the deal after it.
As of now both are read from the columns that the services keep; as of an earlier time they are worked out
from what had happened before it. A test holds the two equal.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from analytics.queries.filters import Cohort, Filters
from crm.models import User
from pipeline.models import Pipeline, Stage, StageVisit

DAY = 86_400
MICROSECOND = 1e-6
# From so many visits on, durations are counted in steps: a figure over millions needs no microseconds.
EXACT_UP_TO = 200_000
COARSE_SECONDS = 600

# Whoever reads millions of rows reads them in their order: a planner that trusts the cache would fetch each through an index.
PLAN = "SET LOCAL effective_cache_size = '64MB'; SET LOCAL work_mem = '64MB';"

NOW = """
stay AS NOT MATERIALIZED (
    SELECT visit.id, deal_id, stage_id, seq, entered_at, left_at, exit, is_front, stay_steps FROM pipeline_stagevisit visit
    WHERE stage_id = ANY(%(stages)s) {deals}
), front AS NOT MATERIALIZED (
    SELECT deal_id, stage_id, furthest_before_id AS before_id, entered_at, fate, fate_steps,
           CASE WHEN fate <> '' THEN fate_at
                WHEN deal_id IN (SELECT deal_id FROM pipeline_stagevisit WHERE left_at IS NULL AND stage_id = ANY(%(stages)s)) THEN %(at)s
                -- A deal that left for another pipeline was watched until then.
                ELSE (SELECT latest.left_at FROM pipeline_stagevisit latest
                      WHERE latest.deal_id = visit.deal_id AND latest.stage_id = ANY(%(stages)s) ORDER BY latest.seq DESC LIMIT 1)
           END AS until
    FROM pipeline_stagevisit visit
    WHERE is_front AND stage_id = ANY(%(stages)s) {deals}
)"""

THEN = """
seen AS (
    SELECT visit.id, deal_id, stage_id, position, seq, entered_at,
           CASE WHEN left_at < %(at)s THEN left_at END AS left_at, CASE WHEN left_at < %(at)s THEN exit ELSE '' END AS exit
    FROM pipeline_stagevisit visit JOIN pipeline_stage stage ON stage.id = stage_id
    WHERE entered_at < %(at)s AND stage_id = ANY(%(stages)s) {deals}
), placed AS MATERIALIZED (
    SELECT seen.*, position > coalesce(max(position) OVER earlier, -1) AS is_front,
           first_value(exit) OVER latest AS last_exit, first_value(left_at) OVER latest AS last_left_at
    FROM seen
    WINDOW earlier AS (PARTITION BY deal_id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           latest AS (PARTITION BY deal_id ORDER BY seq DESC)
), stay AS NOT MATERIALIZED (
    SELECT id, deal_id, stage_id, seq, entered_at, left_at, exit, is_front,
           ceil(date_part('epoch', left_at - entered_at) / 600)::integer AS stay_steps
    FROM placed
), front AS MATERIALIZED (
    SELECT deal_id, stage_id, lag(stage_id) OVER course AS before_id, entered_at,
           CASE WHEN lead(entered_at) OVER course IS NOT NULL OR last_exit = 'won' THEN 'advanced'
                WHEN last_exit = 'lost' THEN 'lost' ELSE '' END AS fate,
           coalesce(lead(entered_at) OVER course, last_left_at, %(at)s) AS until,
           ceil(date_part('epoch', coalesce(lead(entered_at) OVER course, last_left_at) - entered_at) / 600)::integer AS fate_steps
    FROM placed WHERE is_front
    WINDOW course AS (PARTITION BY deal_id ORDER BY seq)
)"""

# Which stages a step from one to another leaps over; before the first stage stands 0.
LEAP = """
leap AS (
    SELECT coalesce(origin.id, 0) AS before_id, target.id AS stage_id, passed.id AS passed_id
    FROM pipeline_stage target JOIN pipeline_stage passed ON passed.position < target.position
    JOIN (SELECT id, position FROM pipeline_stage WHERE id = ANY(%(stages)s) UNION ALL SELECT 0, -1) origin
        ON origin.position < passed.position
    WHERE target.id = ANY(%(stages)s) AND passed.id = ANY(%(stages)s)
)"""

# Leaps are few and found by index when named one by one; stays on a way back are few too. They meet before anything else is read.
RETURNS = """
, leaped AS MATERIALIZED (
    SELECT deal_id, stage_id, before_id, entered_at FROM front
    WHERE (stage_id, before_id) IN %(leaps)s OR (before_id IS NULL AND stage_id = ANY(%(later_stages)s))
)
SELECT passed_id, count(*) FROM (
    SELECT passed_id, leaped.deal_id, min(leaped.entered_at) AS leaped, min(stay.entered_at) AS came
    FROM leaped JOIN leap ON leap.stage_id = leaped.stage_id AND leap.before_id = coalesce(leaped.before_id, 0)
    JOIN stay ON stay.deal_id = leaped.deal_id AND stay.stage_id = passed_id AND NOT stay.is_front
    GROUP BY 1, 2
) AS returned WHERE {chosen} GROUP BY 1"""


class Course:
    """The relations `stay`, `front` and `leap` for one pipeline, viewer and question."""

    def __init__(self, *, pipeline: Pipeline, viewer: User, filters: Filters) -> None:
        self.pipeline = pipeline
        self.filters = filters
        self._returns: dict[str, dict[int, int]] = {}
        self.stages: list[Stage] = list(pipeline.stages.order_by("position", "id"))
        self.values: dict[str, Any] = {
            "stages": [stage.pk for stage in self.stages],
            "at": filters.at,
            "since": filters.since if filters.cohort == Cohort.ENTERED else None,
            "until": filters.until if filters.cohort == Cohort.ENTERED else None,
        }
        deals = self._name(*_select_deals(viewer, filters))
        self.head = f"{PLAN} WITH {(NOW if filters.as_of is None else THEN).format(deals=deals)}, {LEAP}"

    def _name(self, condition: str, values: tuple[Any, ...]) -> str:
        """The same condition with named values, since one statement mixes no named and unnamed ones."""
        names = [f"deal_{number}" for number in range(len(values))]
        self.values |= dict(zip(names, values, strict=True))
        return condition % tuple(f"%({name})s" for name in names) if values else condition

    def read(self, select: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a statement over the relations; one query."""
        with connection.cursor() as cursor:
            cursor.execute(f"{self.head} {select}", self.values | values)
            return cursor.fetchall()

    def in_period(self, column: str) -> str:
        """Whether that instant lies in the period, for questions that choose per stage."""
        bounds = [f"{column} >= %(since)s"] * bool(self.values["since"]) + [f"{column} < %(until)s"] * bool(self.values["until"])
        return f"({' AND '.join(bounds)})" if bounds else "true"

    @cached_property
    def is_coarse(self) -> bool:
        """Whether durations are counted in steps; one query that stops early."""
        visits = StageVisit.objects.filter(stage__in=self.values["stages"]).order_by()
        return visits[: EXACT_UP_TO + 1].count() > EXACT_UP_TO

    @property
    def resolution(self) -> float:
        """How many seconds such a step has."""
        return COARSE_SECONDS if self.is_coarse else MICROSECOND

    def units(self, span: str, *, kept: str = "") -> str:
        """A span of time in whole steps, `kept` as a column or worked out; upwards, so what had happened by a horizon still has."""
        if self.is_coarse:
            return kept or f"ceil(date_part('epoch', {span}) / {COARSE_SECONDS})::integer"
        return f"round(date_part('epoch', {span}) * 1000000)::bigint"

    def horizon_units(self, days: int) -> int:
        """So many days in whole steps."""
        return days * DAY // COARSE_SECONDS if self.is_coarse else days * DAY * 1_000_000

    def days(self, units: float) -> float:
        """Whole steps in days."""
        return units * COARSE_SECONDS / DAY if self.is_coarse else units / (DAY * 1_000_000)

    def find_returns(self, *, chosen_by: str) -> dict[int, int]:
        """By stage: deals that first leaped over it and came to stay there later; one query, none when asked again.

        A question per stage chooses them by the `leaped` instant or by when they `came`.
        """
        chosen = self.in_period(chosen_by)
        if chosen not in self._returns:
            keys = self.values["stages"]
            leaps = tuple((stage, before) for place, stage in enumerate(keys) for before in keys[: max(place - 1, 0)]) or ((0, 0),)
            self._returns[chosen] = dict(self.read(RETURNS.format(chosen=chosen), leaps=leaps, later_stages=keys[1:]))
        return self._returns[chosen]


def _select_deals(viewer: User, filters: Filters) -> tuple[str, tuple[Any, ...]]:
    """A condition on `deal_id`; nothing where every deal counts, which spares a join over all of them."""
    deals = filters.deals(viewer)
    if not deals.query.has_filters():
        return "", ()
    try:
        select, values = deals.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "AND false", ()
    return f"AND deal_id IN ({select})", values
