"""Notes that rows bring along: each once, however often the same file comes."""

from __future__ import annotations

from collections.abc import Sequence

from crm import rich
from crm.importers.base import Outcome
from crm.models import Note, RowAction, User

MAX_NOTE = 10_000


def add_notes(told: Sequence[tuple[Outcome, str]], *, by: User) -> list[Outcome]:
    """The words of each outcome's row as notes, a very long one in several; what stands there already isn't said again. Two queries."""
    bodies = [(outcome, rich.from_text(text[at : at + MAX_NOTE])) for outcome, text in told for at in range(0, len(text), MAX_NOTE)]
    if not bodies:
        return []
    record = bodies[0][0].record
    present = Note.objects.filter(record=record, record_id__in={outcome.record_id for outcome, _body in bodies})
    there = set(present.values_list("record_id", "body"))
    fresh = [(outcome, body) for outcome, body in bodies if body and (outcome.record_id, body) not in there]
    notes = [Note(record=record, record_id=outcome.record_id or 0, body=body, author=by) for outcome, body in fresh]
    Note.objects.bulk_create(notes)
    return [Outcome(outcome.line, "note", note.pk, RowAction.CREATED) for (outcome, _body), note in zip(fresh, notes, strict=True)]
