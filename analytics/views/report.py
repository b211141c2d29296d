"""The report and the deals behind its figures: find, call, render."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from analytics.charts import FEW, draw_bars, draw_ranges
from analytics.forms import ReportForm
from analytics.queries.behind import OF_ALL, PARTS, find_deals_behind
from analytics.queries.filters import Count, Filters, Per
from analytics.queries.funnel import funnel
from analytics.queries.time_in_stage import time_in_stage
from crm.models import Team, User
from pipeline.models import Pipeline, Source

PLACE = re.compile(r"(\d{1,18})-(\d{1,18})")

TITLES = {
    "entered": gettext_lazy("Entered “%(stage)s”"),
    "advanced": gettext_lazy("Advanced beyond “%(stage)s”"),
    "lost": gettext_lazy("Lost without getting beyond “%(stage)s”"),
    "open": gettext_lazy("Open, not yet beyond “%(stage)s”"),
    "skipped": gettext_lazy("Skipped “%(stage)s”"),
    "visits": gettext_lazy("Stays in “%(stage)s”"),
    "ended": gettext_lazy("Stays in “%(stage)s” that have ended"),
    "staying": gettext_lazy("Still in “%(stage)s”"),
    "reentries": gettext_lazy("Back in “%(stage)s” again"),
    "back": gettext_lazy("Moved back to “%(stage)s”"),
    "stayed": gettext_lazy("Deals that stayed in “%(stage)s”"),
    "all": gettext_lazy("All deals"),
    "won": gettext_lazy("Won deals"),
    "all_lost": gettext_lazy("Lost deals"),
    "all_open": gettext_lazy("Open deals"),
    "closed": gettext_lazy("Closed deals"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A period that one click chooses."""

    label: str
    start: str
    end: str
    is_current: bool


@require_GET
@login_required
def show_report(request: HttpRequest) -> HttpResponse:
    """Funnel and time in stage; only the figures when the page asks for them again."""
    pipelines = list(Pipeline.objects.live())
    if not pipelines and not Pipeline.objects.exists():
        return render(request, "analytics/none.html")
    form = _read(request, pipelines)
    context = {"form": form, "pipelines": pipelines, "whose": _whose(request.user), "few": FEW} | _choices(request)
    if not form.is_valid():
        return render(request, "analytics/report.html", context, status=400)
    pipeline, filters = form.find_pipeline(), form.find_filters()
    report = funnel(pipeline=pipeline, viewer=request.user, filters=filters)
    times = time_in_stage(pipeline=pipeline, viewer=request.user, filters=filters)
    ranges, ticks = draw_ranges(times)
    context |= {
        "pipeline": pipeline,
        "filters": filters,
        "report": report,
        "bars": draw_bars(report),
        "times": times,
        "ranges": ranges,
        "ticks": ticks,
        "periods": _periods(request, filters),
        "counts": Count.choices,
        "pers": Per.choices,
        "stays_part": "visits" if filters.per == Per.VISIT else "stayed",
    }
    return render(request, "analytics/_figures.html" if request.headers.get("X-Part") == "figures" else "analytics/report.html", context)


@require_GET
@login_required
def show_deals_behind(request: HttpRequest) -> HttpResponse:
    """The list that a figure of the report opens."""
    form = _read(request, [])
    part = request.GET.get("part", "")
    if part not in PARTS or not form.is_valid():
        raise Http404(_("This list doesn't exist."))
    pipeline, filters = form.find_pipeline(), form.find_filters()
    stage = None
    if part not in OF_ALL:
        number = request.GET.get("stage", "")
        stage = get_object_or_404(pipeline.stages, pk=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0)
    place = PLACE.fullmatch(request.GET.get("after", ""))
    after = (int(place[1]), int(place[2])) if place else None
    behind = find_deals_behind(pipeline=pipeline, viewer=request.user, filters=filters, part=part, stage=stage, after=after)
    return render(
        request,
        "analytics/deals.html",
        {
            "title": TITLES[part] % {"stage": stage.label if stage else ""},
            "pipeline": pipeline,
            "filters": filters,
            "behind": behind,
            "page": {"next": behind.next, "is_further": after is not None},
            "whose": _whose(request.user),
        },
    )


def _read(request: HttpRequest, pipelines: list[Pipeline]) -> ReportForm:
    """The question in the address; about the first pipeline unless it names one."""
    data = request.GET.copy()
    if not data.get("pipeline") and pipelines:
        data["pipeline"] = str(pipelines[0].pk)
    return ReportForm(data, viewer=request.user, organisation=request.organisation, now=request.now)


def _whose(user: User) -> str:
    """Whose deals the figures count."""
    if user.is_admin:
        return _("All deals")
    if user.team and (user.is_manager or user.team.is_open):
        return _("Team %(team)s") % {"team": user.team}
    return _("Your deals")


def _choices(request: HttpRequest) -> dict[str, Any]:
    """The people, teams and sources that this reader can choose among."""
    user = request.user
    owners = User.objects.none()
    if user.is_admin:
        owners = User.objects.all()
    elif user.team_id and (user.is_manager or user.team.is_open):
        owners = User.objects.filter(team=user.team_id)
    return {"owners": owners, "teams": Team.objects.all() if user.is_admin else Team.objects.none(), "sources": Source.objects.all()}


def _periods(request: HttpRequest, filters: Filters) -> list[Period]:
    """Periods that people ask for, and which of them is shown."""
    today = request.organisation.today(request.now)
    month = today.replace(day=1)
    quarter = date(today.year, today.month - (today.month - 1) % 3, 1)
    starts = [
        (_("All time"), None),
        (_("This month"), month),
        (_("This quarter"), quarter),
        (_("90 days"), today - timedelta(days=89)),
        (_("12 months"), today - timedelta(days=364)),
    ]
    return [
        Period(str(label), start.isoformat() if start else "", "", filters.period_from == start and filters.period_to is None)
        for label, start in starts
    ]
