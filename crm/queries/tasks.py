"""Tasks of a person or of all whom one leads, in the order in which they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from crm import records
from crm.models import Task, User
from crm.queries.activities import Step

MAX_OPEN, MAX_DONE = 200, 30


@dataclass(frozen=True)
class Link:
    """What a task or meeting is about, for whoever sees it."""

    text: str
    url: str


@dataclass(frozen=True)
class TaskList:
    """Open tasks by when they are due, and what was done last."""

    overdue: list[Step] = field(default_factory=list)
    today: list[Step] = field(default_factory=list)
    planned: list[Step] = field(default_factory=list)
    done: list[Step] = field(default_factory=list)
    links: dict[tuple[str, int], Link] = field(default_factory=dict)
    is_cut: bool = False


def task_list(*, viewer: User, assignee: User, now: datetime, zone: ZoneInfo, given: bool = False) -> TaskList:
    """A person's tasks as far as the viewer sees them, or those that the person gave to others.

    Two queries, and one for each kind of record that they are about.
    """
    tasks = Task.objects.filter(created_by=assignee).exclude(assignee=assignee) if given else Task.objects.filter(assignee=assignee)
    tasks = tasks.select_related("assignee")
    found = list(tasks.open().order_by("due_at", "id")[: MAX_OPEN + 1])
    done = list(tasks.exclude(done_at=None).order_by("-done_at")[:MAX_DONE])
    links = links_of([*found, *done], viewer)
    steps = [Step.of(task, now=now, zone=zone) for task in found[:MAX_OPEN] if sees_task(viewer, task, links)]
    return TaskList(
        **{state: [step for step in steps if step.state == state] for state in ("overdue", "today", "planned")},
        done=[Step.of(task, now=now, zone=zone) for task in done if sees_task(viewer, task, links)],
        links=links,
        is_cut=len(found) > MAX_OPEN,
    )


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
    """The rule of `visible_tasks` for one whose record's link is at hand."""
    return viewer.is_admin or viewer.pk in (task.assignee_id, task.created_by_id) or (task.record, task.record_id) in links
