"""Meetings: planned, changed, called off, and how they went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import records
from crm.errors import Refused
from crm.forms.meetings import MeetingForm, OutcomeForm
from crm.ids import read_id
from crm.lists.asked import Asked
from crm.models import Contact, Meeting, MeetingOutcome
from crm.queries.lists import read_list
from crm.queries.tasks import links_of
from crm.services.meetings import cancel_meeting, close_meeting, edit_meeting, find_meeting, plan_meeting
from crm.views.activities import Told, answer, by_script, in_dialog, seen_from
from crm.views.lists import find_kind, heads, list_parts, reader_of
from crm.wall_clock import zone_for


@require_safe
@login_required
def show_meetings(request: HttpRequest) -> HttpResponse:
    """The list of meetings: one's own that lie ahead unless another view or filter is asked for."""
    asked = Asked.read(find_kind("meeting"), request.GET, reader_of(request))
    page = read_list(asked, after=request.GET.get("after", ""))
    return render(request, "meetings/list.html", list_parts(request, asked) | {"page": page, "heads": heads(asked), "layout": "list"})


@login_required
def create_meeting(request: HttpRequest) -> HttpResponse:
    """A meeting about the record that the address names, or about nothing in particular."""
    if request.method not in ("GET", "HEAD", "POST"):
        raise Refused(_("That was refused."))
    asked = request.POST if request.method == "POST" else request.GET
    record, record_id = asked.get("record", ""), asked.get("record_id", "")
    number = read_id(record_id)
    about = records.visible_record(record, number, request.user) if record else None
    initial = {name: value for name in ("title", "starts", "ends") if (value := request.GET.get(name, "")[:60])}
    form = MeetingForm(request.POST or None, by=request.user, about=about, initial=initial, **seen_from(request))
    pair = {"record": record, "record_id": number} if about else {}
    meeting = form.carry_out(lambda: plan_meeting(by=request.user, zone=zone_for(request), **pair, **form.changes()))
    if meeting is None:
        link = links_of([Meeting(**pair)], request.user).get((record, number)) if about else None
        page = "meetings/_dialog.html" if in_dialog(request) else "meetings/new.html"
        return render(request, page, {"form": form, "link": link, "pair": pair}, status=form.status)
    told = Told(_("Planned: %(title)s") % {"title": meeting.title}, reverse("meeting_cancellation", args=[meeting.pk]))
    return _done(request, meeting, told, in_place=in_dialog(request))


@require_safe
@login_required
def show_meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """All of a meeting."""
    return _page(request, find_meeting(meeting_id=meeting_id, by=request.user))


@require_POST
@login_required
def create_meeting_edit(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """A meeting was filled in anew."""
    meeting = find_meeting(meeting_id=meeting_id, by=request.user)
    form = _form(request, meeting, request.POST)
    mark = request.POST.get("mark", "")
    if form.carry_out(lambda: edit_meeting(meeting_id=meeting_id, by=request.user, mark=mark, **form.changes())) is None:
        return _page(request, meeting, form=form)
    told = Told(_("Saved: %(title)s") % {"title": form.cleaned_data["title"]})
    return _done(request, meeting, told, in_place=in_dialog(request))


@require_POST
@login_required
def create_cancellation(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """It is called off."""
    meeting = cancel_meeting(meeting_id=meeting_id, by=request.user)
    told = Told(_("Called off: %(title)s") % {"title": meeting.title}, reverse("meeting_restoration", args=[meeting_id]))
    return _done(request, meeting, told, in_place=by_script(request))


@require_POST
@login_required
def create_restoration(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """It stands after all."""
    meeting = cancel_meeting(meeting_id=meeting_id, by=request.user, cancelled=False)
    return _done(request, meeting, Told(_("It stands: %(title)s") % {"title": meeting.title}), in_place=by_script(request))


@require_POST
@login_required
def create_outcome(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """How it went; an empty outcome takes it back."""
    meeting = find_meeting(meeting_id=meeting_id, by=request.user)
    if not request.POST.get("outcome"):
        close_meeting(meeting_id=meeting_id, outcome="", by=request.user)
        return _done(request, meeting, Told(_("Taken back: %(title)s") % {"title": meeting.title}), in_place=by_script(request))
    form = OutcomeForm(request.POST)
    if form.carry_out(lambda: close_meeting(meeting_id=meeting_id, by=request.user, **_outcome(form))) is None:
        return _page(request, meeting, outcome_form=form)
    words = MeetingOutcome(form.cleaned_data["outcome"]).label
    told = Told(f"{words}: {meeting.title}", reverse("meeting_outcome", args=[meeting_id]), {"outcome": ""})
    return _done(request, meeting, told, in_place=by_script(request))


def _done(request: HttpRequest, meeting: Meeting, told: Told, *, in_place: bool) -> HttpResponse:
    """What to say where one is, or on the meeting's page."""
    if in_place:
        return answer(request, meeting, told)
    messages.success(request, told.text, extra_tags="" if told.fields else told.undo)
    return redirect("meeting", meeting.pk)


def _outcome(form: OutcomeForm) -> dict[str, str]:
    return {name: form.cleaned_data[name] for name in ("outcome", "note")}


def _form(request: HttpRequest, meeting: Meeting, data: Any = None) -> MeetingForm:
    about = None
    if meeting.record:
        about = records.kind_of(meeting.record).visible_to(request.user).filter(pk=meeting.record_id).first()
    return MeetingForm(data, by=request.user, meeting=meeting, about=about, **seen_from(request))


def _page(request: HttpRequest, meeting: Meeting, **forms: Any) -> HttpResponse:
    form = forms.get("form") or _form(request, meeting)
    outcome_form = forms.get("outcome_form") or OutcomeForm(initial={"outcome": meeting.outcome or "held", "note": meeting.outcome_note})
    parts = {
        "meeting": meeting,
        "form": form,
        "outcome_form": outcome_form,
        "link": links_of([meeting], request.user).get((meeting.record, meeting.record_id)),
        "people": meeting.colleagues.all(),
        "clients": Contact.objects.visible_to(request.user).filter(meetings=meeting),
        "has_begun": meeting.starts_at <= request.now,
        "ends_same_day": _day(meeting.starts_at, request) == _day(meeting.ends_at, request),
    }
    page = "meetings/_dialog.html" if in_dialog(request) else "meetings/meeting.html"
    return render(request, page, parts, status=max(form.status, outcome_form.status))


def _day(at: datetime, request: HttpRequest) -> Any:
    return at.astimezone(zone_for(request)).date()
