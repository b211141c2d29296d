"""Next steps: planned, ticked off, put off and dropped, each answered by the fragment that shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm import records
from crm.errors import Refused
from crm.forms.tasks import TaskForm, WhenForm
from crm.services.tasks import add_task, delete_task, edit_task, find_task, finish_task, restore_task
from crm.templatetags.tasks import due_text
from crm.views.activities import Told, activity_parts, answer, seen_from, tab_of
from crm.when import END_OF_DAY, read_when

DAYS = {"today": 0, "tomorrow": 1, "next_week": 7}


@require_POST
@login_required
def create_task(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """A next step was planned: `title`, `due` in words."""
    records.visible_record(record, record_id, request.user)
    form = TaskForm(request.POST, **seen_from(request))
    if not form.is_valid():
        return render(request, "activities/answer.html", activity_parts(request, record, record_id, task_form=form), status=422)
    task = add_task(
        title=form.cleaned_data["title"],
        due_at=form.cleaned_data["due"],
        by=request.user,
        record=record,
        record_id=record_id,
        origin=tab_of(request),
    )
    told = Told(_("Planned: %(title)s") % {"title": task.title}, reverse("task_deletion", args=[task.pk]))
    return answer(request, task, told)


@require_POST
@login_required
def change_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task was put off: `day` (today, tomorrow, next_week) at its own time of day, or `due` in words."""
    before = find_task(task_id=task_id, by=request.user).due_at
    task = edit_task(task_id=task_id, by=request.user, due_at=_asked_due(request, before), origin=tab_of(request))
    told = Told(
        _("%(title)s: %(when)s") % {"title": task.title, "when": due_text(task.due_at, request.organisation.zone)},
        reverse("task", args=[task.pk]),
        {"back_to": before.isoformat()},
    )
    return answer(request, task, told)


@require_POST
@login_required
def create_tick(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task is done."""
    task = finish_task(task_id=task_id, by=request.user, origin=tab_of(request))
    return answer(request, task, Told(_("Done: %(title)s") % {"title": task.title}, reverse("task_tick_undo", args=[task.pk])))


@require_POST
@login_required
def undo_tick(request: HttpRequest, task_id: int) -> HttpResponse:
    """It wasn't done after all."""
    task = finish_task(task_id=task_id, by=request.user, done=False, origin=tab_of(request))
    return answer(request, task, Told(_("Open again: %(title)s") % {"title": task.title}))


@require_POST
@login_required
def create_task_deletion(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task is dropped."""
    task = find_task(task_id=task_id, by=request.user)
    seal = delete_task(task_id=task_id, by=request.user, origin=tab_of(request))
    return answer(request, task, Told(_("Deleted: %(title)s") % {"title": task.title}, reverse("restored_tasks"), {"seal": seal}))


@require_POST
@login_required
def create_restored_task(request: HttpRequest) -> HttpResponse:
    """A dropped task comes back."""
    task = restore_task(seal=request.POST.get("seal", ""), by=request.user, origin=tab_of(request))
    return answer(request, task, Told(_("Back again: %(title)s") % {"title": task.title}))


@require_GET
@login_required
def explain_when(request: HttpRequest) -> JsonResponse:
    """How a time is read while it is being typed; no words where it can't be."""
    seen = seen_from(request)
    due = read_when(request.GET.get("text", "")[:200], seen["now"], seen["zone"], get_language() or "en")
    return JsonResponse({"words": due_text(due, seen["zone"]) if due else "", "past": bool(due and due < seen["now"])})


def _asked_due(request: HttpRequest, before: datetime) -> datetime:
    zone, now = request.organisation.zone, request.now
    if back := request.POST.get("back_to"):
        try:
            return datetime.fromisoformat(back).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refused(_("This can't be brought back any more.")) from None
    if (day := request.POST.get("day", "")) in DAYS:
        due = datetime.combine(now.astimezone(zone).date() + timedelta(DAYS[day]), before.astimezone(zone).time(), tzinfo=zone)
        # Today at a time that has passed means some time today.
        return (due if due > now else datetime.combine(due.date(), END_OF_DAY, tzinfo=zone)).astimezone(UTC)
    form = WhenForm(request.POST, **seen_from(request))
    if not form.is_valid():
        raise Refused(*form.errors["due"])
    return form.cleaned_data["due"]
