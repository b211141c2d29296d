"""Checklists: what an admin puts on a pipeline's list, and what is ticked for a deal."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, live
from crm.cleaning import clean
from crm.errors import Changed, Refused
from crm.marks import require_mark
from crm.models import User
from pipeline import rules
from pipeline.models import ChecklistItem, ChecklistTick, Pipeline, Stage
from pipeline.services.hold import hold_deal

EDITABLE = ("name", "labels", "stage")
MARKED = ("name", "labels", "stage_id")
MAX_ITEMS = 60


def add_checklist_item(*, pipeline_id: int, values: dict[str, Any], by: User) -> ChecklistItem:
    """Put one more thing on the list of every deal of the pipeline, open ones included."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        pipeline = Pipeline.objects.select_for_update(no_key=True).filter(pk=pipeline_id).first()
        if pipeline is None:
            raise Http404(_("This pipeline doesn't exist."))
        if pipeline.checklist.filter(archived_at=None).count() >= MAX_ITEMS:
            raise Refused(_("A checklist has at most %(count)s items.") % {"count": MAX_ITEMS})
        last = pipeline.checklist.aggregate(last=Max("position"))["last"]
        item = ChecklistItem(pipeline=pipeline, position=0 if last is None else last + 1)
        _write(item, values)
        events.record("checklist_item.added", record="pipeline", record_id=pipeline.pk, by=by, item=item.pk, name=item.name)
    return item


def edit_checklist_item(*, item_id: int, changes: dict[str, Any], by: User, mark: str = "") -> ChecklistItem:
    """Change its words or its stage; ticks stay. Older `mark`: Changed."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        item = _lock(item_id)
        require_mark(item, MARKED, mark)
        was = [getattr(item, field) for field in MARKED]
        _write(item, changes)
        if was != [getattr(item, field) for field in MARKED]:
            events.record("checklist_item.edited", record="pipeline", record_id=item.pipeline_id, by=by, item=item.pk, name=item.name)
    return item


def archive_checklist_item(*, item_id: int, by: User) -> ChecklistItem:
    """Ask for it no longer; ticks are kept for its return."""
    return _set_archived(item_id, by, archived=True)


def restore_checklist_item(*, item_id: int, by: User) -> ChecklistItem:
    """Ask for it again."""
    return _set_archived(item_id, by, archived=False)


def order_checklist(*, pipeline_id: int, order: list[int], was: list[int], by: User) -> None:
    """Put the list into this order; where it no longer stands as `was` saw it: Changed."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        items = {item.pk: item for item in ChecklistItem.objects.live().filter(pipeline=pipeline_id).select_for_update(no_key=True)}
        now = list(items)
        if was != now or sorted(order) != sorted(now):
            raise Changed(_("Somebody else has changed this list meanwhile."), {"order": now})
        for position, pk in enumerate(order):
            items[pk].position = position
        ChecklistItem.objects.bulk_update(items.values(), ["position"])
        events.record("checklist.ordered", record="pipeline", record_id=pipeline_id, by=by)


def tick_item(*, deal_id: int, item_id: int, done: bool = True, by: User, origin: str = "") -> ChecklistItem:
    """Tick an item of a deal's checklist, or take the tick back; twice is once."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        item = ChecklistItem.objects.live().filter(pk=item_id, pipeline=deal.pipeline_id).first()
        if item is None:
            raise Refused(_("This isn't in the list any more. Reload the page."))
        if done:
            _tick, is_new = ChecklistTick.objects.get_or_create(deal=deal, item=item, defaults={"by": by})
        else:
            is_new = bool(ChecklistTick.objects.filter(deal=deal, item=item).delete()[0])
        if is_new:
            what = "ticked" if done else "unticked"
            events.record(f"checklist.{what}", record="deal", record_id=deal.pk, by=by, item=item.pk, title=item.name)
            live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)
    return item


def _set_archived(item_id: int, by: User, *, archived: bool) -> ChecklistItem:
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        item = _lock(item_id)
        if bool(item.archived_at) != archived:
            item.archived_at = timezone.now() if archived else None
            item.save(update_fields=["archived_at"])
            what = "archived" if archived else "restored"
            events.record(f"checklist_item.{what}", record="pipeline", record_id=item.pipeline_id, by=by, item=item.pk)
    return item


def _lock(item_id: int) -> ChecklistItem:
    item = ChecklistItem.objects.select_for_update(no_key=True).filter(pk=item_id).first()
    if item is None:
        raise Http404(_("This entry doesn't exist."))
    return item


def _write(item: ChecklistItem, values: dict[str, Any]) -> None:
    stage: Stage | None = values.get("stage")
    if stage is not None and stage.pipeline_id != item.pipeline_id:
        raise Refused(_("This stage belongs to another pipeline."))
    for field in EDITABLE:
        if field in values:
            setattr(item, field, values[field])
    item.name = item.name.strip()
    clean(item)
    item.save()
