"""Notes about a record: written and taken back, each answered by the fragment that shows what is to be done."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm import records
from crm.forms.notes import NoteForm
from crm.services.notes import add_note, delete_note, find_note, restore_note
from crm.views.activities import Told, activity_parts, answer, tab_of


@require_POST
@login_required
def create_note(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """A note was written: `html`, or `body` as plain text."""
    records.visible_record(record, record_id, request.user)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return render(request, "activities/answer.html", activity_parts(request, record, record_id, note_form=form), status=422)
    note = add_note(record=record, record_id=record_id, by=request.user, origin=tab_of(request), **form.cleaned_data)
    words = _("Noted")
    if note.unreached:
        words = _("Noted. Not told, since they don't see this: %(people)s.") % {"people": ", ".join(note.unreached)}
    return answer(request, note, Told(words, reverse("note_deletion", args=[note.pk])))


@require_POST
@login_required
def create_note_deletion(request: HttpRequest, note_id: int) -> HttpResponse:
    """A note is taken back."""
    note = find_note(note_id=note_id, by=request.user)
    seal = delete_note(note_id=note_id, by=request.user, origin=tab_of(request))
    return answer(request, note, Told(_("Note deleted"), reverse("restored_notes"), {"seal": seal}))


@require_POST
@login_required
def create_restored_note(request: HttpRequest) -> HttpResponse:
    """A deleted note comes back."""
    note = restore_note(seal=request.POST.get("seal", ""), by=request.user, origin=tab_of(request))
    return answer(request, note, Told(_("The note is back")))
