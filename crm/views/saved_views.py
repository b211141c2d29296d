"""Saved views: kept, changed, shared, copied, deleted, brought back and pinned; each answered with where to look and what to say."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.lists.asked import Asked, View, views_of
from crm.lists.kinds import list_kind, list_kinds
from crm.lists.pins import pinned_views
from crm.models import Layout, SavedView
from crm.services.views import change_view, copy_view, delete_view, find_view, order_pins, pin_view, restore_view, save_view
from crm.views.lists import find_kind, reader_of

MAX_QUERY = 10_000


@require_GET
@login_required
def show_views(request: HttpRequest) -> HttpResponse:
    """What is pinned, in its order, and every view there is to look at."""
    reader = reader_of(request)
    kinds = [(kind, [view for view in views_of(kind, reader) if view.ref]) for kind in list_kinds()]
    return render(request, "lists/views.html", {"kinds": kinds, "pinned": pinned_views(request.user), "pins": request.user.pinned_views})


@require_POST
@login_required
def create_view(request: HttpRequest) -> JsonResponse:
    """Keep the list that is looked at: `kind, name, query, layout, is_shared, pin`."""
    kind = find_kind(request.POST.get("kind", ""))
    view = save_view(
        kind=kind.key,
        name=request.POST.get("name", ""),
        is_shared=bool(request.POST.get("is_shared")),
        by=request.user,
        **_as_shown(request, kind.key),
    )
    if request.POST.get("pin"):
        pin_view(ref=str(view.pk), by=request.user)
    return _answer(view, _("Saved: %(name)s") % {"name": view.name}, undo=reverse("view_deletion", args=[view.pk]))


@require_POST
@login_required
def update_view(request: HttpRequest, view_id: int) -> JsonResponse:
    """Rename or share a view (`name, is_shared`), or put what is looked at in its place (`query`)."""
    view = find_view(view_id=view_id, by=request.user)
    changes: dict[str, Any] = _as_shown(request, view.kind) if "query" in request.POST else {}
    if "name" in request.POST:
        changes |= {"name": request.POST["name"], "is_shared": bool(request.POST.get("is_shared"))}
    view = change_view(view_id=view_id, by=request.user, **changes)
    return _answer(view, _("Saved: %(name)s") % {"name": view.name})


@require_POST
@login_required
def create_copy(request: HttpRequest, view_id: int) -> JsonResponse:
    """A private view of one's own, like this one."""
    view = copy_view(view_id=view_id, by=request.user)
    return _answer(view, _("Copied: %(name)s") % {"name": view.name}, undo=reverse("view_deletion", args=[view.pk]))


@require_POST
@login_required
def create_deletion(request: HttpRequest, view_id: int) -> JsonResponse:
    """The view goes."""
    view = delete_view(view_id=view_id, by=request.user)
    kind = list_kind(view.kind)
    url = reverse(kind.url_name) if kind else ""
    undo = reverse("view_restoration", args=[view.pk])
    return JsonResponse({"url": url, "text": _("Deleted: %(name)s") % {"name": view.name}, "undo": undo})


@require_POST
@login_required
def create_restoration(request: HttpRequest, view_id: int) -> JsonResponse:
    """The view is back."""
    view = restore_view(view_id=view_id, by=request.user)
    return _answer(view, _("Back again: %(name)s") % {"name": view.name})


@require_POST
@login_required
def create_pin(request: HttpRequest) -> JsonResponse:
    """Put a view into the sidebar, or take it out: `view`, and `off`."""
    ref, off = request.POST.get("view", ""), bool(request.POST.get("off"))
    if not off and not pinned_views(request.user, [ref]):
        find_view(view_id=0, by=request.user)
    pin_view(ref=ref, by=request.user, pinned=not off)
    return JsonResponse({"text": _("Unpinned") if off else _("Pinned to the sidebar")})


@require_POST
@login_required
def create_pin_order(request: HttpRequest) -> JsonResponse:
    """The pinned views in their new order: `order=12,contact:mine`."""
    order_pins(refs=request.POST.get("order", "")[:4000].split(","), by=request.user)
    return JsonResponse({"text": _("Saved")})


def _as_shown(request: HttpRequest, kind: str) -> dict[str, Any]:
    """What is looked at, as its address says it."""
    asked = Asked.read(find_kind(kind), QueryDict(request.POST.get("query", "")[:MAX_QUERY]), reader_of(request))
    layout = request.POST.get("layout", "")
    return {
        "filter": asked.tree.data,
        "columns": list(asked.columns),
        "order": asked.order,
        "layout": layout if layout in Layout.values else Layout.LIST,
    }


def _answer(view: SavedView, text: str, **more: str) -> JsonResponse:
    kind = list_kind(view.kind)
    url = View.address(kind, view.layout, str(view.pk)) if kind else ""
    return JsonResponse({"url": url, "text": text, **more})
