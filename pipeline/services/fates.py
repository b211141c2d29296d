"""What became of a deal after each step forward: the columns that let a funnel read one row per step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from pipeline.models import Exit, Fate, Pipeline


@dataclass(frozen=True, slots=True)
class Stay:
    """What a fate depends on: where in the pipeline a visit was, and how it ended."""

    position: int
    entered_at: datetime
    left_at: datetime | None
    exit: str


@dataclass(frozen=True, slots=True)
class VisitFate:
    """The fate of one visit; `before` is the index of the front visit before it."""

    is_front: bool = False
    before: int | None = None
    fate: str = Fate.OPEN
    fate_at: datetime | None = None
    is_late: bool = False
    is_back: bool = False


def find_fates(stays: Sequence[Stay]) -> list[VisitFate]:
    """The fates of one deal's visits, given in their order; equal to what `rebuild_fates` writes."""
    fates: list[VisitFate] = []
    fronts: list[int] = []
    for index, stay in enumerate(stays):
        if not fronts or stay.position > stays[fronts[-1]].position:
            fronts.append(index)
            fates.append(VisitFate())
        else:
            is_late = all(earlier.position != stay.position for earlier in stays[:index])
            fates.append(VisitFate(is_late=is_late, is_back=stays[index - 1].position > stay.position))
    ahead: tuple[str, datetime | None] = (Fate.OPEN, None)
    if stays and stays[-1].exit == Exit.WON:
        ahead = (Fate.ADVANCED, stays[-1].left_at)
    elif stays and stays[-1].exit == Exit.LOST:
        ahead = (Fate.LOST, stays[-1].left_at)
    for rank in range(len(fronts) - 1, -1, -1):
        index = fronts[rank]
        fates[index] = VisitFate(True, fronts[rank - 1] if rank else None, *ahead)
        ahead = (Fate.ADVANCED, stays[index].entered_at)
    return fates


# A deal that came from another pipeline has left that one's fates open: its course there was cut off, not decided.
REBUILD = """
WITH placed AS (
    SELECT visit.id, visit.deal_id, visit.seq, visit.stage_id, visit.entered_at, stage.pipeline_id, stage.position,
           max(stage.position) OVER earlier AS furthest,
           lag(stage.position) OVER course > stage.position AS is_back,
           row_number() OVER (PARTITION BY visit.deal_id, visit.stage_id ORDER BY visit.seq) = 1 AS is_first,
           first_value(visit.exit) OVER latest AS last_exit,
           first_value(visit.left_at) OVER latest AS last_left_at,
           first_value(stage.pipeline_id) OVER latest AS last_pipeline_id
    FROM pipeline_stagevisit visit JOIN pipeline_stage stage ON stage.id = visit.stage_id
    WHERE {deals}
    WINDOW course AS (PARTITION BY visit.deal_id, stage.pipeline_id ORDER BY visit.seq),
           earlier AS (course ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           latest AS (PARTITION BY visit.deal_id ORDER BY visit.seq DESC)
), front AS (
    SELECT placed.*, lag(stage_id) OVER course AS furthest_before_id, lead(entered_at) OVER course AS advanced_at
    FROM placed WHERE furthest IS NULL OR position > furthest
    WINDOW course AS (PARTITION BY deal_id, pipeline_id ORDER BY seq)
), fate AS (
    SELECT placed.id, front.id IS NOT NULL AS is_front, front.furthest_before_id,
           CASE WHEN front.id IS NULL THEN ''
                WHEN advanced_at IS NOT NULL OR (placed.last_exit = 'won' AND placed.last_pipeline_id = placed.pipeline_id) THEN 'advanced'
                WHEN placed.last_exit = 'lost' AND placed.last_pipeline_id = placed.pipeline_id THEN 'lost'
                ELSE '' END AS fate,
           coalesce(advanced_at, placed.last_left_at) AS at,
           front.id IS NULL AND placed.is_first AS is_late, coalesce(placed.is_back, false) AS is_back
    FROM placed LEFT JOIN front ON front.id = placed.id
)
UPDATE pipeline_stagevisit visit
SET is_front = fate.is_front, furthest_before_id = fate.furthest_before_id, fate = fate.fate,
    fate_at = CASE WHEN fate.fate <> '' THEN fate.at END, is_late = fate.is_late, is_back = fate.is_back
FROM fate
WHERE fate.id = visit.id
    AND (visit.is_front, visit.furthest_before_id, visit.fate, visit.fate_at, visit.is_late, visit.is_back) IS DISTINCT FROM
    (fate.is_front, fate.furthest_before_id, fate.fate, CASE WHEN fate.fate <> '' THEN fate.at END, fate.is_late, fate.is_back)
"""


def rebuild_fates(*, pipeline: Pipeline | None = None, deal_ids: Iterable[int] | None = None) -> int:
    """Work the fates out anew from visits and today's order of stages, in one statement; how many rows changed."""
    conditions, values = ["true"], []
    if pipeline is not None:
        conditions.append("visit.deal_id IN (SELECT id FROM pipeline_deal WHERE pipeline_id = %s)")
        values.append(pipeline.pk)
    if deal_ids is not None:
        conditions.append("visit.deal_id = ANY(%s)")
        values.append(list(deal_ids))  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(REBUILD.format(deals=" AND ".join(conditions)), values)
        return cursor.rowcount
