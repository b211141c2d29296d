"""What came of an act on many records, and taking it back."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from crm.bulk import label_of_action
from crm.bulk_clients import undo_words
from crm.errors import Refused
from crm.lists.kinds import list_kind
from crm.models import BulkChange
from crm.services.bulk_changes import require_undoable, undo_many

SHOWN = 50


@require_safe
@login_required
def show_change(request: HttpRequest, change_id: int) -> HttpResponse:
    """How many changed, which were refused and why, and the way back."""
    change = get_object_or_404(BulkChange.objects.visible_to(request.user), pk=change_id)
    try:
        require_undoable(change)
        why_not = ""
    except Refused as refused:
        why_not = refused.reasons[0]
    left = (change.rows.exclude(refused="") | change.rows.exclude(kept=[])).order_by("record_id")[:SHOWN]
    kind = list_kind(change.kind)
    context = {"change": change, "kind": kind, "title": label_of_action(change.kind, change.action), "why_not": why_not}
    seen = kind.model.objects.visible_to(request.user).in_bulk([row.record_id for row in left]) if kind else {}
    rows = [(row, str(seen.get(row.record_id, "")), kind.url_of(row.record_id)) for row in left] if kind else []
    return render(request, "lists/bulk_change.html", context | {"rows": rows})


@require_POST
@login_required
def create_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take it back."""
    change, job = undo_many(change_id=change_id, by=request.user)
    progress = reverse("job", args=[job.pk]) if job else ""
    if request.htmx:
        return JsonResponse({"text": "" if job else undo_words(change), "undo": "", "progress": progress})
    return redirect(progress or reverse("bulk_change", args=[change.pk]))
