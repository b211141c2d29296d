"""The first page of the settings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm import settings_pages
from crm.views.admins import for_admins


@for_admins
@require_safe
def show_settings(request: HttpRequest) -> HttpResponse:
    """What can be set, each with a sentence."""
    return render(request, "settings/index.html", {"pages": settings_pages.all_pages()})
