"""Writing notes about a record that the writer sees."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, live, records
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Note, User
from crm.services.parcels import pack, unpack


def add_note(*, record: str, record_id: int, body: str, by: User, origin: str = "") -> Note:
    """Write a note; Http404 where the record isn't seen, Refused for an empty or endless one."""
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        note = Note(record=record, record_id=record_id, body=body.strip(), author=by)
        clean(note)
        note.save()
        _tell("note.added", note, by, origin)
    return note


def delete_note(*, note_id: int, by: User, origin: str = "") -> str:
    """Take back an own note (an admin: any); it is gone, and the answer is what brings it back."""
    with transaction.atomic():
        note = find_note(note_id=note_id, by=by)
        if not (by.is_admin or note.author_id == by.pk):
            raise Refused(_("Only its author or an admin can delete a note."))
        parcel = pack(note, by)
        Note.objects.filter(pk=parcel.pk).delete()
        _tell("note.deleted", note, by, origin)
    return parcel.seal


def restore_note(*, seal: str, by: User, origin: str = "") -> Note:
    """Bring back what `delete_note` took, as it was; twice is once."""
    with transaction.atomic():
        note, is_new = unpack(Note, seal, by)
        if is_new:
            _tell("note.restored", note, by, origin)
    return note


def find_note(*, note_id: int, by: User) -> Note:
    """One note, if this person may see what it is about; else Http404."""
    found = Note.objects.filter(pk=note_id).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    records.visible_record(found.record, found.record_id, by)
    return found


def _tell(type: str, note: Note, by: User, origin: str) -> None:
    events.record(type, record=note.record, record_id=note.record_id, by=by, note=note.pk)
    live.touch(note.record, note.record_id, origin=origin)
