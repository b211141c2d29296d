"""What stands in a person's sidebar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm.ids import read_id
from crm.lists.asked import View
from crm.lists.kinds import ListKind, list_kind, standard_views
from crm.models import SavedView, User


@dataclass(frozen=True)
class Pinned:
    """A pinned view: how it is named, and where it is looked at."""

    ref: str
    name: Any
    kind: ListKind
    url: str


def pinned_views(user: User, refs: list[str] | None = None) -> list[Pinned]:
    """The person's pins in order, without those that are gone; one query, and none where no saved view is pinned."""
    refs = user.pinned_views if refs is None else refs
    ids = [pk for ref in refs if (pk := read_id(ref))]
    saved = {str(view.pk): view for view in SavedView.objects.visible_to(user).filter(pk__in=ids)} if ids else {}
    found = [_saved(saved[ref]) if ref in saved else _standard(ref) for ref in refs]
    return [pin for pin in found if pin]


def _saved(view: SavedView) -> Pinned | None:
    kind = list_kind(view.kind)
    return Pinned(str(view.pk), view.name, kind, View.address(kind, view.layout, str(view.pk))) if kind else None


def _standard(ref: str) -> Pinned | None:
    key, _colon, name = ref.partition(":")
    kind = list_kind(key)
    view = next((one for one in standard_views(key) if one.key == name), None) if kind else None
    return Pinned(ref, view.name, kind, View.address(kind, view.layout, view.key)) if kind and view else None
