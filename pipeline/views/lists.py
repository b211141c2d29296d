"""The deals that the reader may see, as a list and as a calendar of their expected close."""

from __future__ import annotations

import re
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm.lists.asked import Asked
from crm.views.lists import find_kind, list_parts, reader_of, show_list
from pipeline.queries.closing import closing_month

MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")


@require_GET
@login_required
def show_deals(request: HttpRequest) -> HttpResponse:
    """A page of the list."""
    return show_list(request, "deal")


@require_GET
@login_required
def show_calendar(request: HttpRequest) -> HttpResponse:
    """The same deals by the day on which they are expected to close: `month=2026-11`, this one unless said otherwise."""
    reader, wanted = reader_of(request), request.GET.get("month", "")
    first = date.fromisoformat(f"{wanted}-01") if MONTH.fullmatch(wanted) and wanted.isascii() else reader.today.replace(day=1)
    asked = Asked.read(find_kind("deal"), request.GET, reader)
    plain = asked.query
    asked = asked.replaced(more={"month": f"{first:%Y-%m}" if first != reader.today.replace(day=1) else ""})
    month = closing_month(asked, first)
    return render(request, "lists/calendar.html", list_parts(request, asked) | {"month": month, "layout": "calendar", "plain": plain})
