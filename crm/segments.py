"""Segments: the records that a saved view finds, for whoever asks. A report is narrowed by one, a rule asks for it, a letter goes to it."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q

from crm.filtering.reader import Reader
from crm.filtering.tree import try_tree
from crm.filtering.types import NOTHING
from crm.models import SavedView, User

# From the kind that is asked about and the segment's own: how one is found through the other.
_ways: dict[tuple[str, str], Callable[[Q, Reader], Q]] = {}


def connect(about: str, kind: str, way: Callable[[Q, Reader], Q]) -> None:
    """Let a segment of `kind` narrow records of another: `way(condition, reader)`; called once at start by the app that knows both."""
    _ways[about, kind] = way


def condition(view: SavedView, reader: Reader, *, about: str | None = None) -> Q:
    """Which records are in the segment, of its own kind or of another that it is connected to.

    What “me” means is the reader's, and whose rights count too: the set is still to be cut by `visible_to`. A view that can't be read
    any more finds nothing. One query where a condition asks for stages or the like, and one for own fields.
    """
    found = try_tree(view.filter, kind=view.kind, reader=reader).condition(reader)
    if about in (None, view.kind):
        return found
    way = _ways.get((about or "", view.kind))
    return way(found, reader) if way else NOTHING


def segments_for(about: str, user: User) -> list[SavedView]:
    """The saved views by which this person can narrow records of that kind, own ones and shared ones; one query."""
    kinds = [about, *(kind for other, kind in _ways if other == about)]
    return list(SavedView.objects.visible_to(user).filter(kind__in=kinds))
