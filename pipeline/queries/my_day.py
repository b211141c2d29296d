"""What to do now: inquiries without an answer, tasks that are due, and deals that need a person, in one order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import records
from crm.models import Company, Contact, Message, Task, User
from crm.queries.activities import Step
from pipeline.models import Deal, Stage
from pipeline.models.deals import DAY
from pipeline.queries.board_filters import rotting_condition
from pipeline.queries.day_reader import Reader

SHOWN = 30
MOST = 300
UPCOMING = 10
# So many due tasks are looked at; more are counted as “1,000+”, and nobody does them today anyway.
MANY = 1000

INQUIRY, OVERDUE, TODAY, LATE, ROTS, IDLE = "inquiry", "overdue", "today", "late", "rots", "idle"
# Strongest first: the order of the day, and which reason a deal is shown for.
REASONS = {
    INQUIRY: gettext_lazy("Waits for an answer"),
    OVERDUE: pgettext_lazy("tasks", "Overdue"),
    TODAY: gettext_lazy("Due today"),
    LATE: gettext_lazy("Past expected close"),
    ROTS: gettext_lazy("Standing too long"),
    IDLE: gettext_lazy("No next step"),
}
ORDER = list(REASONS)


@dataclass(frozen=True)
class Item:
    """One thing to do, and why."""

    reason: str
    since: datetime
    now: datetime
    about: tuple[str, int] = ("", 0)
    step: Step | None = None
    message: Message | None = None
    deal: Deal | None = None
    # The company or contact that it is about, where it is about no deal.
    client: Company | Contact | None = None
    others: int = 0

    @property
    def person(self) -> User | None:
        """Whose it is: the task's, else the record's."""
        record = self.deal or self.client
        return self.step.task.assignee if self.step else record.owner if record else None

    @property
    def phone(self) -> str:
        """Whom to call: the contact who wrote, or the deal's."""
        contact = self.deal.contact if self.deal else self.client
        return contact.phone if isinstance(contact, Contact) else ""

    @property
    def waits(self) -> float:
        """Since it stands here, in seconds."""
        return (self.now - self.since).total_seconds()

    @property
    def title(self) -> str:
        """What the line is called."""
        if self.message:
            return self.message.subject or Truncator(self.message.body).chars(90) or str(self.client or self.deal)
        return self.step.task.title if self.step else self.deal.title if self.deal else ""

    @property
    def words(self) -> str:
        """Why it stands here, where the task's own time doesn't say it."""
        if self.reason == ROTS and self.deal:
            days, limit = int((self.now - self.deal.stage_entered_at).total_seconds() // DAY), self.deal.stage.rot_days
            return _("%(days)s d in this stage, limit %(limit)s d") % {"days": days, "limit": limit}
        return str(REASONS[self.reason])


@dataclass(frozen=True)
class MyDay:
    """The first things to do of all there are, how many there are by reason, and the tasks of the days to come."""

    items: list[Item]
    counts: dict[str, int]
    # The same with every task of a deal for itself: a deal's line goes on with its next task.
    work: dict[str, int]
    upcoming: list[Item]
    has_more_upcoming: bool
    is_cut: bool  # more tasks are due, or more inquiries wait, than were looked at
    reason: str = ""

    @property
    def total(self) -> int:
        """All there is to do, or all for the chosen reason."""
        return self.counts.get(self.reason, 0) if self.reason else sum(self.counts.values())


def my_day(*, viewer: User, only_own: bool, now: datetime, zone: ZoneInfo, reason: str = "", shown: int = SHOWN) -> MyDay:
    """The day of one person, or of all whose work the viewer sees; eleven queries at most.

    They read the inquiries that wait, the open tasks of these people and the open deals in view, through partial indexes: neither
    what was answered, nor done tasks, nor closed deals cost anything.
    """
    reader = Reader(viewer, only_own, now, zone)
    shown = min(shown, MOST)
    due = list(reader.tasks.filter(due_at__lt=reader.tomorrow)[: MANY + 1])
    waiting = list(reader.inquiries[: MANY + 1])
    tasks = [_of_task(task, reader) for task in due]
    lines = _once_per_record([_of_message(message, reader) for message in waiting]) + _once_per_deal(tasks)
    deals = _needy(reader, {item.about[1] for item in lines if item.about[0] == "deal"})
    counts = Counter(item.reason for item in lines)
    work = Counter(task.reason for task in tasks) + Counter(item.reason for item in lines if item.message)
    for place, number in deals.order_by().values_list("place").annotate(Count("pk")):
        counts[ORDER[place]] += number
        work[ORDER[place]] += number
    wanted = deals.filter(place=ORDER.index(reason)) if reason else deals
    # Only keys and order are read of all these deals; the rest of the few that are shown comes with what tasks are about.
    first = wanted.order_by("place", "since", "pk").values_list("pk", "place", "since")[:shown]
    items = [item for item in lines if reason in ("", item.reason)][:shown]
    items += [Item(ORDER[place], since, now, about=("deal", pk)) for pk, place, since in first]
    items = sorted(items, key=lambda item: (ORDER.index(item.reason), item.since))[:shown]
    coming = [_of_task(task, reader) for task in reader.tasks.filter(due_at__gte=reader.tomorrow)[: UPCOMING + 1]]
    items, upcoming = _with_records(items, coming[:UPCOMING], viewer)
    return MyDay(
        items=_with_steps(items, reader),
        work={key: work[key] for key in REASONS if work[key]},
        counts={key: counts[key] for key in REASONS if counts[key]},
        upcoming=upcoming,
        has_more_upcoming=len(coming) > UPCOMING,
        is_cut=max(len(due), len(waiting)) > MANY,
        reason=reason,
    )


def _of_task(task: Task, reader: Reader) -> Item:
    step = Step.of(task, now=reader.now, zone=reader.zone)
    # Whoever was to be called at noon is waited for by one, whatever the day of the mark on the card.
    return Item(OVERDUE if step.is_late else step.state, task.due_at, reader.now, about=(task.record, task.record_id), step=step)


def _of_message(message: Message, reader: Reader) -> Item:
    return Item(INQUIRY, message.at, reader.now, about=(message.record, message.record_id), message=message)


def _once_per_record(items: list[Item]) -> list[Item]:
    """Whoever wrote three times waits once, since the first."""
    kept: dict[tuple[str, int], Item] = {}
    for item in items:
        kept[item.about] = replace(kept[item.about], others=kept[item.about].others + 1) if item.about in kept else item
    return list(kept.values())


def _once_per_deal(items: list[Item]) -> list[Item]:
    """The earliest task of each deal, with the number of its others; they come in order of time and stay in it."""
    kept: dict[tuple[str, int], Item] = {}
    for number, item in enumerate(items):
        key = item.about if item.about[0] == "deal" else ("task", number)
        kept[key] = replace(kept[key], others=kept[key].others + 1) if key in kept else item
    return list(kept.values())


def _needy(reader: Reader, with_task: set[int]) -> QuerySet[Any]:
    """Open deals that need somebody, beside those that stand here with a task already, each with its strongest reason and since when."""
    today = reader.now.astimezone(reader.zone).date()
    stages = list(Stage.objects.live().filter(rot_days__isnull=False).only("rot_days"))
    rots = rotting_condition(stages, reader.now)  # type: ignore[arg-type]
    reasons = {
        # A next step that is somebody else's to do.
        OVERDUE: (Q(next_step_on__lt=today), Cast("next_step_on", DateTimeField())),
        TODAY: (Q(next_step_on=today), Cast("next_step_on", DateTimeField())),
        LATE: (Q(expected_close__lt=today), Cast("expected_close", DateTimeField())),
        ROTS: (rots, F("stage_entered_at")),
        IDLE: (Q(next_step_on=None), F("stage_entered_at")),
    }
    needs = reduce(or_, (condition for condition, _since in reasons.values()))
    return (
        reader.deals.filter(needs)
        .exclude(pk__in=with_task)
        .annotate(
            place=Case(*(When(condition, then=Value(ORDER.index(key))) for key, (condition, _since) in reasons.items())),
            since=Case(*(When(condition, then=since) for condition, since in reasons.values()), output_field=DateTimeField()),
        )
    )


def _with_records(items: list[Item], upcoming: list[Item], viewer: User) -> tuple[list[Item], list[Item]]:
    """What the items are about, as far as the viewer sees it. Three queries."""
    found = {}
    for kind, related in (("deal", ("stage", "company", "contact", "owner")), ("company", ("owner",)), ("contact", ("owner",))):
        ids = {item.about[1] for item in items + upcoming if item.about[0] == kind}
        seen = records.kind_of(kind).visible_to(viewer)
        found[kind] = seen.select_related(*related).in_bulk(ids) if ids else {}

    def filled(item: Item) -> Item:
        record = found.get(item.about[0], {}).get(item.about[1])
        return replace(item, deal=record) if item.about[0] == "deal" else replace(item, client=record)

    # A deal that was closed or given away between two of these reads has nothing to say any more.
    return [item for item in map(filled, items) if item.step or item.deal or item.client], [filled(item) for item in upcoming]


def _with_steps(items: list[Item], reader: Reader) -> list[Item]:
    """The tasks of others that make a deal wait. One query."""
    waiting = {item.deal.pk for item in items if item.step is None and item.deal and item.reason in (OVERDUE, TODAY)}
    if not waiting:
        return items
    first = (
        Task.objects.open().filter(record="deal", record_id__in=waiting).select_related("assignee").order_by("record_id", "due_at", "pk")
    )
    tasks = {task.record_id: task for task in first.distinct("record_id")}
    steps = {deal: Step.of(task, now=reader.now, zone=reader.zone) for deal, task in tasks.items()}
    return [replace(item, step=steps.get(item.deal.pk)) if item.deal and item.step is None and not item.message else item for item in items]
