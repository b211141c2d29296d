"""The list of tasks: its columns, how rows are loaded, and the views that everybody has."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.reader import Reader
from crm.lists.columns import Column, register_columns
from crm.lists.kinds import ListKind, StandardView, Words, register_kind, register_views
from crm.models import Priority, Task
from crm.queries.activities import Step
from crm.queries.tasks import links_of

OPEN = {"field": "state", "op": "is", "value": "open"}
DUE = {"field": "state", "op": "any_of", "value": ["overdue", "today"]}
MINE = {"field": "assignee", "op": "is", "value": "me"}
FROM_ME = {"field": "created_by", "op": "is", "value": "me"}
OTHERS = {"field": "assignee", "op": "is_not", "value": "me"}
TEAM = {"field": "assignee", "op": "is", "value": "my_team"}
DONE = {"field": "state", "op": "is", "value": "done"}


def load_tasks(ids: list[int], reader: Reader) -> list[Any]:
    """Tasks with their people, with what they are about where the reader sees that, and how they stand now.

    One query, and one for each kind of record that they are about.
    """
    found: Any = list(Task.objects.filter(pk__in=ids).select_related("assignee", "created_by"))
    links = links_of(found, reader.user)
    for task in found:
        task.link = links.get((task.record, task.record_id))
        task.step = Step.of(task, now=reader.now, zone=reader.own_zone)
    return found


def search_tasks(text: str, _reader: Reader) -> Q:
    """A part of what is to be done, or of the details."""
    return Q(title__icontains=text) | Q(note__icontains=text)


def register_tasks() -> None:
    """Make them known; called once at start."""
    register_columns(
        "task",
        Column("title", _("Task"), lambda task: task.title, order="title"),
        Column("due", pgettext_lazy("task", "Due"), _due, "due", order="due_at", is_indexed=True),
        Column("about", _("About"), lambda task: task.link and (task.link.text, task.link.url), "link"),
        Column("assignee", pgettext_lazy("task", "Who does it"), lambda task: task.assignee and task.assignee.name, order="assignee__name"),
        Column("priority", _("Priority"), _priority, "pill", order="priority"),
        Column("repeat", _("Repeat"), lambda task: task.get_repeat_display()),
        Column("created_by", pgettext_lazy("task", "From"), _planner, order="created_by__name"),
        Column("note", _("Details"), lambda task: task.note),
        Column("remind", _("Reminder"), lambda task: task.remind is not None, "yes_no"),
        Column("done", pgettext_lazy("task", "Done"), lambda task: task.done_at, "moment", order="done_at", starts_down=True),
        Column("created", _("Added"), lambda task: task.created_at, "moment", order="created_at", starts_down=True),
    )
    register_kind(TASKS)
    register_views(
        "task",
        StandardView("due", _("Due today and overdue"), {"all": [MINE, DUE]}),
        StandardView("given", _("Given to others"), {"all": [FROM_ME, OTHERS, OPEN]}),
        StandardView("team", _("My team's tasks"), {"all": [TEAM, OPEN]}),
        StandardView("done", _("Done by me"), {"all": [MINE, DONE]}, order="-done", columns=("title", "done", "due", "about")),
        StandardView("all", _("All tasks"), {}),
    )


def _due(task: Any) -> tuple[Any, str]:
    return task.due_at, "" if task.is_done else task.step.state


def _planner(task: Any) -> str:
    return task.created_by.name if task.created_by else ""


def _priority(task: Any) -> tuple[str, str] | None:
    return (str(Priority.HIGH.label), "pill-danger") if task.priority == Priority.HIGH else None


TASKS = ListKind(
    key="task",
    model=Task,
    icon="list-check",
    url_name="tasks",
    record_url="task",
    words=Words(
        title=_("Tasks"),
        new=_("New task"),
        search=_("Search by task or details"),
        nothing_yet=_("No open tasks"),
        what_for=_("What is to be done next? Write it above, with the time as you would say it."),
        first=_("To my day"),
        nothing_fits=_("No task fits"),
    ),
    load=load_tasks,
    search=search_tasks,
    columns=("title", "due", "about", "priority", "repeat"),
    order="due",
    new_url="my_day",
    everything=_("My tasks"),
    filter={"all": [MINE, OPEN]},
    is_imported=False,
)
