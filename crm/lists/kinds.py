"""The kinds of records that have a list, and what is peculiar to each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.urls import reverse

from crm.filtering.reader import Reader
from crm.filtering.tree import Tree


@dataclass(frozen=True)
class Words:
    """What a list calls its records, and says where there are none."""

    title: Any
    new: Any
    search: Any
    nothing_yet: Any
    what_for: Any
    first: Any
    nothing_fits: Any


@dataclass(frozen=True)
class ListKind:
    """One kind: its model, its addresses, and how rows are loaded with what their columns need."""

    key: str
    model: Any
    icon: str
    url_name: str
    record_url: str
    words: Words
    load: Callable[[list[int], Reader], list[Any]]
    search: Callable[[str, Reader], Q]
    columns: tuple[str, ...]
    order: str
    new_url: str = ""
    # What the list begins with where no view is asked for, and what that is called; nothing for all records.
    filter: dict[str, Any] = field(default_factory=dict)
    everything: Any = ""
    is_imported: bool = True
    # Conditions that together hold every record, where each part has an index in the list's order.
    split: Callable[[Tree, Reader], list[Q]] | None = None
    # The other ways to look at the same records, as address names by layout.
    layouts: dict[str, str] = field(default_factory=dict)

    def url_of(self, pk: int) -> str:
        """The page of one record."""
        return address(self.record_url, pk)


@lru_cache(maxsize=4096)
def address(name: str, pk: int) -> str:
    """Looked up once: a list asks for fifty."""
    return reverse(name, args=(pk,))


@dataclass(frozen=True)
class StandardView:
    """A view that everybody has."""

    key: str
    name: Any
    filter: dict[str, Any]
    order: str = ""
    columns: tuple[str, ...] = ()
    layout: str = "list"


_kinds: dict[str, ListKind] = {}
_standard: dict[str, list[StandardView]] = defaultdict(list)


def register_kind(kind: ListKind) -> None:
    """Make a kind known; called once by each app at start."""
    _kinds[kind.key] = kind


def register_views(kind: str, *views: StandardView) -> None:
    """Let everybody have these views of a kind."""
    _standard[kind].extend(views)


def list_kind(key: str) -> ListKind | None:
    """The kind of that key."""
    return _kinds.get(key)


def list_kinds() -> list[ListKind]:
    """All kinds."""
    return list(_kinds.values())


def standard_views(kind: str) -> list[StandardView]:
    """What everybody can look at, in order."""
    return list(_standard[kind])
