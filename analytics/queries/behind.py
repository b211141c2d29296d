"""The deals and stays that a figure counts, so that every figure can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.queries.course import Course
from analytics.queries.filters import Count, Filters
from crm.models import User
from pipeline.models import Deal, Pipeline, Stage

PAGE = 50

# Who got as far as the stage: who stayed there on the way, who leaped over it, who was won before.
REACHED = """
, winner AS (
    SELECT deal_id, stage_id, until FROM front
    WHERE fate = 'advanced' AND NOT EXISTS (SELECT FROM front later WHERE later.deal_id = front.deal_id AND later.before_id = front.stage_id)
), reached AS (
    SELECT deal_id, entered_at AS began, CASE WHEN fate <> '' THEN until END AS ended, fate, false AS passed
    FROM front WHERE stage_id = %(stage)s
    UNION ALL
    SELECT deal_id, entered_at, entered_at, 'advanced', true
    FROM front JOIN leap ON leap.stage_id = front.stage_id AND leap.before_id = coalesce(front.before_id, 0)
    WHERE leap.passed_id = %(stage)s
    UNION ALL
    SELECT deal_id, until, until, 'advanced', true
    FROM winner JOIN pipeline_stage last ON last.id = winner.stage_id
    WHERE last.position < (SELECT position FROM pipeline_stage WHERE id = %(stage)s)
)"""
VISITED = "EXISTS (SELECT FROM stay WHERE stay.deal_id = reached.deal_id AND stay.stage_id = %(stage)s)"

# One row for each deal: when it began, and what has become of it.
COURSE = """
, final AS (
    SELECT deal_id, fate, until FROM front
    WHERE NOT EXISTS (SELECT FROM front later WHERE later.deal_id = front.deal_id AND later.before_id = front.stage_id)
), whole AS (
    SELECT final.deal_id, first.entered_at AS began, CASE WHEN final.fate <> '' THEN final.until END AS ended, final.fate
    FROM final JOIN front first ON first.deal_id = final.deal_id AND first.before_id IS NULL
)"""

STAY = "stay.stage_id = %(stage)s"

# What a list may be asked for; the second word of each says which relation it is made of.
PARTS = {
    "entered": ("reached", "true"),
    "advanced": ("reached", "fate = 'advanced'"),
    "lost": ("reached", "fate = 'lost'"),
    "open": ("reached", "fate = ''"),
    "skipped": ("reached", f"passed AND NOT {VISITED}"),
    "visits": ("stay", STAY),
    "ended": ("stay", f"{STAY} AND stay.left_at IS NOT NULL"),
    "staying": ("stay", f"{STAY} AND stay.left_at IS NULL"),
    "reentries": ("stay", f"{STAY} AND NOT stay.is_front AND NOT stay.is_late"),
    "back": ("stay", f"{STAY} AND stay.is_back"),
    "stayed": ("total", "true"),
    "still": ("total", "count(*) > count(left_at)"),
    "all": ("whole", "true"),
    "won": ("whole", "fate = 'advanced'"),
    "all_lost": ("whole", "fate = 'lost'"),
    "all_open": ("whole", "fate = ''"),
    "closed": ("whole", "fate <> ''"),
}
OF_ALL = {part for part, (relation, _condition) in PARTS.items() if relation == "whole"}


@dataclass(frozen=True, slots=True)
class Row:
    """A deal behind a figure: from when until when, or still."""

    deal: Deal
    began: datetime
    ended: datetime | None
    lasted: timedelta

    @property
    def days(self) -> float:
        return self.lasted / timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Behind:
    """One page of rows, how many come before it, how many there are, and the key that the next page begins after."""

    rows: list[Row]
    before: int
    count: int
    next: str

    @property
    def first(self) -> int:
        return self.before + 1

    @property
    def last(self) -> int:
        return self.before + len(self.rows)


def find_deals_behind(
    *, pipeline: Pipeline, viewer: User, filters: Filters, part: str, stage: Stage | None, after: tuple[int, int] | None = None
) -> Behind:
    """The deals (or stays) of one part of a report, newest first, a page at a time; four queries."""
    relation, condition = PARTS[part]
    if relation == "whole":
        filters = filters.by_creation()
    course = Course(pipeline=pipeline, viewer=viewer, filters=filters)
    rows = _relation(relation, condition, course)
    values = {"stage": stage.pk if stage else None}
    values |= dict(zip(("after_deal", "after_key"), after or (0, 0), strict=True))
    beyond = "(deal_id, key) < (%(after_deal)s, %(after_key)s)" if after else "true"
    count, left = course.read(f"{rows} SELECT count(*), count(*) FILTER (WHERE {beyond}) FROM row", **values)[0]
    found = course.read(
        f"{rows} SELECT deal_id, key, began, ended, lasted FROM row WHERE {beyond} ORDER BY deal_id DESC, key DESC LIMIT {PAGE + 1}",
        **values,
    )
    deals = Deal.objects.visible_to(viewer).select_related("stage", "owner", "company").in_bulk([row[0] for row in found])
    return Behind(
        rows=[Row(deals[deal], began, ended, lasted) for deal, _key, began, ended, lasted in found[:PAGE]],
        before=count - left,
        count=count,
        next=f"{found[PAGE - 1][0]}-{found[PAGE - 1][1]}" if len(found) > PAGE else "",
    )


def _relation(relation: str, condition: str, course: Course) -> str:
    """The rows of a part as the relation `row`; the words come from the tables above, never from a request."""
    lasted = "coalesce(ended, %(at)s) - began"
    if relation == "whole":
        return f"{COURSE}, row AS (SELECT deal_id, 0 AS key, began, ended, {lasted} AS lasted FROM whole WHERE {condition})"
    if relation == "reached":
        if course.filters.count == Count.VISITED and not condition.startswith("passed"):
            condition = f"({condition}) AND (NOT passed OR {VISITED})"
        chosen = course.in_period("began")
        return (
            f"{REACHED}, row AS (SELECT deal_id, 0 AS key, began, ended, {lasted} AS lasted FROM reached WHERE ({condition}) AND {chosen})"
        )
    if relation == "stay":
        chosen = course.in_period("entered_at")
        return (
            ", row AS (SELECT deal_id, id AS key, entered_at AS began, left_at AS ended, coalesce(left_at, %(at)s) - entered_at AS lasted "
            f"FROM stay WHERE {condition} AND {chosen})"
        )
    return (
        ", row AS (SELECT deal_id, 0 AS key, min(entered_at) AS began, CASE WHEN count(*) = count(left_at) THEN max(left_at) END AS ended, "
        "sum(coalesce(left_at, %(at)s) - entered_at) AS lasted "
        f"FROM stay WHERE {STAY} GROUP BY deal_id HAVING {condition} AND {course.in_period('min(entered_at)')})"
    )
