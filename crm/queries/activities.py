"""What is to be done about a record next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.models import Task

MAX_STEPS = 30


@dataclass(frozen=True)
class Step:
    """An open task, seen from now."""

    task: Task
    state: str
    is_late: bool

    @classmethod
    def of(cls, task: Task, *, now: datetime, zone: ZoneInfo) -> Step:
        """Overdue from the day after it was due, as the mark on a deal's card has it; late as soon as its time has passed."""
        due, today = task.due_at.astimezone(zone).date(), now.astimezone(zone).date()
        state = "overdue" if due < today else "today" if due == today else "planned"
        return cls(task, state, task.due_at < now)


def steps_about(*, record: str, record_id: int, now: datetime, zone: ZoneInfo) -> list[Step]:
    """The open tasks about a record, next one first. One query."""
    tasks = Task.objects.about(record, record_id).open().select_related("assignee").order_by("due_at", "id")[:MAX_STEPS]
    return [Step.of(task, now=now, zone=zone) for task in tasks]
