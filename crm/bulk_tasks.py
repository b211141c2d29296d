"""What can be done to many tasks at once: done, put off, given to somebody else, deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import bulk
from crm.bulk import BulkAction
from crm.bulk_clients import doing
from crm.errors import Refused
from crm.forms.bulk import BulkForm
from crm.models import User
from crm.queries.people import possible_owners
from crm.services import bulk_changes
from crm.services.bulk_changes import Act, Values
from crm.services.put_back import take_values
from crm.services.tasks import edit_task, find_task, finish_task, put_off, return_task

# A task that repeats counts on from the day that it was put off to.
TIME = ["due_at", "repeat_from"]
DAYS = [("0", gettext_lazy("today")), ("1", gettext_lazy("tomorrow")), ("7", pgettext_lazy("put off", "In a week"))]


class PutOffForm(BulkForm):
    """Until when; each keeps its time of day."""

    days = forms.ChoiceField(label=gettext_lazy("Put off until"), choices=DAYS, initial="1")

    @property
    def values(self) -> Values:
        return {"days": int(self.cleaned_data["days"])}


class AssigneeForm(BulkForm):
    """Who does them from now on."""

    assignee = forms.ModelChoiceField(User.objects.none(), label=pgettext_lazy("task", "Who does it"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = possible_owners(self.viewer)  # type: ignore[attr-defined]

    @property
    def values(self) -> Values:
        return {"assignee": self.cleaned_data["assignee"].pk}


def register_tasks() -> None:
    """Make them known; called once at start."""
    bulk_changes.register("task", "done", Act(_finish, _reopen))
    bulk_changes.register("task", "put-off", Act(_put_off, _put_back))
    bulk_changes.register("task", "assignee", Act(_assign, _put_back, resolve=_known_person))
    bulk.register(
        "task",
        BulkAction("done", pgettext_lazy("task", "Done"), "check", doing("done")),
        BulkAction("put-off", gettext_lazy("Put off"), "clock", doing("put-off"), PutOffForm),
        BulkAction("assignee", gettext_lazy("Assign"), "user", doing("assignee"), AssigneeForm),
    )


def _finish(pk: int, _values: Values, by: User) -> tuple[Values, Values] | None:
    if find_task(task_id=pk, by=by).is_done:
        return None
    finish_task(task_id=pk, by=by)
    return {"done": False}, {"done": True}


def _reopen(pk: int, _before: Values, _after: Values, by: User) -> list[str]:
    finish_task(task_id=pk, by=by, done=False)
    return []


def _put_off(pk: int, values: Values, by: User) -> tuple[Values, Values] | None:
    task = find_task(task_id=pk, by=by)
    if task.is_done:
        raise Refused(_("What is done can't be put off."))
    before = take_values(task, TIME, [])
    after = take_values(put_off(task_id=pk, days=int(values["days"]), by=by), TIME, [])
    return (before, after) if before != after else None


def _assign(pk: int, values: Values, by: User) -> tuple[Values, Values] | None:
    task = find_task(task_id=pk, by=by)
    before = take_values(task, ["assignee"], [])
    if before["assignee"] == values["assignee"]:
        return None
    edit_task(task_id=pk, by=by, assignee=User.objects.get(pk=values["assignee"]))
    return before, {"assignee": values["assignee"]}


def _known_person(values: Values, by: User) -> Values:
    if not User.objects.active().filter(pk=values["assignee"]).exists():
        raise Refused(_("This colleague doesn't work here any more. Choose another."))
    return values


def _put_back(pk: int, before: Values, after: Values, by: User) -> list[str]:
    return return_task(task_id=pk, before=before, after=after, by=by)
