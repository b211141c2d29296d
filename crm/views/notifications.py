"""The bell and the list behind it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from crm.errors import Refused
from crm.ids import read_id
from crm.queries.notifications import PAGE, bell_of, notifications_of
from crm.services.notifications import read_all_notifications, read_notification, unread_notifications

MAX_FRESH = 3


@require_safe
@login_required
def show_notifications(request: HttpRequest) -> HttpResponse:
    """What one was told, the latest first."""
    return render(request, "notifications/list.html", _parts(request))


@require_GET
@login_required
def show_bell(request: HttpRequest) -> JsonResponse:
    """How much is unread, and what came `after` the newest that the page knows of."""
    after = _number(request.GET.get("after", "0"))
    bell = bell_of(request.user)
    fresh = notifications_of(request.user, after=after, unread=True, limit=MAX_FRESH) if bell.newest > after else []
    told = [{"id": item.row.pk, "text": item.text, "url": item.url} for item in reversed(fresh) if not item.is_gone]
    return JsonResponse({"count": bell.count, "label": bell.label, "newest": bell.newest, "fresh": told})


@require_POST
@login_required
def create_reading(request: HttpRequest, notification_id: int) -> HttpResponse:
    """One was read."""
    if not request.user.notifications.filter(pk=notification_id).exists():
        raise Http404
    read_notification(notification_id=notification_id, by=request.user)
    return _answer(request)


@require_POST
@login_required
def create_unreading(request: HttpRequest, notification_id: int) -> HttpResponse:
    """It is to be looked at again."""
    if not request.user.notifications.filter(pk=notification_id).exists():
        raise Http404
    unread_notifications(by=request.user, read_at=request.now, notification_id=notification_id)
    return _answer(request)


@require_POST
@login_required
def create_full_reading(request: HttpRequest) -> HttpResponse:
    """All were read."""
    read_all_notifications(by=request.user, now=request.now)
    undo = f"{reverse('notifications_unread')}?at={request.now.timestamp():.6f}"
    return _answer(request, toast={"text": _("All read"), "kind": "success", "undo": undo})


@require_POST
@login_required
def undo_full_reading(request: HttpRequest) -> HttpResponse:
    """Those that were read `at` that instant weren't."""
    try:
        read_at = datetime.fromtimestamp(float(request.GET.get("at", "")), tz=request.now.tzinfo)
    except (ValueError, OverflowError, OSError):
        raise Refused(_("This can't be brought back any more.")) from None
    unread_notifications(by=request.user, read_at=read_at)
    return _answer(request)


def _parts(request: HttpRequest) -> dict[str, Any]:
    unread = request.GET.get("show") == "unread"
    before = _number(request.GET.get("before", "")) or None
    items = notifications_of(request.user, before=before, unread=unread, limit=PAGE + 1)
    return {
        "items": items[:PAGE],
        "older": items[PAGE - 1].row.pk if len(items) > PAGE else None,
        "unread_only": unread,
        "is_further": bool(before),
    }


def _answer(request: HttpRequest, **events: Any) -> HttpResponse:
    """The list as it is now, and the bell is asked again; without a script, the page."""
    if not request.htmx:
        return redirect("notifications")
    response = render(request, "notifications/_list.html", _parts(request))
    response.headers["HX-Trigger"] = json.dumps({"voronka:told": {}} | events)
    return response


def _number(text: str) -> int:
    return read_id(text)
