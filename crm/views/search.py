"""Finding anything: the fragment that the palette shows."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm import searching
from crm.ids import read_id
from crm.queries.search import find, recent

MOST_RECENT, MOST_ACTIONS = 6, 8


@require_GET
@login_required
def show_search(request: HttpRequest) -> HttpResponse:
    """What `q` names; before anything is typed the records that `recent` names, and what can be done."""
    found = find(text=request.GET.get("q", ""), viewer=request.user)
    if found.readings:
        return render(request, "search/_found.html", {"found": found, "actions": found.actions[:MOST_ACTIONS]})
    seen = recent(records=_records(request.GET.get("recent", "")), viewer=request.user)[:MOST_RECENT]
    return render(
        request, "search/_start.html", {"seen": seen, "readings": [], "actions": searching.actions_of(request.user)[:MOST_ACTIONS]}
    )


def _records(text: str) -> list[tuple[str, int]]:
    """Records as `deal:7,contact:3`; what is none is left out."""
    pairs = [part.partition(":") for part in text[:1000].split(",")[:20]]
    return [(kind, pk) for kind, _colon, written in pairs if (pk := read_id(written))]
