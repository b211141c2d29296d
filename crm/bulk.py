"""What can be done to many records of a list at once: each act is registered for a kind, and the list offers it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet

from crm.filtering.reader import Reader
from crm.lists.asked import Asked
from crm.lists.kinds import ListKind
from crm.models import User
from crm.queries.lists import matching


@dataclass(frozen=True)
class Chosen:
    """Records picked by hand (`ids`), or all that a list shows (`asked`), as far as the reader sees them."""

    kind: ListKind
    reader: Reader
    ids: tuple[int, ...] = ()
    asked: Asked | None = None

    def records(self) -> QuerySet[Any]:
        """Those there are; what is not the reader's to see is left out."""
        if self.asked is not None:
            return matching(self.asked)
        return self.kind.model.objects.visible_to(self.reader.user).filter(pk__in=self.ids).order_by()


@dataclass(frozen=True)
class Done:
    """What came of it: words, an address whose POST takes it back, or one where its progress is watched."""

    text: str
    undo: str = ""
    progress: str = ""


@dataclass(frozen=True)
class BulkAction:
    """One act. `form(viewer=…)` asks for what it needs; `apply(chosen, values, by)` does it by the services, or starts a job."""

    key: str
    label: Any
    icon: str
    apply: Callable[[Chosen, dict[str, Any], User], Done]
    form: Callable[..., forms.Form] | None = None
    allows: Callable[[User], bool] = lambda user: True
    is_danger: bool = False
    # What whoever does it should know beforehand.
    note: Any = ""


_actions: dict[str, list[BulkAction]] = defaultdict(list)


def register(kind: str, *actions: BulkAction) -> None:
    """Offer these for lists of a kind; called once by each app at start."""
    _actions[kind].extend(actions)


def label_of_action(kind: str, key: str) -> str:
    """What the act is called."""
    return next((str(action.label) for action in _actions.get(kind, ()) if action.key == key), key)


def actions_of(kind: str, user: User) -> list[BulkAction]:
    """What this person can do to many."""
    return [action for action in _actions.get(kind, ()) if action.allows(user)]
