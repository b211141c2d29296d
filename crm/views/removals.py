"""Deleting a record, what was deleted, and bringing it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import records, rules
from crm.lists.kinds import list_kind
from crm.queries.removals import deletions, goes_along
from crm.removing import removable, removables
from crm.services.removals import remove_record, restore_record
from crm.views.activities import tab_of

# In the order of the tabs.
KINDS = ("contact", "company", "deal")


@require_safe
@login_required
def show_deleted(request: HttpRequest) -> HttpResponse:
    """What was deleted: who, what, when, and the way back."""
    kind, text = request.GET.get("kind", ""), request.GET.get("text", "").replace("\0", "").strip()[:100]
    kinds = [found for key in sorted(removables(), key=KINDS.index) if (found := list_kind(key))]
    kind = kind if kind in removables() else ""
    page = deletions(request.user, kind=kind, text=text, after=request.GET.get("after", ""))
    return render(request, "removals/deleted.html", {"page": page, "kind": kind, "text": text, "kinds": kinds})


@require_http_methods(["GET", "POST"])
@login_required
def create_removal(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """What goes along, in words; sent, the record is gone, and a line on the list says so with the way back."""
    removable(kind)
    if request.method == "GET":
        return _ask(request, kind, records.visible_record(kind, record_id, request.user))
    removal = remove_record(kind=kind, record_id=record_id, by=request.user, origin=tab_of(request))
    said, undo = _("Deleted: %(name)s") % {"name": removal.name}, reverse("removal_undoing", args=[removal.pk])
    if request.htmx:
        return JsonResponse({"text": said, "undo": undo})
    messages.success(request, said, extra_tags=undo)
    return redirect(_list_of(kind))


@require_POST
@login_required
def undo_removal(request: HttpRequest, removal_id: int) -> HttpResponse:
    """Bring it back."""
    removal = restore_record(removal_id=removal_id, by=request.user, origin=tab_of(request))
    said = _("Brought back: %(name)s") % {"name": removal.name}
    if request.htmx:
        return JsonResponse({"text": said, "undo": "", "record": removal.record_id})
    messages.success(request, said)
    return redirect(removal.kind, removal.record_id)


def _ask(request: HttpRequest, kind: str, record: Any) -> HttpResponse:
    rules.require(request.user, f"{kind}.delete", record)
    context = {"kind": kind, "record": record, "along": goes_along(kind, record.pk), "is_led": removable(kind).is_led(record)}
    template = "removals/_ask.html" if request.htmx else "removals/ask.html"
    return render(request, template, context | {"back": _list_of(kind)})


def _list_of(kind: str) -> str:
    found = list_kind(kind)
    return reverse(found.url_name) if found else reverse("deleted")
