"""The sections of a deal's page: each answers a change by itself anew, with what to say and the way back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.errors import Changed, Refused
from crm.templatetags.display import money_full, number
from crm.views.activities import Told
from pipeline.item_fields import read_item
from pipeline.models import Deal, LineItem
from pipeline.queries.deal_page import deal_for_page
from pipeline.queries.deal_parts import suggest_products
from pipeline.quote_pdf.download import answer_pdf
from pipeline.services.checklists import tick_item
from pipeline.services.competitors import add_rival, remove_rival
from pipeline.services.deals import edit_deal
from pipeline.services.line_items import add_item, edit_item, order_items, remove_item, restore_item
from pipeline.services.quotes import create_quote, make_pdf, renew_quote, set_quote_state, visible_quote
from pipeline.services.sights import mark_seen
from pipeline.views.board import tab_of, whole_numbers
from pipeline.views.deals import field_parts, section_parts

CELLS = ("name", "unit", "quantity", "price", "discount", "tax_rate", "product")


@require_POST
@login_required
def create_item(request: HttpRequest, deal_id: int) -> HttpResponse:
    """A line was added: its cells as they were typed."""
    _seen(request, deal_id)
    item = add_item(deal_id=deal_id, values=read_item(_cells(request)), by=request.user, origin=tab_of(request))
    return _items(request, deal_id, item=item)


@require_POST
@login_required
def change_item(request: HttpRequest, deal_id: int, item_id: int) -> HttpResponse:
    """Some cells of a line, guarded by `mark`. Changed by somebody else meanwhile: 412 with what stands there now."""
    _seen(request, deal_id)
    cells = _cells(request)
    asked = {"deal_id": deal_id, "item_id": item_id, "mark": request.POST.get("mark", ""), "by": request.user, "origin": tab_of(request)}
    try:
        edit_item(changes=read_item(cells), **asked)
    except Changed as changed:
        conflict = {"item": item_id, "cells": cells, "mine": ", ".join(filter(None, cells.values())), "message": changed.message}
        return _items(request, deal_id, conflict=conflict, status=changed.status)
    return _items(request, deal_id)


@require_POST
@login_required
def create_item_deletion(request: HttpRequest, deal_id: int, item_id: int) -> HttpResponse:
    """A line was taken away."""
    deal = _seen(request, deal_id)
    name = deal.items.filter(pk=item_id).values_list("name", flat=True).first()
    seal = remove_item(deal_id=deal_id, item_id=item_id, mark=request.POST.get("mark", ""), by=request.user, origin=tab_of(request))
    return _items(
        request, deal_id, told=Told(_("Removed: %(name)s") % {"name": name}, reverse("restored_items", args=[deal_id]), {"seal": seal})
    )


@require_POST
@login_required
def create_restored_item(request: HttpRequest, deal_id: int) -> HttpResponse:
    """A line is brought back."""
    _seen(request, deal_id)
    item = restore_item(deal_id=deal_id, seal=request.POST.get("seal", ""), by=request.user, origin=tab_of(request))
    return _items(request, deal_id, told=Told(_("Back again: %(name)s") % {"name": item.name}))


@require_POST
@login_required
def order_deal_items(request: HttpRequest, deal_id: int) -> HttpResponse:
    """The lines in another order: `order=3,1,2`, and `was`, the one that was seen."""
    _seen(request, deal_id)
    order, was = whole_numbers(request.POST.get("order", "")), whole_numbers(request.POST.get("was", ""))
    order_items(deal_id=deal_id, order=order, was=was, by=request.user, origin=tab_of(request))
    return _items(request, deal_id)


@require_POST
@login_required
def set_amount_source(request: HttpRequest, deal_id: int) -> HttpResponse:
    """The amount comes from the `items` from now on, or is `typed`."""
    deal = _seen(request, deal_id)
    from_items = request.POST.get("source") == "items"
    before, was_from_items = deal.amount, deal.amount_from_items
    changed = edit_deal(deal_id=deal_id, changes={"amount_from_items": from_items}, by=request.user, origin=tab_of(request))
    told = None
    if from_items and not was_from_items:
        words = _("The amount now comes from the items: %(amount)s") % {"amount": money_full(changed.amount, changed.currency)}
        # Back is what was typed: an amount that is typed is the items' no longer.
        back = {"field": "amount", "value": "" if before is None else number(before, 2)}
        told = Told(words, reverse("deal_fields", args=[deal_id]), back)
    return _items(request, deal_id, told=told)


@require_GET
@login_required
def show_products(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Products that fit what was typed: `text`."""
    deal = _seen(request, deal_id)
    text = request.GET.get("text", "").replace("\0", "").strip()[:100]
    organisation = request.organisation
    found = suggest_products(text=text, deal=deal, base=organisation.currency, today=organisation.today(request.now))
    return JsonResponse({"products": [_product(one["product"], one["price"], deal) for one in found]})


@require_POST
@login_required
def create_deal_quote(request: HttpRequest, deal_id: int) -> HttpResponse:
    """A quote of the deal as it is, with its PDF: `language`, `valid_until`."""
    _seen(request, deal_id)
    quote = create_quote(
        deal_id=deal_id,
        language=request.POST.get("language") or (get_language() or ""),
        valid_until=_day(request.POST.get("valid_until", "")),
        by=request.user,
        origin=tab_of(request),
    )
    try:
        make_pdf(quote_id=quote.pk, by=request.user)
        told = Told(_("Quote %(number)s is made") % {"number": quote.label})
    except Refused as refused:
        told = Told(" ".join(refused.reasons))
    return _answer(request, deal_id, "quotes", told=told, status=201)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def quote_pdf(request: HttpRequest, quote_id: int) -> HttpResponse:
    """The PDF; a POST has it made where that failed before."""
    quote = visible_quote(quote_id, request.user)
    if request.method == "POST":
        make_pdf(quote_id=quote_id, by=request.user)
        return _answer(request, quote.deal_id, "quotes", told=Told(_("The PDF of %(number)s is made") % {"number": quote.label}))
    return answer_pdf(quote)


