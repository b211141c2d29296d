"""Writing notes about a record that the writer sees."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, live, records, rich
from crm.cleaning import clean
from crm.errors import Refused
from crm.models import Note, Notification, User
from crm.services.notifications import notify
from crm.services.parcels import pack, unpack
from crm.templatetags.display import number

MOST_LETTERS = 10_000
MOST_MENTIONED = 20
QUOTED = 200


def add_note(*, record: str, record_id: int, body: str = "", html: str = "", by: User, origin: str = "") -> Note:
    """Write a note, as plain text (`body`) or as markup (`html`); Http404 where the record isn't seen, Refused for an empty or endless one.

    Colleagues whom it mentions are told, as far as they see the record; `note.unreached` names the others.
    """
    with transaction.atomic():
        records.visible_record(record, record_id, by)
        markup = rich.link_addresses(rich.clean(html)) if html else rich.from_text(body)
        people = User.objects.active().select_related("team").in_bulk(rich.mentioned(markup)[:MOST_MENTIONED])
        markup = rich.with_names(markup, {pk: person.name for pk, person in people.items()})
        note = Note(record=record, record_id=record_id, body=markup if rich.to_text(markup) else "", author=by)
        if len(rich.to_text(markup)) > MOST_LETTERS:
            raise Refused(_("A note has at most %(count)s letters.") % {"count": number(MOST_LETTERS)})
        clean(note)
        note.save()
        note.unreached = _tell_mentioned(note, list(people.values()), by)
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
        _quote(note, "")
        _tell("note.deleted", note, by, origin)
    return parcel.seal


def restore_note(*, seal: str, by: User, origin: str = "") -> Note:
    """Bring back what `delete_note` took, as it was; twice is once."""
    with transaction.atomic():
        note, is_new = unpack(Note, seal, by)
        if is_new:
            _quote(note, note.text)
            _tell("note.restored", note, by, origin)
    return note


def find_note(*, note_id: int, by: User) -> Note:
    """One note, if this person may see what it is about; else Http404."""
    found = Note.objects.filter(pk=note_id).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    records.visible_record(found.record, found.record_id, by)
    return found


def _tell_mentioned(note: Note, people: list[User], by: User) -> list[str]:
    """Tell those who see the record; the answer names those who don't. One query for each."""
    unreached = []
    for person in people:
        if not records.kind_of(note.record).visible_to(person).filter(pk=note.record_id).exists():
            unreached.append(person.name)
        elif person.pk != by.pk:
            key = _key(note)
            notify(user=person, kind="mention", key=key, record=note.record, record_id=note.record_id, by=by.name, text=note.text[:QUOTED])
    return unreached


def _key(note: Note) -> str:
    return f"mention:note:{note.pk}"


def _quote(note: Note, text: str) -> None:
    """Have those who were mentioned read this of the note."""
    for told in Notification.objects.filter(record=note.record, record_id=note.record_id, key=_key(note)):
        told.words["text"] = text[:QUOTED]
        told.save(update_fields=["words"])


def _tell(type: str, note: Note, by: User, origin: str) -> None:
    events.record(type, record=note.record, record_id=note.record_id, by=by, note=note.pk)
    live.touch(note.record, note.record_id, origin=origin)
