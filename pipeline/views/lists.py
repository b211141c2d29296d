"""The list of deals."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from crm.views.lists import show_list


@require_GET
@login_required
def show_deals(request: HttpRequest) -> HttpResponse:
    """The deals that the reader may see."""
    return show_list(request, "deal")
