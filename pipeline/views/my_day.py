"""The first page after signing in: what to do now."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.errors import Refused
from crm.models import User
from crm.services.snoozes import bring_back, put_off_whole, snooze, wake
from crm.streams import MOST_TOPICS
from crm.templatetags.display import day as day_words
from crm.views.activities import Told, tab_of
from crm.views.inquiries import named_record
from pipeline.deal_fields import read_field
from pipeline.models import Deal, Pipeline
from pipeline.queries.my_day import MOST, REASONS, SHOWN, my_day
from pipeline.services.deals import edit_deal
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
        "reasons": [(key, label, day.work[key]) for key, label in REASONS.items() if key in day.counts],
        "everything": sum(day.work.values()),
        "close_days": list(close_days(request.organisation.today(request.now))),
        "more": min(shown + SHOWN, MOST) if len(day.items) < day.total and shown < MOST else 0,
        "pipelines": ",".join(map(str, Pipeline.objects.live().values_list("pk", flat=True)[:MOST_TOPICS])),
    }
    return render(request, "_my_day.html" if request.headers.get("X-Part") == "list" else "my_day.html", parts)


@require_POST
@login_required
def create_snooze(request: HttpRequest) -> HttpResponse:
    """A record is put off in one's own day: `record, record_id`, `day` (tomorrow, next_week)."""
    record, record_id = named_record(request)
    day = _asked_day(request)
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


@require_POST
@login_required
def put_off_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task is put off with all that its record has due: `day` (tomorrow, next_week). With `back` taken back."""
    zone = request.organisation.zone
    if back := request.POST.get("back"):
        bring_back(due=_dues(back), by=request.user, origin=tab_of(request))
        return _answer(request, Told(_("Back in your day")))
    day = _asked_day(request)
    due = put_off_whole(
        task_id=task_id,
        day=request.organisation.today(request.now) + timedelta(days=PUT_OFF[day]),
        by=request.user,
        zone=zone,
        origin=tab_of(request),
    )
    words = _("Put off, back tomorrow") if day == "tomorrow" else _("Put off, back in a week")
    kept = ",".join(f"{pk}:{at.isoformat()}" for pk, at in due.items())
    return _answer(request, Told(words, reverse("day_task", args=[task_id]), {"back": kept}))


@require_POST
@login_required
def move_close_date(request: HttpRequest, deal_id: int) -> HttpResponse:
    """A deal is expected later: `day` (`CLOSE_DAYS`); or `back`, the date that it had."""
    deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=deal_id)
    if back := request.POST.get("back"):
        edit_deal(deal_id=deal_id, changes=read_field("expected_close", back, deal=deal, by=request.user), by=request.user)
        return _answer(request, Told(_("Back in your day")))
    day = close_days(request.organisation.today(request.now)).get(request.POST.get("day", ""))
    if day is None:
        raise Refused(_("Until when? Tomorrow or next week."))
    was = deal.expected_close.isoformat() if deal.expected_close else ""
    edit_deal(deal_id=deal_id, changes={"expected_close": day}, by=request.user, origin=tab_of(request))
    words = _("%(title)s: expected on %(day)s") % {"title": deal.title, "day": day_words(day)}
    return _answer(request, Told(words, reverse("deal_close_date", args=[deal_id]) if was else "", {"back": was}))


def close_days(today: date) -> dict[str, date]:
    """The days to which an expected close can be moved."""
    month_end = today.replace(day=monthrange(today.year, today.month)[1])
    after = month_end + timedelta(days=1)
    return {
        "tomorrow": today + timedelta(days=1),
        "next_week": today + timedelta(days=7),
        "month_end": month_end,
        "next_month_end": after.replace(day=monthrange(after.year, after.month)[1]),
    }


def _dues(text: str) -> dict[int, datetime]:
    """When each task was due, as the answer that put them off wrote it."""
    try:
        pairs = [part.split(":", 1) for part in text[:20_000].split(",")]
        return {int(pk): datetime.fromisoformat(at).astimezone(UTC) for pk, at in pairs}
    except (ValueError, OverflowError):
        raise Refused(_("This can't be brought back any more.")) from None


def _asked_day(request: HttpRequest) -> str:
    if (day := request.POST.get("day", "")) not in PUT_OFF:
        raise Refused(_("Until when? Tomorrow or next week."))
    return day


def _answer(request: HttpRequest, told: Told) -> HttpResponse:
    return render(request, "activities/answer.html", {"told": told})


def _sees_others(viewer: User) -> bool:
    return viewer.is_admin or bool(viewer.team_id and (viewer.is_manager or viewer.team.is_open))
