"""Calls and messages about a record: written down, taken back, brought back."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm import records
from crm.forms.calls import CallForm
from crm.models import User
from crm.services.calls import delete_call, find_call, log_call, restore_call
from crm.services.messages import delete_message, find_message, restore_message
from crm.templatetags.tasks import due_text
from crm.views.activities import Told, activity_parts, answer, seen_from, tab_of
from crm.when import read_past

MOST_SUGGESTED = 8


@require_POST
@login_required
def create_call(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """A call took place: `outcome, direction, words, when, minutes`."""
    records.visible_record(record, record_id, request.user)
    form = CallForm(request.POST, **seen_from(request))
    if not form.is_valid():
        return render(request, "activities/answer.html", activity_parts(request, record, record_id, call_form=form), status=422)
    call = log_call(record=record, record_id=record_id, by=request.user, origin=tab_of(request), **form.values)
    words = _("Call logged: %(outcome)s") % {"outcome": call.get_outcome_display()}
    return answer(request, call, Told(words, reverse("call_deletion", args=[call.pk])))


@require_POST
@login_required
def create_call_deletion(request: HttpRequest, call_id: int) -> HttpResponse:
    """A call is taken back."""
    call = find_call(call_id=call_id, by=request.user)
    seal = delete_call(call_id=call_id, by=request.user, origin=tab_of(request))
    return answer(request, call, Told(_("Call deleted"), reverse("restored_calls"), {"seal": seal}))


@require_POST
@login_required
def create_restored_call(request: HttpRequest) -> HttpResponse:
    """A deleted call comes back."""
    call = restore_call(seal=request.POST.get("seal", ""), by=request.user, origin=tab_of(request))
    return answer(request, call, Told(_("The call is back")))


@require_POST
@login_required
def create_message_deletion(request: HttpRequest, message_id: int) -> HttpResponse:
    """A message is taken away."""
    message = find_message(message_id=message_id, by=request.user)
    seal = delete_message(message_id=message_id, by=request.user, origin=tab_of(request))
    return answer(request, message, Told(_("Message deleted"), reverse("restored_messages"), {"seal": seal}))


@require_POST
@login_required
def create_restored_message(request: HttpRequest) -> HttpResponse:
    """A deleted message comes back."""
    message = restore_message(seal=request.POST.get("seal", ""), by=request.user, origin=tab_of(request))
    return answer(request, message, Told(_("The message is back")))


@require_GET
@login_required
def explain_past(request: HttpRequest) -> JsonResponse:
    """How the time of something that has been is read while it is being typed; one that lies ahead is marked."""
    seen = seen_from(request)
    at = read_past(request.GET.get("text", "")[:200], seen["now"], seen["zone"], get_language() or "en")
    return JsonResponse({"words": due_text(at, seen["zone"]) if at else "", "past": bool(at and at > seen["now"])})


@require_GET
@login_required
def suggest_people(request: HttpRequest) -> JsonResponse:
    """Colleagues to mention: a word of their name begins with what was typed."""
    text = request.GET.get("text", "").replace("\0", "").strip()[:40]
    people = User.objects.active().only("name", "email")
    if text:
        people = people.filter(Q(name__istartswith=text) | Q(name__icontains=f" {text}"))
    found = [{"id": person.pk, "name": str(person), "initials": person.initials} for person in people[:MOST_SUGGESTED]]
    return JsonResponse({"people": found})
