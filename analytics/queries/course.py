"""The course of deals through a pipeline, as two relations in SQL that every figure and every list is made of.

`stay` is each visit; `front` each visit that took a deal further than ever before, with what became of the deal after it.
As of now both are read from the columns that the services keep; as of an earlier time they are worked out
from what had happened before it. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
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

NOW = """
stay AS NOT MATERIALIZED (
    SELECT visit.id, deal_id, stage_id, seq, entered_at, left_at, is_front FROM pipeline_stagevisit visit
    WHERE stage_id = ANY(%(stages)s) {deals}
), front AS NOT MATERIALIZED (
    SELECT deal_id, stage_id, furthest_before_id AS before_id, entered_at, fate,
           -- A deal that left for another pipeline was watched until then.
           coalesce(fate_at, (
               SELECT coalesce(latest.left_at, %(at)s) FROM pipeline_stagevisit latest
               WHERE latest.deal_id = visit.deal_id AND latest.stage_id = ANY(%(stages)s) ORDER BY latest.seq DESC LIMIT 1
           )) AS until
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
    SELECT id, deal_id, stage_id, seq, entered_at, left_at, is_front FROM placed
), front AS MATERIALIZED (
    SELECT deal_id, stage_id, lag(stage_id) OVER course AS before_id, entered_at,
           CASE WHEN lead(entered_at) OVER course IS NOT NULL OR last_exit = 'won' THEN 'advanced'
                WHEN last_exit = 'lost' THEN 'lost' ELSE '' END AS fate,
           coalesce(lead(entered_at) OVER course, last_left_at, %(at)s) AS until
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


class Course:
    """The relations `stay`, `front` and `leap` for one pipeline, viewer and question."""

    def __init__(self, *, pipeline: Pipeline, viewer: User, filters: Filters) -> None:
        self.pipeline = pipeline
        self.filters = filters
        self.stages: list[Stage] = list(pipeline.stages.order_by("position", "id"))
        self.values: dict[str, Any] = {
            "stages": [stage.pk for stage in self.stages],
            "at": filters.at,
            "since": filters.since if filters.cohort == Cohort.ENTERED else None,
            "until": filters.until if filters.cohort == Cohort.ENTERED else None,
        }
        deals = self._name(*_select_deals(viewer, filters))
        self.head = f"WITH {(NOW if filters.as_of is None else THEN).format(deals=deals)}, {LEAP}"

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
    def resolution(self) -> float:
        """In what steps of seconds durations are counted; one query that stops early."""
        visits = StageVisit.objects.filter(stage__in=self.values["stages"]).order_by()
        return COARSE_SECONDS if visits[: EXACT_UP_TO + 1].count() > EXACT_UP_TO else MICROSECOND

    def units(self, span: str) -> str:
        """A span of time in whole steps; upwards, so that what had happened by a horizon still has."""
        if self.resolution == MICROSECOND:
            return f"round(date_part('epoch', {span}) * 1000000)::bigint"
        return f"ceil(date_part('epoch', {span}) / {COARSE_SECONDS})::bigint"

    def horizon_units(self, days: int) -> int:
        """So many days in whole steps."""
        return days * DAY * 1_000_000 if self.resolution == MICROSECOND else days * DAY // COARSE_SECONDS

    def days(self, units: float) -> float:
        """Whole steps in days."""
        return units / (DAY * 1_000_000) if self.resolution == MICROSECOND else units * COARSE_SECONDS / DAY

    def find_returns(self, *, chosen_by: str) -> Mapping[int, int]:
        """By stage: deals that first leaped over it and came to stay there later; one query.

        A question per stage chooses them by the `leaped` instant or by when they `came`.
        """
        rows = self.read(f"""
            SELECT passed_id, count(*) FROM (
                SELECT passed_id, front.deal_id, min(front.entered_at) AS leaped, min(stay.entered_at) AS came
                FROM leap
                JOIN front ON front.stage_id = leap.stage_id AND coalesce(front.before_id, 0) = leap.before_id
                JOIN stay ON stay.deal_id = front.deal_id AND stay.stage_id = passed_id AND NOT stay.is_front
                GROUP BY passed_id, front.deal_id
            ) AS returned WHERE {self.in_period(chosen_by)} GROUP BY passed_id""")
        return dict(rows)


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
