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

from analytics.asked import say_instant, say_period, say_whose
from analytics.charts import FEW, draw_bars, draw_ranges
from analytics.forms import ReportForm
from analytics.queries.behind import OF_ALL, PARTS, find_deals_behind
from analytics.queries.course import Course
from analytics.queries.filters import HORIZON, Cohort, Count, Filters, Per
from analytics.queries.funnel import funnel
from analytics.queries.time_in_stage import time_in_stage
from crm.ids import read_id
from crm.models import Team, User
from crm.segments import segments_for
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
    "still": gettext_lazy("Deals still in “%(stage)s”"),
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
    if not pipelines and not request.GET.get("pipeline"):
        return render(request, "analytics/none.html")
    form = _read(request, pipelines)
    context = {"form": form, "pipelines": pipelines, "whose": say_whose(request.user), "few": FEW, "cohorts": Cohort.choices}
    if not form.is_valid():
        context |= _choices(request, None) | {"periods": _periods(request)}
        return render(request, "analytics/report.html", context, status=400)
    pipeline, filters = form.find_pipeline(), form.find_filters()
    course = Course(pipeline=pipeline, viewer=request.user, filters=filters)
    report = funnel(pipeline=pipeline, viewer=request.user, filters=filters, course=course)
    times = time_in_stage(pipeline=pipeline, viewer=request.user, filters=filters, course=course)
    ranges, ticks = draw_ranges(times)
    context |= _choices(request, filters) | _said(request.user, filters)
    context |= {
        "pipeline": pipeline,
        "filters": filters,
        "report": report,
        "recorded_since": report.recorded_since and report.recorded_since.astimezone(filters.zone).date(),
        "bars": draw_bars(report),
        "times": times,
        "ranges": ranges,
        "ticks": ticks,
        "periods": _periods(request, filters),
        "counts": Count.choices,
        "pers": Per.choices,
        "stays_part": "visits" if filters.per == Per.VISIT else "stayed",
        "staying_part": "staying" if filters.per == Per.VISIT else "still",
        "cohort": filters.cohort,
        "is_more_asked": bool(form.data.get("as_of")) or filters.horizon_days != HORIZON or filters.cohort != Cohort.CREATED,
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
        stage = get_object_or_404(pipeline.stages, pk=read_id(number))
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
        }
        | _said(request.user, filters),
    )


def _read(request: HttpRequest, pipelines: list[Pipeline]) -> ReportForm:
    """The question in the address; about the first pipeline unless it names one."""
    data = request.GET.copy()
    if not data.get("pipeline") and pipelines:
        data["pipeline"] = str(pipelines[0].pk)
    return ReportForm(data, viewer=request.user, organisation=request.organisation, now=request.now)


def _said(user: User, filters: Filters) -> dict[str, str]:
    """The question in words."""
    return {"whose": say_whose(user, filters), "asked": say_period(filters), "at": say_instant(filters.at, filters)}


def _choices(request: HttpRequest, filters: Filters | None) -> dict[str, Any]:
    """The people, teams and sources that this reader can choose among, and whoever is chosen already."""
    user = request.user
    owners = User.objects.none()
    if user.is_admin:
        owners = User.objects.all()
    elif user.team_id and (user.is_manager or user.team.is_open):
        owners = User.objects.filter(team=user.team_id)
    people = list(owners)
    if filters and filters.owner and filters.owner not in people:
        people.append(filters.owner)
    return {
        "owners": people,
        "teams": list(Team.objects.all()) if user.is_admin else [],
        "sources": list(Source.objects.all()),
        "segments": segments_for("deal", user),
    }


def _periods(request: HttpRequest, filters: Filters | None = None) -> list[Period]:
    """Periods that people ask for, and which of them is shown; none where the question makes no sense."""
    today = request.organisation.today(request.now)
    month = today.replace(day=1)
    quarter = date(today.year, today.month - (today.month - 1) % 3, 1)
    before_month, before_quarter = (first - timedelta(days=1) for first in (month, quarter))
    choices: list[tuple[str, date | None, date | None]] = [
        (_("All time"), None, None),
        (_("This month"), month, None),
        (_("Last month"), before_month.replace(day=1), before_month),
        (_("This quarter"), quarter, None),
        (_("Last quarter"), date(before_quarter.year, before_quarter.month - 2, 1), before_quarter),
        (_("90 days"), today - timedelta(days=89), None),
        (_("12 months"), today - timedelta(days=364), None),
    ]
    return [
        Period(
            label,
            start.isoformat() if start else "",
            end.isoformat() if end else "",
            filters is not None and (filters.period_from, filters.period_to) == (start, end),
        )
        for label, start, end in choices
    ]
