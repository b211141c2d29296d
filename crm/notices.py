"""The kinds of notifications and what each says: a small opening for whatever has something to tell a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import records

if TYPE_CHECKING:
    from crm.models import User

Words = dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """One kind of notification: `words(parameters)` is its sentence, `address(parameters)` where it leads when not to its record."""

    key: str
    icon: str
    words: Callable[[Words], str]
    address: Callable[[Words], str] | None = None
    # Further lines for a letter.
    details: Callable[[Words], list[str]] | None = None


@dataclass(frozen=True)
class Target:
    """What a notification may be about beside the kinds of `crm.records`: who sees it, and its page."""

    visible_to: Callable[[User], QuerySet[Any]]
    url_name: str


_notices: dict[str, Notice] = {}
_targets: dict[str, Target] = {}


def register(notice: Notice) -> None:
    """Make a kind of notification known; called once at start."""
    _notices[notice.key] = notice


def register_target(key: str, target: Target) -> None:
    """Let notifications be about a further kind of thing."""
    _targets[key] = target


def notice_of(key: str) -> Notice:
    """The kind of that key; one whose code has gone still says that there was something."""
    return _notices.get(key) or Notice(key, "bell", lambda _words: _("Something happened"))


def target_of(record: str) -> Target | None:
    """Who sees that kind of thing, and its page; None when nobody knows it any more."""
    if record in _targets:
        return _targets[record]
    if record in records.registered():
        kind = records.kind_of(record)
        return Target(kind.visible_to, kind.url_name)
    return None


def address_of(record: str, record_id: int) -> str:
    """The page of the thing that a notification is about."""
    target = target_of(record)
    return reverse(target.url_name, args=[record_id]) if target else ""
