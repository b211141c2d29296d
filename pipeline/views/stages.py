"""Shaping the stages of a pipeline: find, call, render."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.errors import Refused
from crm.marks import mark_of, values_of
from crm.views.admins import for_admins
from crm.views.orders import answer_order, read_order
from pipeline.forms.labels import spread_labels
from pipeline.forms.stages import ArchiveStageForm, NewStageForm, StageForm
from pipeline.models import Colour, Deal, Pipeline, Stage
from pipeline.queries.settings import reorder_seconds, shaped_pipeline, stays_estimate
from pipeline.services.stages import (
    EDITABLE,
    Cleared,
    add_stage,
    archive_stage,
    clear_stage,
    edit_stage,
    reorder_stages,
    restore_stage,
)
from pipeline.views.board import tab_of, whole_number


@for_admins
@require_safe
def show_stages(request: HttpRequest) -> HttpResponse:
    """The stages of the first pipeline, or where to add one."""
    first = Pipeline.objects.live().first()
    return redirect("settings_pipeline", first.pk) if first else redirect("settings_pipelines")


@for_admins
@require_safe
def show_pipeline(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """A pipeline's stages in their order."""
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id)
    stays = stays_estimate()
    seconds = reorder_seconds(stays)
    context = {
        "shape": shaped_pipeline(pipeline=pipeline),
        "pipeline": pipeline,
        "stays": stays,
        "seconds": seconds,
        "minutes": -(-seconds // 60),
    }
    return render(request, "settings/pipeline.html", context)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def new_stage(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Add a stage."""
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id)
    stages = list(pipeline.stages.live())
    form = NewStageForm(request.POST or None, stages=stages, initial={"colour": _next_colour(stages), "rot_days": 14})
    stage = form.carry_out(
        lambda: add_stage(
            pipeline_id=pipeline.pk,
            by=request.user,
            before=whole_number(form.cleaned_data["before"]),
            origin=tab_of(request),
            **{field: form.cleaned_data[field] for field in EDITABLE},
        )
    )
    if stage:
        messages.success(request, _("“%(stage)s” added") % {"stage": stage.label}, extra_tags=reverse("stage_archive", args=[stage.pk]))
        return redirect("settings_pipeline", pipeline.pk)
    return render(request, "settings/stage.html", {"form": form, "pipeline": pipeline}, status=form.status)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_stage(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Rename, colour, weigh a stage."""
    stage = get_object_or_404(Stage.objects.select_related("pipeline"), pk=stage_id)
    initial = values_of(stage, EDITABLE) | spread_labels(stage.labels) | {"mark": mark_of(stage, EDITABLE)}
    form = StageForm(request.POST or None, initial=initial)
    changed = form.carry_out(
        lambda: edit_stage(
            stage_id=stage_id,
            changes={field: form.cleaned_data[field] for field in EDITABLE},
            mark=form.cleaned_data["mark"],
            by=request.user,
            origin=tab_of(request),
        )
    )
    if changed:
        messages.success(request, _("Saved"))
        return redirect("settings_pipeline", stage.pipeline_id)
    return render(request, "settings/stage.html", {"form": form, "pipeline": stage.pipeline, "stage": stage}, status=form.status)


@for_admins
@require_POST
def order_stages(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """A new order of the stages."""
    was, order = read_order(request)
    reorder_stages(pipeline_id=pipeline_id, order=order, was=was, by=request.user, origin=tab_of(request))
    return answer_order(request, was=was, order=order, page=reverse("settings_pipeline", args=[pipeline_id]))


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def stage_archive(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Archive a stage, after moving its open deals to another where it has any."""
    stage = get_object_or_404(Stage.objects.select_related("pipeline"), pk=stage_id)
    others = [other for other in stage.pipeline.stages.live() if other.pk != stage_id]
    form = ArchiveStageForm(request.POST if request.POST.get("move_to") else None, stages=others)
    cleared = Cleared()
    if form.is_valid():
        cleared = clear_stage(stage_id=stage_id, to_stage=int(form.cleaned_data["move_to"]), by=request.user)
    open_deals = Deal.objects.open().in_stage(stage).count()
    if request.method == "POST" and not open_deals:
        try:
            archive_stage(stage_id=stage_id, by=request.user, origin=tab_of(request))
        except Refused as refused:
            cleared.reasons = refused.reasons
        else:
            messages.success(request, _archived(stage, cleared), extra_tags=reverse("stage_restoration", args=[stage_id]))
            return redirect("settings_pipeline", stage.pipeline_id)
    context = {"stage": stage, "pipeline": stage.pipeline, "others": others, "form": form, "cleared": cleared, "open_deals": open_deals}
    return render(request, "settings/stage_archive.html", context, status=422 if request.method == "POST" else 200)


@for_admins
@require_POST
def stage_restoration(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Bring an archived stage back."""
    stage = restore_stage(stage_id=stage_id, by=request.user, origin=tab_of(request))
    messages.success(request, _("“%(stage)s” is back") % {"stage": stage.label}, extra_tags=reverse("stage_archive", args=[stage_id]))
    return redirect("settings_pipeline", stage.pipeline_id)


def _next_colour(stages: list[Stage]) -> str:
    """The first colour that no stage bears yet."""
    borne = {stage.colour for stage in stages}
    return next((colour for colour in Colour.values if colour not in borne), Colour.BLUE)


def _archived(stage: Stage, cleared: Cleared) -> str:
    if not cleared.moved:
        return _("“%(stage)s” is archived") % {"stage": stage.label}
    return ngettext("%(count)s deal moved, “%(stage)s” is archived", "%(count)s deals moved, “%(stage)s” is archived", cleared.moved) % {
        "count": cleared.moved,
        "stage": stage.label,
    }