@require_POST
@login_required
def change_quote_state(request: HttpRequest, quote_id: int) -> HttpResponse:
    """It was sent, accepted, declined: `state`."""
    quote = visible_quote(quote_id, request.user)
    before = set_quote_state(quote_id=quote_id, state=request.POST.get("state", ""), by=request.user, origin=tab_of(request))
    quote.refresh_from_db(fields=["state"])
    words = _("%(number)s: %(state)s") % {"number": quote.label, "state": quote.get_state_display()}
    return _answer(request, quote.deal_id, "quotes", told=Told(words, reverse("quote_state", args=[quote_id]), {"state": before}))


@require_POST
@login_required
def create_quote_renewal(request: HttpRequest, quote_id: int) -> HttpResponse:
    """A draft takes over what the deal says now."""
    quote = renew_quote(quote_id=quote_id, by=request.user, origin=tab_of(request))
    make_pdf(quote_id=quote_id, by=request.user)
    return _answer(request, quote.deal_id, "quotes", told=Told(_("%(number)s is as the deal is now") % {"number": quote.label}))


@require_POST
@login_required
def create_rival(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Somebody else bids too: `name`, `note`."""
    _seen(request, deal_id)
    name, note = request.POST.get("name", ""), request.POST.get("note", "").replace("\0", "")
    rival = add_rival(deal_id=deal_id, competitor=name, note=note, by=request.user, origin=tab_of(request))
    return _answer(
        request,
        deal_id,
        "rivals",
        told=Told(
            _("Competitor: %(name)s") % {"name": rival.competitor.label}, reverse("rival_removal", args=[deal_id, rival.competitor_id])
        ),
    )


@require_POST
@login_required
def create_rival_removal(request: HttpRequest, deal_id: int, competitor_id: int) -> HttpResponse:
    """They don't, after all."""
    _seen(request, deal_id)
    rival = remove_rival(deal_id=deal_id, competitor_id=competitor_id, by=request.user, origin=tab_of(request))
    back = {"name": rival.competitor.name, "note": rival.note}
    told = Told(_("Removed: %(name)s") % {"name": rival.competitor.label}, reverse("rivals", args=[deal_id]), back)
    return _answer(request, deal_id, "rivals", told=told)


@require_POST
@login_required
def create_check(request: HttpRequest, deal_id: int, item_id: int) -> HttpResponse:
    """An item of the checklist is done, or with `undone` not done."""
    _seen(request, deal_id)
    tick_item(deal_id=deal_id, item_id=item_id, done=not request.POST.get("undone"), by=request.user, origin=tab_of(request))
    return _answer(request, deal_id, "checklist")


@require_POST
@login_required
def create_sight(request: HttpRequest, deal_id: int) -> HttpResponse:
    """The page was shown to its reader."""
    mark_seen(deal_id=deal_id, at=request.now, by=request.user)
    return HttpResponse(status=204)


def _seen(request: HttpRequest, deal_id: int) -> Deal:
    return get_object_or_404(Deal.objects.visible_to(request.user), pk=deal_id)


def _items(
    request: HttpRequest, deal_id: int, *, told: Told | None = None, conflict: Any = None, item: LineItem | None = None, status: int = 200
) -> HttpResponse:
    """The lines and, since the amount may have followed them, the fields."""
    added = {"added": item.pk if item else None, "conflict": None, "item_conflict": conflict}
    return _answer(request, deal_id, "items", told=told, status=status, with_fields=True, more=added)


def _answer(
    request: HttpRequest,
    deal_id: int,
    section: str,
    *,
    told: Told | None = None,
    status: int = 200,
    with_fields: bool = False,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    deal = get_object_or_404(deal_for_page(viewer=request.user), pk=deal_id)
    context = {**field_parts(request.user, deal), **section_parts(request, deal, [section]), **(more or {})}
    context |= {"section": f"deals/_{section}.html", "told": told, "with_fields": with_fields}
    return render(request, "deals/section.html", context, status=status)


def _cells(request: HttpRequest) -> dict[str, str]:
    if any(len(request.POST.get(cell, "")) > 1000 for cell in CELLS):
        raise Refused(_("That is too long."))
    return {cell: request.POST[cell] for cell in CELLS if cell in request.POST}


def _product(product: Any, price: Any, deal: Deal) -> dict[str, Any]:
    """As the list under a name shows it."""
    told = money_full(price, deal.currency) if price is not None else money_full(product.price, product.currency)
    return {
        "id": product.pk,
        "name": product.name,
        "code": product.code,
        "unit": product.unit,
        "told": f"{told} / {product.unit}" if product.unit else told,
        "price": "" if price is None else number(price, 2),
        "tax_rate": number(product.tax_rate, 2),
    }


def _day(text: str) -> date | None:
    text = text.strip()
    if not text:
        return None
    try:
        return datetime.strptime(text[:20], "%Y-%m-%d").date()
    except ValueError:
        raise Refused(_("“%(value)s” is no date. Write it like 2026-03-31.") % {"value": text[:40]}) from None
