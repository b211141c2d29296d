"""Inquiries that were answered some other way."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.ids import read_id
from crm.services.inquiries import close_inquiries, reopen_inquiries
from crm.views.activities import Told, tab_of


@require_POST
@login_required
def create_answer(request: HttpRequest) -> HttpResponse:
    """What waits about a record needs no answer any more: `record, record_id`."""
    record, record_id = named_record(request)
    closed = close_inquiries(record=record, record_id=record_id, by=request.user, origin=tab_of(request))
    back = {"record": record, "record_id": str(record_id), "at": closed.isoformat()}
    return render(request, "activities/answer.html", {"told": Told(_("Answered"), reverse("inquiry_answers_undo"), back)})


@require_POST
@login_required
def undo_answer(request: HttpRequest) -> HttpResponse:
    """It waits after all: `record, record_id, at`."""
    record, record_id = named_record(request)
    reopen_inquiries(record=record, record_id=record_id, at=request.POST.get("at", ""), by=request.user, origin=tab_of(request))
    return render(request, "activities/answer.html", {"told": Told(_("Waits for an answer again"))})


def named_record(request: HttpRequest) -> tuple[str, int]:
    """The record that a form names; one that makes no sense is found nowhere."""
    text = request.POST.get("record_id", "")
    return request.POST.get("record", "")[:20], read_id(text)
