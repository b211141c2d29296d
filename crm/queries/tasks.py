"""What tasks and meetings are about, and who sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from crm import records
from crm.models import Task, User


@dataclass(frozen=True)
class Link:
    """What a task or meeting is about, for whoever sees it."""

    text: str
    url: str


def links_of(things: Iterable[Any], viewer: User) -> dict[tuple[str, int], Link]:
    """What each is about, where the viewer sees it. One query for each kind of record."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for thing in things:
        if thing.record in records.registered():
            wanted[thing.record].add(thing.record_id)
    links = {}
    for key, ids in wanted.items():
        kind = records.kind_of(key)
        for record in kind.visible_to(viewer).filter(pk__in=ids):
            links[key, record.pk] = Link(str(record), reverse(kind.url_name, args=[record.pk]))
    return links


def sees_task(viewer: User, task: Task, links: dict[tuple[str, int], Link]) -> bool:
    """The rule of `TaskQuerySet.visible_to` for one whose record's link is at hand."""
    return viewer.is_admin or viewer.pk in (task.assignee_id, task.created_by_id) or (task.record, task.record_id) in links
