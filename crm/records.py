"""The kinds of records that notes, tasks and events are about, and who sees each: a small opening for the apps above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from crm.models import User


@dataclass(frozen=True)
class Kind:
    """One kind of record: `visible_to(user)` gives its rows, `url_name` its page; `after_task_change(id, origin)` follows its tasks."""

    key: str
    visible_to: Callable[[User], QuerySet[Any]]
    url_name: str
    after_task_change: Callable[[int, str], None] | None = None
    # Whose fields the journal speaks of.
    model: type[Model] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; called once by each app at start."""
    _kinds[kind.key] = kind


def kind_of(key: str) -> Kind:
    """The kind of that key; an unknown one is not found."""
    if key not in _kinds:
        raise Http404(_("There is no such kind of record."))
    return _kinds[key]


def registered() -> list[str]:
    """The keys of all kinds."""
    return list(_kinds)


def visible_record(key: str, record_id: int, user: User) -> Any:
    """The record, if this person may see it; else Http404."""
    found = kind_of(key).visible_to(user).filter(pk=record_id).first()
    if found is None:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    return found
