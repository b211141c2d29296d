"""The kinds of things that can be found, and what else the search offers: a small opening for all apps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm.models.users import User


@dataclass(frozen=True)
class Hit:
    """A record that was found: its name, what tells it from its namesakes, and where it is."""

    kind: str
    pk: int
    title: str
    url: str
    icon: str
    second: str = ""
    # A short word at the end of the line, e.g. the stage, with its colour.
    note: str = ""
    hue: str = ""
    is_over: bool = False


@dataclass(frozen=True)
class Findable:
    """One kind of record: `hits(ids, viewer)` gives those of them that the viewer sees, in any order; `listing` the address of all."""

    key: str
    title: Any
    hits: Callable[[Sequence[int], User], list[Hit]]
    order: int = 50
    most: int = 5


@dataclass(frozen=True)
class Action:
    """A page to go to or a thing to do; `words` are further words by which it is found. A form's id is sent instead of going."""

    title: Any
    url: str
    icon: str
    words: Any = ""
    form: str = ""


_kinds: dict[str, Findable] = {}
_offers: list[tuple[int, Callable[[User], list[Action]]]] = []
_makers: list[Callable[[str, User], list[Action]]] = []


def register(kind: Findable) -> None:
    """Have records of this kind found; called once by each app at start."""
    _kinds[kind.key] = kind


def kinds() -> list[Findable]:
    """Every kind, in the order in which they are shown."""
    return sorted(_kinds.values(), key=lambda kind: kind.order)


def offer(actions: Callable[[User], list[Action]], order: int = 50) -> None:
    """Have `actions(user)` found by their titles and words: commands, pages, saved views; the first stand there before one types."""
    _offers.append((order, actions))
    _offers.sort(key=lambda offered: offered[0])


def offer_new(actions: Callable[[str, User], list[Action]]) -> None:
    """Have `actions(text, user)` offered where nothing was found: something new of that name."""
    _makers.append(actions)


def actions_of(user: User) -> list[Action]:
    """All that this person can do or go to."""
    return [action for _order, actions in _offers for action in actions(user)]


def new_ones(text: str, user: User) -> list[Action]:
    """What could be made of a text that names nothing yet."""
    return [action for actions in _makers for action in actions(text, user)]
