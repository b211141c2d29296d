"""Shaping the pipelines themselves: one verb each, for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
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
from pipeline.services.stages import lock_pipeline

EDITABLE = ("name", "labels", "currency")
MAX_STAGES = 30
HUES = [Colour.SLATE, Colour.BLUE, Colour.CYAN, Colour.TEAL, Colour.GREEN, Colour.AMBER, Colour.ORANGE, Colour.PINK, Colour.VIOLET]
ROT_DAYS = 14


@dataclass(frozen=True)
class NewStage:
    """A stage that a new pipeline begins with."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)


def add_pipeline(*, name: str, currency: str, stages: Sequence[NewStage], by: User, labels: dict[str, str] | None = None) -> Pipeline:
    """Add a pipeline after the others, with its first stages: win probability rises from one to the next."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        last = Pipeline.objects.aggregate(last=Max("position"))["last"]
        pipeline = Pipeline(name=name.strip(), labels=labels or {}, currency=currency.upper(), position=0 if last is None else last + 1)
        clean(pipeline)
        _require_free_name(pipeline)
        _require_stages(stages)
        pipeline.save()
        for position, stage in enumerate(stages):
            fresh = Stage(
                pipeline=pipeline,
                name=stage.name,
                labels=stage.labels,
                position=position,
                colour=HUES[position % len(HUES)],
                probability=min(95, round(100 * (position + 1) / (len(stages) + 1))),
                rot_days=ROT_DAYS,
            )
            clean(fresh)
            fresh.save()
        events.record("pipeline.added", record="pipeline", record_id=pipeline.pk, by=by, name=pipeline.name)
    return pipeline


def edit_pipeline(*, pipeline_id: int, changes: dict[str, Any], by: User, mark: str = "", origin: str = "") -> Pipeline:
    """Rename a pipeline or count its columns in another currency (`EDITABLE`); deals keep their own. Older `mark`: Changed."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        pipeline = _lock(pipeline_id)
        require_mark(pipeline, EDITABLE, mark)
        was = {name: getattr(pipeline, name) for name in EDITABLE}
        for name in EDITABLE:
            setattr(pipeline, name, changes.get(name, was[name]))
        pipeline.name, pipeline.currency = pipeline.name.strip(), pipeline.currency.upper()
        clean(pipeline)
        _require_free_name(pipeline)
        changed = {name: [was[name], getattr(pipeline, name)] for name in EDITABLE if was[name] != getattr(pipeline, name)}
        if changed:
            pipeline.save(update_fields=list(changed))
            events.record("pipeline.edited", record="pipeline", record_id=pipeline.pk, by=by, changes=changed)
            live.publish(f"pipeline:{pipeline.pk}", stages=pipeline.stages.values_list("pk", flat=True), origin=origin)
    return pipeline


def archive_pipeline(*, pipeline_id: int, by: User) -> Pipeline:
    """Take a pipeline out of use; refused while open deals stand in it, since nobody would see them any more."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        pipeline, _stages = lock_pipeline(pipeline_id)  # with its columns, so that no deal comes in meanwhile
        if pipeline.archived_at:
            return pipeline
        if count := Deal.objects.open().in_pipeline(pipeline).count():
            raise Refused(
                ngettext(
                    "%(count)s open deal stands in “%(pipeline)s”. Win or lose it first.",
                    "%(count)s open deals stand in “%(pipeline)s”. Win or lose them first.",
                    count,
                )
                % {"count": count, "pipeline": pipeline.label}
            )
        pipeline.archived_at = timezone.now()
        pipeline.save(update_fields=["archived_at"])
        events.record("pipeline.archived", record="pipeline", record_id=pipeline.pk, by=by)
    return pipeline


def restore_pipeline(*, pipeline_id: int, by: User) -> Pipeline:
    """Bring an archived pipeline back."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        pipeline = _lock(pipeline_id)
        if pipeline.archived_at is None:
            return pipeline
        _require_free_name(pipeline)
        pipeline.archived_at = None
        pipeline.save(update_fields=["archived_at"])
        events.record("pipeline.restored", record="pipeline", record_id=pipeline.pk, by=by)
    return pipeline


def reorder_pipelines(*, order: list[int], by: User, was: list[int] | None = None) -> None:
    """Put the pipelines into this order; the first one is what `/board/` opens. An older `was`: Changed."""
    with transaction.atomic():
        rules.require(by, "pipeline.change")
        pipelines = {pipeline.pk: pipeline for pipeline in Pipeline.objects.live().order_by("pk").select_for_update(no_key=True)}
        current = [pipeline.pk for pipeline in sorted(pipelines.values(), key=lambda pipeline: (pipeline.position, pipeline.pk))]
        if was is not None and was != current:
            raise Changed(_("Somebody else has changed the pipelines meanwhile. Here is how they stand now."), current)
        if sorted(order) != sorted(current):
            raise Refused(_("These aren't all the pipelines any more. Reload the page."))
        if order == current:
            return
        for position, pipeline_id in enumerate(order):
            pipelines[pipeline_id].position = position
        Pipeline.objects.bulk_update(pipelines.values(), ["position"])
        events.record("pipelines.reordered", record="pipeline", record_id=order[0], by=by, order=order, was=current)


def _lock(pipeline_id: int) -> Pipeline:
    pipeline = Pipeline.objects.select_for_update(no_key=True).filter(pk=pipeline_id).first()
    if pipeline is None:
        raise Http404(_("This pipeline doesn't exist."))
    return pipeline


def _require_free_name(pipeline: Pipeline) -> None:
    if Pipeline.objects.live().exclude(pk=pipeline.pk).filter(name__iexact=pipeline.name).exists():
        raise Refused(_("There is a pipeline “%(name)s” already. Choose another name.") % {"name": pipeline.name})


def _require_stages(stages: Sequence[NewStage]) -> None:
    names = [stage.name.casefold() for stage in stages]
    if not names:
        raise Refused(_("Name at least one stage."))
    if len(names) > MAX_STAGES:
        raise Refused(_("A pipeline begins with at most %(count)s stages.") % {"count": MAX_STAGES})
    if twice := {stage.name for stage in stages if names.count(stage.name.casefold()) > 1}:
        raise Refused(_("Each stage needs a name of its own; this one stands there twice: %(name)s.") % {"name": sorted(twice)[0]})
