"""Shaping pipelines: find, call, render."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.forms.organisation import CURRENCIES
from crm.marks import mark_of, values_of
from crm.views.admins import for_admins
from crm.views.orders import answer_order, joined, read_order
from pipeline.forms.labels import spread_labels
from pipeline.forms.pipelines import NewPipelineForm, PipelineForm
from pipeline.models import Pipeline
from pipeline.queries.settings import pipelines_with_counts
from pipeline.services.pipelines import EDITABLE, add_pipeline, archive_pipeline, edit_pipeline, reorder_pipelines, restore_pipeline
from pipeline.views.board import tab_of


@for_admins
@require_safe
def show_pipelines(request: HttpRequest) -> HttpResponse:
    """Every pipeline, in the order of the board's menu."""
    pipelines = pipelines_with_counts()
    live = [pipeline for pipeline in pipelines if pipeline.archived_at is None]
    context = {"live": live, "archived": [p for p in pipelines if p.archived_at], "order": joined([p.pk for p in live])}
    return render(request, "settings/pipelines.html", context)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def new_pipeline(request: HttpRequest) -> HttpResponse:
    """Add a pipeline with its first stages."""
    form = NewPipelineForm(request.POST or None, initial={"currency": request.organisation.currency})
    pipeline = form.carry_out(
        lambda: add_pipeline(
            name=form.cleaned_data["name"],
            labels=form.cleaned_data["labels"],
            currency=form.cleaned_data["currency"],
            stages=form.cleaned_data["stages"],
            by=request.user,
        )
    )
    if pipeline:
        messages.success(
            request, _("“%(pipeline)s” added") % {"pipeline": pipeline.label}, extra_tags=reverse("pipeline_archive", args=[pipeline.pk])
        )
        return redirect("settings_pipeline", pipeline.pk)
    return render(request, "settings/pipeline_form.html", {"form": form, "currencies": CURRENCIES}, status=form.status)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_pipeline(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Rename a pipeline, or change its currency."""
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id)
    initial = values_of(pipeline, EDITABLE) | spread_labels(pipeline.labels) | {"mark": mark_of(pipeline, EDITABLE)}
    form = PipelineForm(request.POST or None, initial=initial)
    changed = form.carry_out(
        lambda: edit_pipeline(
            pipeline_id=pipeline_id,
            changes={field: form.cleaned_data[field] for field in EDITABLE},
            mark=form.cleaned_data["mark"],
            by=request.user,
            origin=tab_of(request),
        )
    )
    if changed:
        messages.success(request, _("Saved"))
        return redirect("settings_pipeline", pipeline_id)
    context = {"form": form, "pipeline": pipeline, "currencies": CURRENCIES}
    return render(request, "settings/pipeline_form.html", context, status=form.status)


@for_admins
@require_POST
def order_pipelines(request: HttpRequest) -> HttpResponse:
    """A new order of the pipelines."""
    was, order = read_order(request)
    reorder_pipelines(order=order, was=was, by=request.user)
    return answer_order(request, was=was, order=order, page=reverse("settings_pipelines"))


@for_admins
@require_POST
def pipeline_archive(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Take a pipeline out of use."""
    pipeline = archive_pipeline(pipeline_id=pipeline_id, by=request.user)
    words = _("“%(pipeline)s” is archived") % {"pipeline": pipeline.label}
    messages.success(request, words, extra_tags=reverse("pipeline_restoration", args=[pipeline_id]))
    return redirect("settings_pipelines")


@for_admins
@require_POST
def pipeline_restoration(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Bring an archived pipeline back."""
    pipeline = restore_pipeline(pipeline_id=pipeline_id, by=request.user)
    words = _("“%(pipeline)s” is back") % {"pipeline": pipeline.label}
    messages.success(request, words, extra_tags=reverse("pipeline_archive", args=[pipeline_id]))
    return redirect("settings_pipelines")
