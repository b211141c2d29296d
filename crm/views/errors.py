"""Answers to requests that went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without, or with an old, security token."""
    words = _("This page was open too long or was sent from elsewhere. Reload it and try again.")
    return render(request, "errors/refused.html", {"reasons": [words]}, status=403)
