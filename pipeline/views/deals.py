"""A deal: its page, the drawer beside the board, and its fields edited in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.inputs import rows_of
from crm.errors import Changed, Refused
from crm.field_editing import as_json, read_json
from crm.filtering.reader import Reader
from crm.lists.kinds import list_kind
from crm.models import User
from crm.queries.custom_fields import fields_of
from crm.queries.lists import find_records
from crm.queries.tags import coloured, suggested_tags
from crm.views.activities import activity_parts
from crm.views.timeline import Shown, timeline_parts
from pipeline import rules
from pipeline.deal_fields import read_field, read_seen
from pipeline.models import ContactRole, Deal, QuoteState, Source
from pipeline.queries.deal_page import deal_for_page, neighbours, path, visits_of
from pipeline.queries.deal_parts import checklist_of, company_people, items_of, known_competitors, people_of, quotes_of, rivals_of
from pipeline.queries.since_visit import SinceVisit, last_visit, since_visit
from pipeline.services.deals import edit_deal, field_values
from pipeline.views.board import tab_of

MAX_TYPED = 10_000
SECTIONS = ("people", "items", "quotes", "rivals", "checklist")
SUGGESTED = ("company", "contact")


@require_GET
@login_required
def show_deal(request: HttpRequest, deal_id: int) -> HttpResponse:
    """The deal's page; only what the drawer needs when the board asks."""
    deal = get_object_or_404(deal_for_page(viewer=request.user), pk=deal_id)
    if request.headers.get("X-Drawer") == "1":
        return render(request, "deals/drawer.html", _parts(request, deal) | {"in_drawer": True})
    template = "deals/_deal.html" if request.headers.get("X-Part") == "deal" else "deals/deal.html"
    return render(request, template, _parts(request, deal) | section_parts(request, deal, SECTIONS))


@require_POST
@login_required
def edit_field(request: HttpRequest, deal_id: int) -> HttpResponse:
    """One field: `field, value, was`. Changed by somebody else meanwhile: 412 with the value that stands."""
    field, value = request.POST.get("field", ""), request.POST.get("value", "")
    deal = get_object_or_404(deal_for_page(viewer=request.user), pk=deal_id)
    if len(value) > MAX_TYPED:
        raise Refused(_("That is too long."))
    was = read_seen(field, request.POST["was"]) if "was" in request.POST else None
    conflict, status = None, 200
    try:
        with transaction.atomic():  # a company that is new here comes with the change, or not at all
            changes = read_field(field, value, deal=deal, by=request.user)
            edit_deal(deal_id=deal_id, changes=changes, was=was, by=request.user, origin=tab_of(request))
    except Changed as changed:
        words = ", ".join(map(str, read_json(value))) if field == "tags" else value
        conflict, status = {"field": field, "mine": value, "words": words, "message": changed.message}, changed.status
    found = deal_for_page(viewer=request.user).filter(pk=deal_id).first()
    if found is None:
        return render(request, "deals/_gone.html", {"deal": deal})
    return render(request, "deals/_fields.html", field_parts(request.user, found) | {"conflict": conflict}, status=status)


@require_GET
@login_required
def suggest(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Names of companies or contacts that hold what was typed."""
    get_object_or_404(Deal.objects.visible_to(request.user), pk=deal_id)
    field, text = request.GET.get("field", ""), request.GET.get("text", "").replace("\0", "").strip()[:100]
    kind = list_kind(field) if field in SUGGESTED and text else None
    found = find_records(kind, text, Reader.of(request.user, request.organisation, request.now)) if kind else []
    return JsonResponse({"names": [name for _pk, name in found]})


def section_parts(request: HttpRequest, deal: Deal, sections: Sequence[str]) -> dict[str, Any]:
    """What these sections of the page show (`SECTIONS`)."""
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "items": lambda: {"items": items_of(deal)},
        "quotes": lambda: {"quotes": quotes_of(deal, request.organisation.today(request.now)), "quote_states": QuoteState.choices},
        "people": lambda: {
            "parts": people_of(deal),
            "roles": ContactRole.objects.live(),
            "colleagues": company_people(deal, request.user),
        },
        "rivals": lambda: {"rivals": rivals_of(deal), "competitors": known_competitors()},
        "checklist": lambda: {"checklist": checklist_of(deal, deal.pipeline.stages.all())},
    }
    parts: dict[str, Any] = {}
    for section in sections:
        parts |= makers[section]()
    return parts


def _parts(request: HttpRequest, deal: Deal) -> dict[str, Any]:
    visits = visits_of(deal)
    told = timeline_parts(request, "deal", deal.pk)
    return {
        **activity_parts(request, "deal", deal.pk),
        **told,
        "since": _since(request, deal, told["timeline"]),
        **field_parts(request.user, deal),
        **neighbours(deal=deal, viewer=request.user),
        "path": path(deal=deal, stages=deal.pipeline.stages.all(), visits=visits, now=request.now),
        "may_delete": rules.allows(request.user, "deal.delete", deal),
        "age_seconds": deal.seconds_in_stage(request.now),
        "is_rotting": deal.is_rotting(request.now),
    }


def _since(request: HttpRequest, deal: Deal, told: Shown) -> SinceVisit | None:
    """What is new to the reader; a timeline narrowed down to some kinds doesn't know."""
    if told.kinds:
        return None
    since = last_visit(deal=deal, viewer=request.user, now=request.now)
    return since_visit(deal=deal, viewer=request.user, since=since, entries=told.page.entries, is_all=not told.page.next)


def field_parts(viewer: User, deal: Deal) -> dict[str, Any]:
    """What `deals/_fields.html` shows."""
    may_edit = rules.allows(viewer, "deal.edit", deal)
    return {
        "deal": deal,
        "seen": {field: "" if value is None else value for field, value in field_values(deal).items()} | {"tags": as_json(deal.tags)},
        "may_edit": may_edit,
        "tags": coloured(deal.tags),
        "known_tags": suggested_tags() if may_edit else [],
        "people": User.objects.active().only("name", "email"),
        "sources": Source.objects.live(),
        "custom_rows": rows_of(fields_of("deal"), deal.custom, Colleagues()),
        "currencies": sorted({deal.currency, deal.pipeline.currency, "EUR", "GBP", "RUB", "USD"}),
    }
