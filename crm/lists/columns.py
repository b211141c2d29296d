"""The columns that a list can show: each app registers its own beside those that an admin defines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Expression

from crm.filtering.reader import Reader

Order = str | Expression | Callable[[Reader], Expression]


@dataclass(frozen=True)
class Column:
    """One column: what it is called, what a row has in it (`value`), and as what that is shown (a key of `crm.lists.cells`)."""

    key: str
    label: Any
    value: Callable[[Any], Any]
    shown_as: str = "text"
    # What rows are ordered by; nothing for a column that can't be.
    order: Order = ""
    # An index has this order, whatever the reader sees: the list may be of any length.
    is_indexed: bool = False
    # Begin with the last: dates and sums are looked at from the newest and the largest.
    starts_down: bool = False
    group: Any = ""

    @property
    def is_number(self) -> bool:
        return self.shown_as in ("number", "money")


Provider = Callable[[Reader], Iterable[Column]]
_columns: dict[str, list[Column]] = defaultdict(list)
_providers: dict[str, list[Provider]] = defaultdict(list)


def register_columns(kind: str, *columns: Column) -> None:
    """Let lists of this kind show these; called once by each app at start."""
    _columns[kind].extend(columns)


def provide_columns(kind: str, provider: Provider) -> None:
    """Have `provider(reader)` give further columns whenever they are asked for; one query at most."""
    _providers[kind].append(provider)


def columns_of(kind: str, reader: Reader) -> dict[str, Column]:
    """The columns of a kind by their keys; as many queries as there are providers."""
    found = list(_columns.get(kind, ()))
    for provider in _providers.get(kind, ()):
        found.extend(provider(reader))
    return {column.key: column for column in found}
