"""The checklist of a pipeline."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm.marks import mark_of
from crm.views.admins import for_admins
from crm.views.orders import answer_order, joined, read_order
from pipeline.forms.labels import spread_labels
from pipeline.forms.selling import ChecklistItemForm
from pipeline.models import ChecklistItem, Pipeline
from pipeline.services.checklists import (
    MARKED,
    add_checklist_item,
    archive_checklist_item,
    edit_checklist_item,
    order_checklist,
    restore_checklist_item,
)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def show_checklist(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """The list, and one more."""
    pipeline = get_object_or_404(Pipeline, pk=pipeline_id)
    stages = list(pipeline.stages.live())
    form = ChecklistItemForm(request.POST or None, stages=stages)
    if added := form.carry_out(lambda: add_checklist_item(pipeline_id=pipeline_id, values=form.values, by=request.user)):
        messages.success(request, _("“%(name)s” added") % {"name": added.label}, extra_tags=reverse("checklist_archive", args=[added.pk]))
        return redirect("settings_checklist", pipeline_id)
    items = list(pipeline.checklist.select_related("stage"))
    live = [item for item in items if item.archived_at is None]
    context = {
        "form": form,
        "pipeline": pipeline,
        "live": live,
        "archived": [item for item in items if item.archived_at],
        "order": joined([item.pk for item in live]),
    }
    return render(request, "settings/checklist.html", context, status=form.status)


@for_admins
@require_POST
def order(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """The list in another order."""
    was, wanted = read_order(request)
    order_checklist(pipeline_id=pipeline_id, order=wanted, was=was, by=request.user)
    return answer_order(request, was=was, order=wanted, page=reverse("settings_checklist", args=[pipeline_id]))


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def change_item(request: HttpRequest, item_id: int) -> HttpResponse:
    """One item."""
    item = get_object_or_404(ChecklistItem.objects.select_related("pipeline"), pk=item_id)
    initial = {"name": item.name, "stage": str(item.stage_id or ""), "mark": mark_of(item, MARKED)} | spread_labels(item.labels)
    form = ChecklistItemForm(request.POST or None, initial=initial, stages=list(item.pipeline.stages.live()))
    if form.carry_out(lambda: edit_checklist_item(item_id=item_id, changes=form.values, mark=form.cleaned_data["mark"], by=request.user)):
        messages.success(request, _("Saved"))
        return redirect("settings_checklist", item.pipeline_id)
    return render(request, "settings/checklist_item.html", {"form": form, "item": item, "pipeline": item.pipeline}, status=form.status)


@for_admins
@require_POST
def item_archive(request: HttpRequest, item_id: int) -> HttpResponse:
    """Ask for it no longer."""
    item = archive_checklist_item(item_id=item_id, by=request.user)
    undo = reverse("checklist_restoration", args=[item_id])
    messages.success(request, _("“%(name)s” is archived") % {"name": item.label}, extra_tags=undo)
    return redirect("settings_checklist", item.pipeline_id)


@for_admins
@require_POST
def item_restoration(request: HttpRequest, item_id: int) -> HttpResponse:
    """Ask for it again."""
    item = restore_checklist_item(item_id=item_id, by=request.user)
    messages.success(request, _("“%(name)s” is back") % {"name": item.label}, extra_tags=reverse("checklist_archive", args=[item_id]))
    return redirect("settings_checklist", item.pipeline_id)
