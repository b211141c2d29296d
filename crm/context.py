"""What the shell of every page shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from crm.lists.pins import pinned_views
from crm.queries.notifications import Bell, bell_of

# URL name, icon, words, in the bottom bar of phones.
MAIN = [
    ("my_day", "sun-high", _("My day"), True),
    ("board", "layout-kanban", _("Board"), True),
    ("deals", "briefcase", _("Deals"), False),
    ("tasks", "list-check", _("Tasks"), False),
    ("calendar", "calendar", _("Calendar"), False),
    ("contacts", "users", _("Contacts"), True),
    ("companies", "building", _("Companies"), False),
    ("analytics", "chart-funnel", _("Analytics"), False),
]
THEMES = {"light", "dark", "auto"}


def shell(request: HttpRequest) -> dict[str, Any]:
    """The organisation, the time, the languages and themes one can switch to, and where one can go."""
    return {
        "organisation": getattr(request, "organisation", None),
        "now": getattr(request, "now", None),
        "languages": settings.LANGUAGES,
        "theme": _one_of(request.COOKIES.get("theme"), THEMES, "auto"),
        "side": _one_of(request.COOKIES.get("side"), {"rail", "open"}, "rail"),
        "bell": SimpleLazyObject(lambda: _bell(request)),
        "nav": SimpleLazyObject(lambda: navigation(request)),
    }


def navigation(request: HttpRequest) -> dict[str, list[dict[str, Any]]]:
    """The entries of sidebar and bottom bar, as far as this person may go."""
    user = getattr(request, "user", None)
    foot = [("help", "help-circle", _("Help"), False)]
    if user is not None and user.is_authenticated and user.is_admin:
        foot.insert(0, ("settings", "settings", _("Settings"), False))
    main = [entry for item in MAIN if (entry := _entry(request, *item))]
    rest = [entry for item in foot if (entry := _entry(request, *item))]
    pinned = _pinned(request) if user is not None and user.is_authenticated else []
    return {"main": main, "foot": rest, "pinned": pinned, "more": [entry for entry in main + pinned + rest if not entry["phone"]]}


def _pinned(request: HttpRequest) -> list[dict[str, Any]]:
    """The views that this person has pinned; one query, and none where no saved one is."""
    here, asked = request.path, request.GET.get("view", "")
    return [
        {
            "url": pin.url,
            "icon": pin.kind.icon,
            "label": pin.name,
            "phone": False,
            "current": here == pin.url.partition("?")[0] and asked == pin.url.partition("=")[2],
        }
        for pin in pinned_views(request.user)
    ]


def _bell(request: HttpRequest) -> Bell:
    """What the bell shows; asked by whole pages alone, once."""
    user = getattr(request, "user", None)
    return bell_of(user) if user is not None and user.is_authenticated else Bell(0, 0)


def _entry(request: HttpRequest, name: str, icon: str, label: str, phone: bool) -> dict[str, Any] | None:
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    current = request.path == url or (url != "/" and request.path.startswith(url))
    return {"url": url, "icon": icon, "label": label, "phone": phone, "current": current}


def _one_of(value: str | None, allowed: set[str], default: str) -> str:
    return value if value in allowed else default
