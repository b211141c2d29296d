"""A filter: conditions joined by “all of” and “any of”, read strictly from JSON, turned into SQL and into words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, Self

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.filtering.fields import FilterField, find_field
from crm.filtering.names import Names
from crm.filtering.operators import OPERATORS
from crm.filtering.reader import Reader
from crm.filtering.types import NOTHING, Unreadable

MAX_DEPTH, MAX_CONDITIONS, MAX_LENGTH = 3, 50, 8000
JOINS = {"all": and_, "any": or_}


@dataclass(frozen=True)
class Condition:
    """One question: a field, an operator, a value."""

    field: FilterField
    operator: str
    value: Any = None

    @property
    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        asked = {"field": self.field.key, "op": self.operator}
        return asked if OPERATORS[self.operator].takes == "nothing" else asked | {"value": self.value}

    def condition(self, reader: Reader) -> Q:
        """As SQL has it."""
        if self.field.condition:
            return self.field.condition(self.operator, self.value, reader)
        return self.field.type.condition(self.operator, self.value, self.field, reader)

    def words(self, reader: Reader, names: Names) -> str:
        """As people say it."""
        operator = OPERATORS[self.operator]
        value = "" if operator.takes == "nothing" else self.field.type.say(self.operator, self.value, self.field, reader, names)
        return str(self.field.type.sentences.get(self.operator, operator.sentence)) % {"field": self.field.label, "value": value}


@dataclass(frozen=True)
class Group:
    """Conditions and groups, of which all or any must hold; an empty one asks for nothing."""

    join: str
    parts: tuple[Condition | Group, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        return {self.join: [part.data for part in self.parts]}

    def condition(self, reader: Reader) -> Q:
        parts = [part.condition(reader) for part in self.parts]
        if self.join == "any" and not all(parts):  # one of them asks for nothing, so everything fits
            return Q()
        return reduce(JOINS[self.join], parts) if parts else Q()

    def words(self, reader: Reader, names: Names) -> str:
        """The parts in a row, groups among them in brackets."""
        said = [f"({part.words(reader, names)})" if isinstance(part, Group) else part.words(reader, names) for part in self.parts]
        joint = pgettext("filter", "%(first)s, and %(second)s") if self.join == "all" else pgettext("filter", "%(first)s, or %(second)s")
        return reduce(lambda first, second: joint % {"first": first, "second": _small(second)}, said) if said else ""

    def conditions(self) -> Iterator[Condition]:
        """Every condition below."""
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.conditions()
            else:
                yield part


@dataclass(frozen=True)
class Tree:
    """A whole filter of one kind of record; `errors` say why it could not be read, and then nothing fits."""

    kind: str
    root: Group = Group("all")
    errors: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        return bool(self.root.parts or self.errors)

    @property
    def data(self) -> dict[str, Any]:
        """As it is kept; empty for no filter."""
        return self.root.data if self.root.parts else {}

    @cached_property
    def text(self) -> str:
        """As an address carries it; empty for no filter."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":")) if self.root.parts else ""

    def condition(self, reader: Reader) -> Q:
        """Which records fit. A filter that can't be read fits none: whoever acts on its records must not act on all."""
        return NOTHING if self.errors else self.root.condition(reader)

    def words(self, reader: Reader) -> str:
        """The filter as a sentence; one query for each kind of record or person that it names."""
        said = self.root.words(reader, self._names(reader)) if not self.errors else " ".join(self.errors)
        return said[:1].upper() + said[1:]

    def parts(self, reader: Reader) -> list[tuple[str, Self]]:
        """Each part at the top in words, with the filter that is left without it."""
        names = self._names(reader)
        return [(part.words(reader, names), self.without(place)) for place, part in enumerate(self.root.parts)]

    def without(self, place: int) -> Self:
        """The filter without one of its parts at the top."""
        return replace(self, root=replace(self.root, parts=self.root.parts[:place] + self.root.parts[place + 1 :]))

    def joined(self, other: Tree) -> Tree:
        """Both filters at once."""
        roots = tuple(tree.root for tree in (self, other) if tree.root.parts)
        root = roots[0] if len(roots) == 1 else Group("all", roots)
        return Tree(self.kind, root, self.errors + other.errors)

    def _names(self, reader: Reader) -> Names:
        names = Names(reader)
        for condition in self.root.conditions():
            condition.field.type.note(condition.value, condition.field, names)
        return names


