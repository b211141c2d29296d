"""Which names of a question or a form the product reads: one that it never reads can't break it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import QueryDict

from crm.api_parsing import StrictJSONParser

# A view that walks through all names, counts them or writes them on reads whatever is sent.
EVERYTHING = "*"
BY_NAME = ("__getitem__", "__contains__", "getlist", "pop")
BY_WALKING = ("__iter__", "__len__", "keys", "values", "items", "lists", "dict", "urlencode")
# These fill or copy it, and read nothing for the view.
SILENT = ("__init__", "__copy__", "__deepcopy__", "setlist", "setlistdefault", "appendlist")


class Ear:
    """Hears the names that are read while it listens."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.is_deaf = False

    @contextmanager
    def deaf(self) -> Iterator[None]:
        before, self.is_deaf = self.is_deaf, True
        try:
            yield
        finally:
            self.is_deaf = before

    def hear(self, name: str) -> None:
        if not self.is_deaf:
            self.names.add(name)

    def take(self) -> set[str]:
        """What was read since the last time."""
        names, self.names = self.names, set()
        return names


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Ear:
    """Hears questions and forms (QueryDict), and the bodies of the API, of which only names that are asked for count: walking there refuses what is unknown."""
    ear = Ear()
    for name in BY_NAME:
        monkeypatch.setattr(QueryDict, name, _by_name(getattr(QueryDict, name), ear))
    for name in BY_WALKING:
        monkeypatch.setattr(QueryDict, name, _by_walking(getattr(QueryDict, name), ear))
    for name in SILENT:
        monkeypatch.setattr(QueryDict, name, _silent(getattr(QueryDict, name), ear))
    parse = StrictJSONParser.parse

    def parse_aloud(*args: Any, **options: Any) -> Any:
        found = parse(*args, **options)
        return _Body(found, ear) if type(found) is dict else found

    monkeypatch.setattr(StrictJSONParser, "parse", parse_aloud)
    return ear


class _Body(dict[str, Any]):
    """A body of the API."""

    def __init__(self, values: dict[str, Any], ear: Ear) -> None:
        super().__init__(values)
        self.ear = ear

    def __getitem__(self, name: str) -> Any:
        self.ear.hear(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.ear.hear(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.ear.hear(name)
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        self.ear.hear(name)
        return super().pop(name, *default)


def _by_name(method: Callable[..., Any], ear: Ear) -> Callable[..., Any]:
    def read(self: QueryDict, name: str, *rest: Any) -> Any:
        ear.hear(name)
        return method(self, name, *rest)

    return read


def _by_walking(method: Callable[..., Any], ear: Ear) -> Callable[..., Any]:
    def walk(self: QueryDict, *args: Any, **options: Any) -> Any:
        ear.hear(EVERYTHING)
        return method(self, *args, **options)

    return walk


def _silent(method: Callable[..., Any], ear: Ear) -> Callable[..., Any]:
    def work(self: QueryDict, *args: Any, **options: Any) -> Any:
        with ear.deaf():
            return method(self, *args, **options)

    return work
