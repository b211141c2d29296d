"""Keeping a deal's next step beside it, so that a card needs no join."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import connection

from crm import live
from crm.models import Event, Organisation, Task
from pipeline.models import Deal, Pipeline

# Days begin elsewhere after a change of the time zone: all of them anew, in one statement.
REFRESH = """
WITH fresh AS (
    SELECT deal.id, (min(task.due_at) AT TIME ZONE %s)::date AS day
    FROM pipeline_deal AS deal
    LEFT JOIN crm_task AS task ON task.record = 'deal' AND task.record_id = deal.id AND task.done_at IS NULL
    WHERE deal.next_step_on IS NOT NULL
    GROUP BY deal.id
)
UPDATE pipeline_deal AS deal SET next_step_on = fresh.day FROM fresh WHERE deal.id = fresh.id AND deal.next_step_on IS DISTINCT FROM fresh.day
"""


def refresh_next_step(deal_id: int, origin: str = "") -> None:
    """Note the day of the earliest open task, in the organisation's zone; called in the transaction that changed a task."""
    deal = Deal.objects.select_for_update(no_key=True).filter(pk=deal_id).only("pipeline_id", "stage_id", "next_step_on").first()
    if deal is None:
        return
    due_at = Task.objects.about("deal", deal_id).open().order_by("due_at").values_list("due_at", flat=True).first()  # type: ignore[misc]
    next_step_on = Organisation.current().today(due_at) if due_at else None
    if next_step_on != deal.next_step_on:
        Deal.objects.filter(pk=deal_id).update(next_step_on=next_step_on)
    live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)


def refresh_next_steps(zone: ZoneInfo) -> int:
    """Note the days of all next steps in this zone; how many deals that changed."""
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, [zone.key])
        return cursor.rowcount


def follow_organisation(event: Event) -> None:
    """After a change of the time zone days begin elsewhere; after one of the currency sums are others."""
    if "time_zone" in event.payload["changes"]:
        refresh_next_steps(Organisation.current().zone)
    if {"time_zone", "currency"} & set(event.payload["changes"]):
        _refresh_boards()


def follow_rates(event: Event) -> None:
    """Columns are summed with the new rate."""
    _refresh_boards()


def _refresh_boards() -> None:
    for pipeline in Pipeline.objects.live().prefetch_related("stages"):
        live.publish(f"pipeline:{pipeline.pk}", stages=[stage.pk for stage in pipeline.stages.all()])
