"""Records that may be the same: the list, the two side by side, making them one and two again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.ids import read_id
from crm.models import DuplicatePair, PairState
from crm.queries.duplicates import changeable, differences, pairs_for, sides, united
from crm.queries.likeness import MODELS
from crm.services.duplicates import open_pair, search_under_way, start_search
from crm.services.merges import dismiss_pair, merge_clients, restore_pair, unmerge_clients
from crm.views.jobs import shown


@require_safe
@login_required
def show_duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that may be the same, of people or of companies."""
    kind = "company" if request.GET.get("kind") == "company" else "contact"
    page = pairs_for(kind, request.user, request.GET.get("after", ""))
    may_search = request.user.is_admin or request.user.is_manager
    job = search_under_way(request.user) if may_search else None
    parts = {"kind": kind, "page": page, "may_search": may_search, "job": shown(job) if job else None}
    return render(request, "duplicates/duplicates.html", parts)


@require_POST
@login_required
def create_search(request: HttpRequest) -> HttpResponse:
    """Look through all contacts and companies."""
    start_search(by=request.user)
    return redirect("duplicates")


@require_POST
@login_required
def create_pair(request: HttpRequest) -> HttpResponse:
    """Two that somebody takes for the same: `kind, one, other`; on to the two side by side."""
    asked = request.POST
    pair = open_pair(kind=asked.get("kind", ""), one=read_id(asked.get("one", "")), other=read_id(asked.get("other", "")), by=request.user)
    return redirect("duplicate_pair", pair.pk)


@require_http_methods(["GET", "POST"])
@login_required
def show_pair(request: HttpRequest, pair_id: int) -> HttpResponse:
    """The two side by side; sent, they become one."""
    pair = get_object_or_404(DuplicatePair, pk=pair_id, kind__in=MODELS, state=PairState.OPEN)
    theirs = MODELS[pair.kind].objects.visible_to(request.user).filter(changeable(request.user))
    found = theirs.select_related("owner").in_bulk([pair.a, pair.b])
    if len(found) < 2:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    if request.method == "POST":
        return _merge(request, pair)
    records = [found[pair.a], found[pair.b]]
    two = sides(pair.kind, records, request.user)
    kept = next(side.letter for side in two if side.is_kept)
    parts: dict[str, Any] = {"pair": pair, "kind": pair.kind, "sides": two, "united": united(records)}
    parts["differences"] = differences(pair.kind, records, kept, request.user)
    return render(request, "duplicates/pair.html", parts)


@require_POST
@login_required
def create_dismissal(request: HttpRequest, pair_id: int) -> HttpResponse:
    """They are not the same."""
    pair = dismiss_pair(pair_id=pair_id, by=request.user)
    undo = reverse("duplicate_restoration", args=[pair.pk])
    if request.htmx:
        response = HttpResponse("")
        response.headers["HX-Trigger"] = json.dumps({"toast": {"text": _("Not the same"), "kind": "success", "undo": undo}})
        return response
    messages.success(request, _("Not the same"), extra_tags=undo)
    return _back(pair)


@require_POST
@login_required
def create_restoration(request: HttpRequest, pair_id: int) -> HttpResponse:
    """They may be the same after all."""
    return _back(restore_pair(pair_id=pair_id, by=request.user))


@require_POST
@login_required
def undo_merge(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Take two records apart that were made one."""
    done = unmerge_clients(merge_id=merge_id, by=request.user)
    text = _("Two again: %(one)s and %(other)s") % {"one": done.kept.name, "other": done.restored.name}
    if done.left:
        text += ". " + _("Changed since, and not as it was: %(fields)s") % {"fields": ", ".join(done.left)}
    messages.success(request, text)
    return redirect(done.kept._meta.model_name, done.kept.pk)


def _merge(request: HttpRequest, pair: DuplicatePair) -> HttpResponse:
    kept, gone = (pair.b, pair.a) if request.POST.get("keep") == "b" else (pair.a, pair.b)
    stays = "b" if kept == pair.b else "a"
    picked = {name.removeprefix("pick."): value for name, value in request.POST.items() if name.startswith("pick.")}
    choices = {name: "kept" if value == stays else "gone" for name, value in picked.items()}
    merge = merge_clients(kind=pair.kind, kept_id=kept, gone_id=gone, by=request.user, choices=choices)
    words = _("Merged with %(name)s") % {"name": merge.gone_name}
    messages.success(request, words, extra_tags=reverse("merge_undoing", args=[merge.pk]))
    return redirect(pair.kind, kept)


def _back(pair: DuplicatePair) -> HttpResponse:
    return redirect(f"{reverse('duplicates')}?kind={pair.kind}")
