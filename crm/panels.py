"""A small opening for the apps above: what they know about a company or contact is shown on its page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm.models.users import User


@dataclass(frozen=True)
class Panel:
    """A template, and what it shows."""

    template: str
    context: dict[str, Any]


_makers: dict[str, list[Callable[[Any, User], Panel]]] = defaultdict(list)


def register(kind: str, maker: Callable[[Any, User], Panel]) -> None:
    """Have `maker(record, viewer)` give a panel of every page of this kind; called once by each upper app at start."""
    _makers[kind].append(maker)


def panels_of(kind: str, record: Any, viewer: User) -> list[Panel]:
    """The panels of one record, with what this viewer may see."""
    return [maker(record, viewer) for maker in _makers[kind]]
