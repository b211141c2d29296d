"""What is to be done about a record, and the forms for more: the fragment that tasks and notes answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm import records
from crm.forms.calls import CallForm
from crm.forms.notes import NoteForm
from crm.forms.tasks import TaskForm
from crm.models.activities import About
from crm.queries.activities import steps_about
from crm.wall_clock import zone_for


@dataclass(frozen=True)
class Told:
    """What the toast says, and where its Undo goes with which fields."""

    text: str
    undo: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@require_GET
@login_required
def show_activities(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """The open tasks and the forms for the next ones."""
    records.visible_record(record, record_id, request.user)
    return render(request, "activities/answer.html", activity_parts(request, record, record_id))


def activity_parts(request: HttpRequest, record: str, record_id: int, **forms: Any) -> dict[str, Any]:
    """What `activities/_activities.html` shows about a record that the reader may see; one query."""
    seen = seen_from(request)
    return {
        "record": record,
        "record_id": record_id,
        "steps": steps_about(record=record, record_id=record_id, **seen),
        "task_form": forms.get("task_form") or TaskForm(initial={"due": _("tomorrow 10:00")}, **seen),
        "note_form": forms.get("note_form") or NoteForm(),
        "call_form": forms.get("call_form") or CallForm(**seen),
        "record_id_text": str(record_id),
        "today": request.organisation.today(request.now),
    }


def tab_of(request: HttpRequest) -> str:
    """The browser tab that asked, which ignores its own echo."""
    return request.headers.get("X-Tab", "")[:64]


def in_dialog(request: HttpRequest) -> bool:
    """Is it asked for from another page, to be shown above it?"""
    return request.headers.get("X-Part") == "dialog"


def by_script(request: HttpRequest) -> bool:
    """Does a script wait for a fragment, instead of a browser for a page?"""
    return bool(request.headers.get("HX-Request"))


def answer(request: HttpRequest, about: About, told: Told) -> HttpResponse:
    """The tasks and notes as they are now, where there is a record that the reader sees, and what to say."""
    parts: dict[str, Any] = {"told": told}
    if about.record and records.kind_of(about.record).visible_to(request.user).filter(pk=about.record_id).exists():
        parts |= activity_parts(request, about.record, about.record_id)
    return render(request, "activities/answer.html", parts)


def seen_from(request: HttpRequest) -> dict[str, Any]:
    """From when and where times are read."""
    return {"now": request.now, "zone": zone_for(request)}