def read_tree(given: Any, *, kind: str, reader: Reader) -> Tree:
    """The filter in JSON, as text or as data; raises `Unreadable` with the reason. As many queries as `find_field` costs."""
    data = _parse(given) if isinstance(given, str) else given
    if data in (None, "", {}):
        return Tree(kind)
    part = _read_part(data, 1, kind, reader)
    root = part if isinstance(part, Group) else Group("all", (part,))
    if sum(1 for _condition in root.conditions()) > MAX_CONDITIONS:
        raise Unreadable(_("A filter has at most %(count)s conditions.") % {"count": MAX_CONDITIONS})
    return Tree(kind, root)


def try_tree(given: Any, *, kind: str, reader: Reader) -> Tree:
    """The filter, or one that says what is wrong with it and fits nothing."""
    try:
        return read_tree(given, kind=kind, reader=reader)
    except Unreadable as wrong:
        return Tree(kind, errors=(str(wrong),))


def _parse(text: str) -> Any:
    if not text.strip():
        return None
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError
        text.encode()
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Unreadable(_("The filter is no JSON that can be read.")) from None
    return data


def _read_part(data: Any, depth: int, kind: str, reader: Reader) -> Condition | Group:
    if not isinstance(data, dict):
        raise Unreadable(_("A filter is made of conditions {field, op, value} and groups {all: […]} or {any: […]}."))
    for join in JOINS:
        if join in data:
            return _read_group(data, join, depth, kind, reader)
    return _read_condition(data, kind, reader)


def _read_group(data: dict[str, Any], join: str, depth: int, kind: str, reader: Reader) -> Group:
    if len(data) > 1 or not isinstance(data[join], list):
        raise Unreadable(_("A group is {all: […]} or {any: […]}, and nothing else."))
    if depth > MAX_DEPTH:
        raise Unreadable(_("Groups stand at most %(count)s deep.") % {"count": MAX_DEPTH})
    if len(data[join]) > MAX_CONDITIONS:
        raise Unreadable(_("A filter has at most %(count)s conditions.") % {"count": MAX_CONDITIONS})
    parts = [_read_part(part, depth + 1, kind, reader) for part in data[join]]
    # A group of nothing asks for nothing, and one of a single part is that part.
    return Group(join, tuple(part for part in parts if isinstance(part, Condition) or part.parts))


def _read_condition(data: dict[str, Any], kind: str, reader: Reader) -> Condition:
    if unknown := set(data) - {"field", "op", "value"}:
        raise Unreadable(_("A condition has no “%(name)s”.") % {"name": str(min(unknown, key=str))[:40]})
    key, operator = data.get("field"), data.get("op")
    field = find_field(kind, key, reader) if isinstance(key, str) else None
    if field is None:
        raise Unreadable(_("There is no field “%(name)s” here.") % {"name": str(key)[:40]})
    if not isinstance(operator, str) or operator not in field.type.operators:
        raise Unreadable(_("“%(field)s” can't be asked with “%(op)s”.") % {"field": field.label, "op": str(operator)[:40]})
    try:
        return Condition(field, operator, field.type.read(operator, data.get("value"), field, reader))
    except Unreadable as wrong:
        raise Unreadable(_("%(field)s: %(reason)s.") % {"field": field.label, "reason": wrong}) from None


def _small(said: str) -> str:
    """A name of a field goes on small inside a sentence, unless it is written in capitals."""
    if said.startswith("("):
        return f"({_small(said[1:])}"
    return said if said[1:2].isupper() else said[:1].lower() + said[1:]
