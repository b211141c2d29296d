"""The first page after signing in: what to do now."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.errors import Refused
from crm.models import User
from crm.services.snoozes import snooze, wake
from crm.streams import MOST_TOPICS
from crm.views.activities import Told
from crm.views.inquiries import named_record
from pipeline.models import Pipeline
from pipeline.queries.my_day import MOST, REASONS, SHOWN, my_day
from pipeline.views.board import whole_number

OWN, TEAM = "mine", "team"
PUT_OFF = {"tomorrow": 1, "next_week": 7}


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


@require_POST
@login_required
def create_snooze(request: HttpRequest) -> HttpResponse:
    """A record is put off in one's own day: `record, record_id`, `day` (tomorrow, next_week)."""
    record, record_id = named_record(request)
    if (day := request.POST.get("day", "")) not in PUT_OFF:
        raise Refused(_("Until when? Tomorrow or next week."))
    until = datetime.combine(
        request.organisation.today(request.now) + timedelta(days=PUT_OFF[day]), time(), tzinfo=request.organisation.zone
    )
    snooze(record=record, record_id=record_id, until=until, by=request.user)
    words = _("Put off, back tomorrow") if day == "tomorrow" else _("Put off, back in a week")
    return _answer(request, Told(words, reverse("snooze_undo"), {"record": record, "record_id": str(record_id)}))


@require_POST
@login_required
def undo_snooze(request: HttpRequest) -> HttpResponse:
    """It is to be seen again."""
    record, record_id = named_record(request)
    wake(record=record, record_id=record_id, by=request.user)
    return _answer(request, Told(_("Back in your day")))


def _answer(request: HttpRequest, told: Told) -> HttpResponse:
    return render(request, "activities/answer.html", {"told": told})


def _sees_others(viewer: User) -> bool:
    return viewer.is_admin or bool(viewer.team_id and (viewer.is_manager or viewer.team.is_open))
