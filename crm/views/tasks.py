"""Next steps: planned, ticked off, put off and dropped, each answered by the fragment that shows them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from crm import records
from crm.errors import Refused
from crm.forms.tasks import TaskForm, WhenForm
from crm.lists.asked import Asked
from crm.models import Task
from crm.queries.activities import Step
from crm.queries.lists import read_list
from crm.queries.tasks import links_of
from crm.services.tasks import add_task, delete_task, edit_task, find_task, finish_task, put_off, restore_task
from crm.templatetags.tasks import due_text
from crm.views.activities import Told, activity_parts, answer, in_dialog, seen_from, tab_of
from crm.views.lists import find_kind, heads, list_parts, reader_of
from crm.wall_clock import zone_for
from crm.when import read_when

DAYS = {"today": 0, "tomorrow": 1, "next_week": 7}


@require_POST
@login_required
def create_task(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """A next step was planned: `title`, `due` in words."""
    records.visible_record(record, record_id, request.user)
    form = TaskForm(request.POST, by=request.user, **seen_from(request))
    about = {"record": record, "record_id": record_id}
    task = form.carry_out(lambda: add_task(by=request.user, origin=tab_of(request), **about, **form.changes()))
    if task is None:
        return render(request, "activities/answer.html", activity_parts(request, record, record_id, task_form=form), status=form.status)
    told = Told(_("Planned: %(title)s") % {"title": task.title}, reverse("task_deletion", args=[task.pk]))
    return answer(request, task, told)


@require_safe
@login_required
def show_tasks(request: HttpRequest) -> HttpResponse:
    """The list of tasks: one's own open ones unless another view or filter is asked for."""
    asked = Asked.read(find_kind("task"), request.GET, reader_of(request))
    parts = {
        "page": read_list(asked, after=request.GET.get("after", "")),
        "heads": heads(asked),
        "layout": "list",
        # In order of due time they stand under headings.
        "is_grouped": asked.order == "due",
        "task_form": TaskForm(by=request.user, **seen_from(request)),
    }
    return render(request, "tasks/list.html", list_parts(request, asked) | parts)


@require_POST
@login_required
def create_own_task(request: HttpRequest) -> HttpResponse:
    """A next step about nothing in particular."""
    form = TaskForm(request.POST, by=request.user, **seen_from(request))
    task = form.carry_out(lambda: add_task(by=request.user, **form.changes()))
    if task is None:
        return render(request, "tasks/_form.html", {"task_form": form}, status=form.status)
    told = Told(_("Planned: %(title)s") % {"title": task.title}, reverse("task_deletion", args=[task.pk]))
    return render(request, "tasks/_form.html", {"task_form": TaskForm(by=request.user, **seen_from(request)), "told": told})


@require_GET
@login_required
def show_more_fields(request: HttpRequest) -> HttpResponse:
    """What stands behind “More” in the form of a task."""
    return render(request, "tasks/_more.html", {"task_form": TaskForm(by=request.user, **seen_from(request))})


@require_safe
@login_required
def show_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """All of a task, to read and to change."""
    task = find_task(task_id=task_id, by=request.user)
    return _task_page(request, task, TaskForm(task=task, **seen_from(request)))


@require_POST
@login_required
def create_task_edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """All of a task was filled in."""
    task = find_task(task_id=task_id, by=request.user)
    form = TaskForm(request.POST, task=task, **seen_from(request))
    if form.carry_out(lambda: edit_task(task_id=task_id, by=request.user, mark=form.cleaned_data["mark"], **form.changes())) is None:
        return _task_page(request, task, form)
    if in_dialog(request):
        return answer(request, task, Told(_("Saved: %(title)s") % {"title": form.cleaned_data["title"]}))
    messages.success(request, _("Saved"))
    return redirect("task", task_id)


def task_door(request: HttpRequest, task_id: int) -> HttpResponse:
    """The page of a task, and where it is put off."""
    return change_task(request, task_id) if request.method == "POST" else show_task(request, task_id)


@require_POST
@login_required
def change_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task was put off: `day` (today, tomorrow, next_week) at its own time of day, or `due` in words."""
    before = find_task(task_id=task_id, by=request.user).due_at
    if (day := request.POST.get("day", "")) in DAYS:
        task = put_off(task_id=task_id, days=DAYS[day], by=request.user, origin=tab_of(request))
    else:
        task = edit_task(task_id=task_id, by=request.user, due_at=_asked_due(request), origin=tab_of(request))
    told = Told(
        _("%(title)s: %(when)s") % {"title": task.title, "when": due_text(task.due_at, zone_for(request))},
        reverse("task", args=[task.pk]),
        {"back_to": before.isoformat()},
    )
    return answer(request, task, told)


@require_POST
@login_required
def create_tick(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task is done."""
    task = finish_task(task_id=task_id, by=request.user, origin=tab_of(request))
    if "page" in request.GET:
        return _back_to_page(request, task, _("Done: %(title)s"))
    return answer(request, task, Told(_("Done: %(title)s") % {"title": task.title}, reverse("task_tick_undo", args=[task.pk])))


@require_POST
@login_required
def undo_tick(request: HttpRequest, task_id: int) -> HttpResponse:
    """It wasn't done after all."""
    task = finish_task(task_id=task_id, by=request.user, done=False, origin=tab_of(request))
    if "page" in request.GET:
        return _back_to_page(request, task, _("Open again: %(title)s"))
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


def _back_to_page(request: HttpRequest, task: Task, words: str) -> HttpResponse:
    messages.success(request, words % {"title": task.title})
    return redirect("task", task.pk)


def _task_page(request: HttpRequest, task: Task, form: TaskForm) -> HttpResponse:
    link = links_of([task], request.user).get((task.record, task.record_id))
    parts = {"task": task, "form": form, "link": link, "step": Step.of(task, **seen_from(request))}
    return render(request, "tasks/_dialog.html" if in_dialog(request) else "tasks/task.html", parts, status=form.status)


def _asked_due(request: HttpRequest) -> datetime:
    if back := request.POST.get("back_to"):
        try:
            return datetime.fromisoformat(back).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Refused(_("This can't be brought back any more.")) from None
    form = WhenForm(request.POST, **seen_from(request))
    if not form.is_valid():
        raise Refused(*form.errors["due"])
    return form.cleaned_data["due"]
