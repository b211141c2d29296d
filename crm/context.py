"""What the shell of every page shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The organisation, today, and the languages one can switch to."""
    return {"organisation": getattr(request, "organisation", None), "languages": settings.LANGUAGES, "now": getattr(request, "now", None)}
