"""Shaping a pipeline's stages: one verb each, for admins, told to every open board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import events, live
from crm.cleaning import clean
from crm.errors import Changed, Refused
from crm.marks import require_mark
from crm.models import User
from pipeline import rules
from pipeline.models import Colour, Deal, Pipeline, Stage
from pipeline.services.fates import rebuild_fates
from pipeline.services.moves import MAX_BULK, move_deals
from pipeline.services.places import lock_stages

EDITABLE = ("name", "labels", "colour", "probability", "rot_days")
# Deals moved out of a stage per request: a few seconds' work, after which the page says how far it is.
MAX_CLEARED = 5 * MAX_BULK
# No stage bears this number: a board that hears of a stage it doesn't know looks which columns there are, and in which order.
LAYOUT = 0


@dataclass
class Cleared:
    """How far moving all deals out of a stage has come, and what stopped it."""

    moved: int = 0
    left: int = 0
    reasons: list[str] = field(default_factory=list)


def add_stage(
    *,
    pipeline_id: int,
    name: str,
    by: User,
    labels: dict[str, str] | None = None,
    colour: str = Colour.BLUE,
    probability: int = 50,
    rot_days: int | None = None,
    before: int | None = None,
    origin: str = "",
) -> Stage:
    """Add a stage right before another one, or at the end; no fate changes, since nobody has been there yet."""
    with transaction.atomic():
        rules.require(by, "stage.change")
        pipeline, stages = lock_pipeline(pipeline_id)
        position = next((stage.position for stage in stages if stage.pk == before), len(stages) and stages[-1].position + 1)
        stage = Stage(
            pipeline=pipeline,
            name=name.strip(),
            labels=labels or {},
            colour=colour,
            probability=probability,
            rot_days=rot_days,
            position=position,
        )
        clean(stage)
        _require_free_name(stage, stages)
        Stage.objects.filter(pipeline=pipeline, position__gte=position).update(position=F("position") + 1)
        stage.save()
        events.record("stage.added", record="stage", record_id=stage.pk, by=by, pipeline=pipeline.pk, name=stage.name)
        live.publish(f"pipeline:{pipeline.pk}", stages=[LAYOUT, stage.pk], origin=origin)
    return stage


def edit_stage(*, stage_id: int, changes: dict[str, Any], by: User, mark: str = "", origin: str = "") -> Stage:
    """Rename, colour, weigh, or set when deals rot (`EDITABLE`). `mark` of an older state: Changed (412)."""
    with transaction.atomic():
        rules.require(by, "stage.change")
        stage, stages = _lock_stage(stage_id)
        require_mark(stage, EDITABLE, mark)
        was = {name: getattr(stage, name) for name in EDITABLE}
        for name in EDITABLE:
            setattr(stage, name, changes.get(name, was[name]))
        stage.name = stage.name.strip()
        clean(stage)
        _require_free_name(stage, stages)
        changed = {name: [was[name], getattr(stage, name)] for name in EDITABLE if was[name] != getattr(stage, name)}
        if changed:
            stage.save(update_fields=list(changed))
            events.record("stage.edited", record="stage", record_id=stage.pk, by=by, pipeline=stage.pipeline_id, changes=changed)
            live.publish(f"pipeline:{stage.pipeline_id}", stages=[stage.pk], origin=origin)
    return stage


def reorder_stages(*, pipeline_id: int, order: list[int], by: User, was: list[int] | None = None, origin: str = "") -> int:
    """Put the live stages into this order and work every fate of the pipeline out anew; how many visits that changed.

    Archived stages keep their places between them. When the order is no longer what the admin saw (`was`): Changed (412).
    """
    with transaction.atomic():
        rules.require(by, "stage.change")
        pipeline, stages = lock_pipeline(pipeline_id)
        current = [stage.pk for stage in stages if stage.archived_at is None]
        if was is not None and was != current:
            raise Changed(_("Somebody else has changed the stages meanwhile. Here is how they stand now."), current)
        if sorted(order) != sorted(current):
            raise Refused(_("These aren't the stages of this pipeline any more. Reload the page."))
        if order == current:
            return 0
        _place(stages, order)
        with connection.cursor() as cursor:
            # A long history may take longer than a page is allowed; moves wait or are told to try again.
            cursor.execute("SET LOCAL statement_timeout = '15min'")
        rebuilt = rebuild_fates(pipeline=pipeline)
        events.record("pipeline.reordered", record="pipeline", record_id=pipeline.pk, by=by, order=order, was=current, rebuilt=rebuilt)
        live.publish(f"pipeline:{pipeline.pk}", stages=[LAYOUT, *order], origin=origin)
    return rebuilt


def archive_stage(*, stage_id: int, by: User, origin: str = "") -> Stage:
    """Take a stage off the board; what happened in it stays in the figures. Refused while open deals stand in it."""
    with transaction.atomic():
        rules.require(by, "stage.change")
        stage, stages = _lock_stage(stage_id)
        if stage.archived_at:
            return stage
        if count := Deal.objects.open().in_stage(stage).count():
            raise Refused(
                ngettext(
                    "%(count)s open deal stands in “%(stage)s”. Move it to another stage first.",
                    "%(count)s open deals stand in “%(stage)s”. Move them to another stage first.",
                    count,
                )
                % {"count": count, "stage": stage.label}
            )
        if not any(other.archived_at is None and other.pk != stage.pk for other in stages):
            raise Refused(_("A pipeline needs at least one stage. Add another first, or archive the whole pipeline."))
        stage.archived_at = timezone.now()
        stage.save(update_fields=["archived_at"])
        events.record("stage.archived", record="stage", record_id=stage.pk, by=by, pipeline=stage.pipeline_id)
        live.publish(f"pipeline:{stage.pipeline_id}", stages=[LAYOUT, stage.pk], origin=origin)
    return stage


def restore_stage(*, stage_id: int, by: User, origin: str = "") -> Stage:
    """Bring an archived stage back to where it stood."""
    with transaction.atomic():
        rules.require(by, "stage.change")
        stage, stages = _lock_stage(stage_id)
        if stage.archived_at is None:
            return stage
        _require_free_name(stage, stages)
        stage.archived_at = None
        stage.save(update_fields=["archived_at"])
        events.record("stage.restored", record="stage", record_id=stage.pk, by=by, pipeline=stage.pipeline_id)
        live.publish(f"pipeline:{stage.pipeline_id}", stages=[LAYOUT, stage.pk], origin=origin)
    return stage


def clear_stage(*, stage_id: int, to_stage: int, by: User, origin: str = "") -> Cleared:
    """Move the open deals of a stage to another, batch by batch through the move itself, at most `MAX_CLEARED` at a time.

    Each batch is a transaction of its own, so what has moved stays moved when a gate stops a later one.
    """
    rules.require(by, "stage.change")
    standing = Deal.objects.visible_to(by).open().filter(stage=stage_id).order_by("rank", "pk").values_list("pk", flat=True)
    cleared = Cleared()
    while cleared.moved < MAX_CLEARED and (batch := list(standing[:MAX_BULK])):
        try:
            cleared.moved += len(move_deals(deal_ids=batch, to_stage=to_stage, by=by, origin=origin))
        except Refused as refused:
            cleared.reasons = refused.reasons
            break
    cleared.left = standing.count()
    return cleared


def lock_pipeline(pipeline_id: int) -> tuple[Pipeline, list[Stage]]:
    """The pipeline and its stages in order, locked: the pipeline first, then its columns by id, and deals only after them."""
    pipeline = Pipeline.objects.select_for_update(no_key=True).filter(pk=pipeline_id).first()
    if pipeline is None:
        raise Http404(_("This pipeline doesn't exist."))
    ids = set(pipeline.stages.values_list("pk", flat=True))
    return pipeline, sorted(lock_stages(ids).values(), key=lambda stage: stage.position)


def _lock_stage(stage_id: int) -> tuple[Stage, list[Stage]]:
    pipeline_id = Stage.objects.filter(pk=stage_id).values_list("pipeline_id", flat=True).first()
    if pipeline_id is None:
        raise Http404(_("This stage doesn't exist."))
    _pipeline, stages = lock_pipeline(pipeline_id)
    return next(stage for stage in stages if stage.pk == stage_id), stages


def _place(stages: list[Stage], order: list[int]) -> None:
    by_id, rest = {stage.pk: stage for stage in stages}, iter(order)
    placed = [stage if stage.archived_at else by_id[next(rest)] for stage in stages]
    for position, stage in enumerate(placed):
        stage.position = position
    Stage.objects.bulk_update(placed, ["position"])


def _require_free_name(stage: Stage, stages: Iterable[Stage]) -> None:
    """Names tell stages apart: on the board, in filters, and in files that are imported."""
    taken = {other.name.casefold() for other in stages if other.pk != stage.pk and other.archived_at is None}
    if stage.name.casefold() in taken:
        raise Refused(_("There is a stage “%(name)s” in this pipeline already. Choose another name.") % {"name": stage.name})
