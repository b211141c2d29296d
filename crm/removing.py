"""The kinds of records that can be deleted and brought back, and what is peculiar to each: a small opening for the apps above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.http import Http404
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from crm.models import Removal


def _nothing(*_given: Any) -> None:
    return None


@dataclass(frozen=True)
class Removable:
    """One kind of record.

    `is_led(record)`: only who leads may delete it and bring it back. `lock(removals)` locks what everybody locks before such a
    record, for several that come back together; `make_room(removal)` refuses where it has no place any more, or changes the row
    that is kept, to fit; `settle(id)` works out anew what follows from other rows. `tell(record, origin)` tells open pages.
    """

    key: str
    model: type[Model]
    is_led: Callable[[Any], bool] = lambda record: False
    lock: Callable[[Sequence[Removal]], None] = _nothing
    make_room: Callable[[Removal], None] = _nothing
    settle: Callable[[int], None] = _nothing
    tell: Callable[[Any, str], None] = _nothing


_kinds: dict[str, Removable] = {}
_followers: dict[str, list[Callable[[list[int]], None]]] = defaultdict(list)


def register(kind: Removable) -> None:
    """Make a kind known; called once by each app at start."""
    _kinds[kind.key] = kind


def removable(key: str) -> Removable:
    """The kind of that key; else not found."""
    if key not in _kinds:
        raise Http404(_("There is no such kind of record."))
    return _kinds[key]


def removables() -> list[str]:
    """The keys of all kinds."""
    return list(_kinds)


def follow(table: str, follower: Callable[[list[int]], None]) -> None:
    """Have `follower(ids)` called when rows of this table (`pipeline.deal`) lose or get back a record they point to."""
    _followers[table].append(follower)


def followers_of(table: str) -> list[Callable[[list[int]], None]]:
    """Who wants to hear of that."""
    return _followers[table]
