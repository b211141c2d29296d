"""The fields that lists are filtered by: each app registers its own, and nothing else ever reaches the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from crm.filtering.columns import Column
from crm.filtering.reader import Reader

if TYPE_CHECKING:
    from crm.filtering.types import FieldType

Choices = Iterable[tuple[str, Any]]


@dataclass(frozen=True)
class FilterField:
    """One field of a kind of record. It is read from `column`, or asked by its own `condition(operator, value, reader)`."""

    key: str
    label: Any
    type: FieldType
    column: Column = ""
    condition: Callable[[str, Any, Reader], Q] | None = None
    # Of a choice: its keys and words, archived ones too, so that a kept filter goes on making sense.
    choices: Callable[[Reader], Choices] | None = None
    # Of money: where its currency stands.
    currency: Column = "currency"
    # Of a date: the column holds instants, which the organisation's zone cuts into days.
    is_instant: bool = False
    # Of a record: its kind.
    record: str = ""
    # Of a text: as the column holds it; what was typed is brought into the same shape, and then compared letter by letter.
    shaped: Callable[[str], str] | None = None
    # The heading it stands under where fields are chosen.
    group: Any = ""


Provider = Callable[[Reader], Iterable[FilterField]]
_fields: dict[str, list[FilterField]] = defaultdict(list)
_providers: dict[str, list[Provider]] = defaultdict(list)


def register(kind: str, *fields: FilterField) -> None:
    """Let lists of this kind be filtered by these; called once by each app at start."""
    _fields[kind].extend(fields)


def provide(kind: str, provider: Provider) -> None:
    """Have `provider(reader)` give further fields whenever they are asked for, such as those that an admin defines; one query at most."""
    _providers[kind].append(provider)


def kinds() -> list[str]:
    """The kinds of records whose lists can be filtered."""
    return list(_fields)


def fields_of(kind: str, reader: Reader) -> dict[str, FilterField]:
    """The fields of a kind by their keys; as many queries as there are providers."""
    found = [*_fields[kind]] if kind in _fields else []
    for provider in _providers.get(kind, ()):
        found.extend(provider(reader))
    return {field.key: field for field in found}


def find_field(kind: str, key: str, reader: Reader) -> FilterField | None:
    """One field of a kind; those that an admin defines are read only where no app has registered such a key."""
    registered = next((field for field in _fields.get(kind, ()) if field.key == key), None)
    return registered or fields_of(kind, reader).get(key)
