"""The secret address under which other programs read a person's calendar."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.queries.feeds import feed_of, owner_of
from crm.services.feeds import issue_feed, revoke_feed


@require_safe
def show_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever the address was given to; whoever knows it reads it, so nobody else learns whether it exists."""
    user = owner_of(token)
    if user is None:
        raise Http404
    body = feed_of(user, now=request.now)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Content-Disposition": 'inline; filename="calendar.ics"'}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


@require_POST
@login_required
def create_feed(request: HttpRequest) -> HttpResponse:
    """A new address is shown, this once."""
    address = settings.BASE_URL + reverse("calendar_feed", args=[issue_feed(by=request.user)])
    return render(request, "calendar/feed.html", {"address": address})


@require_POST
@login_required
def remove_feed(request: HttpRequest) -> HttpResponse:
    """The address works no more."""
    revoke_feed(by=request.user)
    messages.success(request, _("The address works no more."))
    return redirect("profile")
