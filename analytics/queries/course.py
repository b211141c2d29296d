"""The course of deals through a pipeline, as two relations in SQL that every figure and every list is made of.

`stay` is each visit; `front` each visit that took a deal further than ever before, with what became of the deal after it:
`decided` where that is known from the columns, `ahead` where it must be looked up.
As of now both are read from the columns that the services keep. As of an earlier time what came later is left out: of the columns
only a fate depends on it. A test holds that equal to the figures of a history that ends there.
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

# Until when an undecided step was watched: a deal that left for another pipeline until then.
WATCHED = """CASE
    WHEN deal_id IN (SELECT deal_id FROM pipeline_stagevisit WHERE left_at IS NULL AND stage_id = ANY(%(stages)s)) THEN %(at)s
    ELSE (SELECT latest.left_at FROM pipeline_stagevisit latest
          WHERE latest.deal_id = visit.deal_id AND latest.stage_id = ANY(%(stages)s) ORDER BY latest.seq DESC LIMIT 1)
END"""

# `ahead` names no column that its index lacks.
NOW = f"""
stay AS NOT MATERIALIZED (
    SELECT visit.id, deal_id, stage_id, seq, entered_at, left_at, exit, is_front, is_late, is_back, is_vague, stay_steps
    FROM pipeline_stagevisit visit
    WHERE stage_id = ANY(%(stages)s) {{deals}}
), front AS NOT MATERIALIZED (
    SELECT deal_id, stage_id, furthest_before_id AS before_id, entered_at, fate, fate_steps, coalesce(fate_at, {WATCHED}) AS until, is_vague
    FROM pipeline_stagevisit visit
    WHERE is_front AND stage_id = ANY(%(stages)s) {{deals}}
), decided AS NOT MATERIALIZED (
    SELECT * FROM front WHERE fate <> ''
), ahead AS NOT MATERIALIZED (
    SELECT deal_id, stage_id, furthest_before_id AS before_id, entered_at, '' AS fate, {WATCHED} AS until
    FROM pipeline_stagevisit visit
    WHERE is_front AND fate = '' AND stage_id = ANY(%(stages)s) {{deals}}
)"""

# What a deal had been through by then stays true; only a fate that was not decided yet hangs on the stay the deal was in.
THEN = """
stay AS NOT MATERIALIZED (
    SELECT visit.id, deal_id, stage_id, seq, entered_at, CASE WHEN left_at < %(at)s THEN left_at END AS left_at,
           CASE WHEN left_at < %(at)s THEN exit ELSE '' END AS exit, is_front, is_late, is_back, is_vague,
           CASE WHEN left_at < %(at)s THEN stay_steps END AS stay_steps
    FROM pipeline_stagevisit visit
    WHERE entered_at < %(at)s AND stage_id = ANY(%(stages)s) {deals}
), decided AS NOT MATERIALIZED (
    SELECT deal_id, stage_id, furthest_before_id AS before_id, entered_at, fate, fate_steps, fate_at AS until, is_vague
    FROM pipeline_stagevisit visit
    WHERE is_front AND fate_at < %(at)s AND stage_id = ANY(%(stages)s) {deals}
), ahead AS NOT MATERIALIZED (
    SELECT deal_id, stage_id, furthest_before_id AS before_id, entered_at,
           CASE latest.exit WHEN 'won' THEN 'advanced' WHEN 'lost' THEN 'lost' ELSE '' END AS fate,
           coalesce(latest.left_at, %(at)s) AS until, is_vague
    FROM pipeline_stagevisit visit CROSS JOIN LATERAL (
        SELECT stay.exit, stay.left_at FROM stay WHERE stay.deal_id = visit.deal_id ORDER BY stay.seq DESC LIMIT 1
    ) latest
    WHERE is_front AND entered_at < %(at)s AND coalesce(fate_at >= %(at)s, true) AND stage_id = ANY(%(stages)s) {deals}
), front AS NOT MATERIALIZED (
    SELECT deal_id, stage_id, before_id, entered_at, fate, until, is_vague FROM decided
    UNION ALL
    SELECT deal_id, stage_id, before_id, entered_at, fate, until, is_vague FROM ahead
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
    """The relations `stay`, `front` (also as `decided` and `ahead`) and `leap` for one pipeline, viewer and question."""

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
        visits = StageVisit.objects.filter(stage__in=self.values["stages"], left_at__isnull=False).order_by()
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
