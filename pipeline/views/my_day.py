"""The first page after signing in: what to do now."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crm.models import User
from crm.streams import MOST_TOPICS
from pipeline.models import Pipeline
from pipeline.queries.my_day import MOST, REASONS, SHOWN, my_day
from pipeline.views.board import whole_number

OWN, TEAM = "mine", "team"


@require_GET
@login_required
def show_my_day(request: HttpRequest) -> HttpResponse:
    """What to do now, or only the list when the page asks for it again: `whose`, `reason`, `show`."""
    leads = _sees_others(request.user)
    whose = request.GET.get("whose", "")
    # Whoever leads others begins with theirs; a rep of an open team with the own.
    whose = whose if leads and whose in (OWN, TEAM) else TEAM if leads and request.user.role != "rep" else OWN
    reason = request.GET.get("reason", "")
    shown = min(max(whole_number(request.GET.get("show", "")) or SHOWN, SHOWN), MOST)
    day = my_day(
        viewer=request.user,
        only_own=whose == OWN,
        now=request.now,
        zone=request.organisation.zone,
        reason=reason if reason in REASONS else "",
        shown=shown,
    )
    parts = {
        "day": day,
        "whose": whose,
        "sees_others": leads,
        "reasons": [(key, label, day.counts[key]) for key, label in REASONS.items() if key in day.counts],
        "everything": sum(day.counts.values()),
        "more": min(shown + SHOWN, MOST) if len(day.items) < day.total and shown < MOST else 0,
        "pipelines": ",".join(map(str, Pipeline.objects.live().values_list("pk", flat=True)[:MOST_TOPICS])),
    }
    return render(request, "_my_day.html" if request.headers.get("X-Part") == "list" else "my_day.html", parts)


def _sees_others(viewer: User) -> bool:
    return viewer.is_admin or bool(viewer.team_id and (viewer.is_manager or viewer.team.is_open))
