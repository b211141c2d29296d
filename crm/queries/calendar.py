"""Meetings and tasks of some people between two days, laid out as a calendar shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.models import Attendance, Meeting, Task, User
from crm.models.meetings import LONGEST
from crm.queries.tasks import Link, links_of, sees_task
from crm.wall_clock import instant, on_the_wall
from crm.when import END_OF_DAY

# A quarter of an hour is a row of the grid.
ROW = timedelta(minutes=15)
TASK_LENGTH = timedelta(minutes=30)
MAX_SHOWN = 1000
MAX_LANES = 6


@dataclass(frozen=True)
class Item:
    """A meeting or task on one day: `row` quarters after its beginning, `span` long, in `lane` of `lanes` side by side."""

    kind: str
    thing: Any
    starts_at: datetime
    ends_at: datetime
    link: Link | None = None
    row: int = 0
    span: int = 1
    lane: int = 1
    lanes: int = 1
    is_whole_day: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Hour:
    """An hour of a day: what the clock shows when it begins, and its first row."""

    wall: datetime
    row: int


@dataclass(frozen=True)
class Day:
    """A day with as many rows as it has quarters: 92 or 100 when the clocks change."""

    day: date
    starts_at: datetime
    ends_at: datetime
    items: list[Item] = field(default_factory=list)
    whole: list[Item] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return int((self.ends_at - self.starts_at) / ROW)

    @property
    def is_odd(self) -> bool:
        """Whether the clocks change on it."""
        return self.rows != 96

    @property
    def everything(self) -> list[Item]:
        return [*self.whole, *self.items]

    def hours(self, zone: ZoneInfo) -> list[Hour]:
        """Its hours as they pass: one is missing or comes twice when the clocks change."""
        return [Hour(on_the_wall(self.starts_at + ROW * row, zone), row) for row in range(0, self.rows, 4)]


def calendar_days(*, viewer: User, people: Collection[User], first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """The days from first to last with what these people have on them, as far as the viewer sees it.

    Three queries, and one for each kind of record that something is about; they read the days asked for, however much there is.
    """
    days = [_day(first + timedelta(days=count), zone) for count in range((last - first).days + 1)]
    start, end = days[0].starts_at, days[-1].ends_at
    comes = Attendance.objects.filter(user__in=people, starts_at__lt=end, starts_at__gt=start - LONGEST)
    standing = Meeting.objects.standing().filter(pk__in=comes.values("meeting"), ends_at__gt=start)
    meetings = list(standing.prefetch_related("colleagues").order_by("starts_at", "id")[:MAX_SHOWN])
    due = Task.objects.filter(assignee__in=people, due_at__gte=start, due_at__lt=end)
    tasks = list(due.select_related("assignee").order_by("due_at", "id")[:MAX_SHOWN])
    links = links_of([*meetings, *tasks], viewer)
    items = [_of_meeting(meeting, links) for meeting in meetings if sees_meeting(viewer, meeting, links)]
    items += [_of_task(task, links, zone) for task in tasks if sees_task(viewer, task, links)]
    return [_filled(day, items) for day in days]


def _day(day: date, zone: ZoneInfo) -> Day:
    starts, ends = (instant(datetime.combine(on, time()), zone) for on in (day, day + timedelta(days=1)))
    return Day(day, starts, ends)


def _of_meeting(meeting: Meeting, links: dict[tuple[str, int], Link]) -> Item:
    return Item("meeting", meeting, meeting.starts_at, meeting.ends_at, links.get((meeting.record, meeting.record_id)))


def _of_task(task: Task, links: dict[tuple[str, int], Link], zone: ZoneInfo) -> Item:
    is_whole = on_the_wall(task.due_at, zone).time().replace(second=0, microsecond=0) == END_OF_DAY
    link = links.get((task.record, task.record_id))
    return Item("task", task, task.due_at, task.due_at + TASK_LENGTH, link, is_whole_day=is_whole)


def _filled(day: Day, items: Sequence[Item]) -> Day:
    on_it = [item for item in items if item.starts_at < day.ends_at and (item.ends_at > day.starts_at)]
    whole = [item for item in on_it if item.is_whole_day and item.starts_at >= day.starts_at]
    timed = [_placed(item, day) for item in on_it if not item.is_whole_day and (item.kind == "meeting" or item.starts_at >= day.starts_at)]
    return replace(day, items=_side_by_side(sorted(timed, key=lambda item: (item.row, -item.span))), whole=whole)


def _placed(item: Item, day: Day) -> Item:
    """Its rows on this day; what began before or goes on after is cut at the day's edges."""
    starts, ends = max(item.starts_at, day.starts_at), min(item.ends_at, day.ends_at)
    row = int((starts - day.starts_at) / ROW)
    last = -int(-((ends - day.starts_at) / ROW) // 1)
    return replace(item, row=row, span=max(1, last - row), goes_on=item.starts_at < day.starts_at)


def _side_by_side(items: list[Item]) -> list[Item]:
    """Things that overlap share the width: each takes the first free lane of its group."""
    placed: list[Item] = []
    group: list[Item] = []
    ends = 0
    for item in items:
        if group and item.row >= ends:
            placed += _shared(group)
            group = []
        ends = max(ends, item.row + item.span) if group else item.row + item.span
        group.append(item)
    return placed + _shared(group)


def _shared(group: list[Item]) -> list[Item]:
    free_from: list[int] = []
    lanes = []
    for item in group:
        lane = next((lane for lane, row in enumerate(free_from) if row <= item.row), len(free_from))
        free_from[lane : lane + 1] = [item.row + item.span]
        lanes.append(lane)
    count = min(len(free_from), MAX_LANES)
    return [replace(item, lane=lane % MAX_LANES + 1, lanes=count) for item, lane in zip(group, lanes, strict=True)]


def sees_meeting(viewer: User, meeting: Meeting, links: dict[tuple[str, int], Link]) -> bool:
    """The rule of `MeetingQuerySet.visible_to` for one whose record's link and colleagues are at hand."""
    coming = meeting.colleagues.all()
    if viewer.is_admin or meeting.created_by_id == viewer.pk or any(person.pk == viewer.pk for person in coming):
        return True
    leads = viewer.is_manager and viewer.team_id and any(person.team_id == viewer.team_id for person in coming)
    return bool(leads) or (meeting.record, meeting.record_id) in links
