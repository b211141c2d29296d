"""Keeping a deal's next step beside it, so that a card needs no join."""

from __future__ import annotations

from crm import live
from crm.models import Organisation, Task
from pipeline.models import Deal


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
