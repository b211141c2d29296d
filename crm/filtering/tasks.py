"""What tasks can be filtered by; their days are cut by the clock of whoever looks, as everywhere where tasks are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import records
from crm.filtering.dates import DateType
from crm.filtering.fields import FilterField, register
from crm.filtering.reader import Reader
from crm.filtering.types import CHOICE, NOTHING, PERSON, RECORD, TEXT, YES_NO
from crm.models import Priority, Repeat
from crm.wall_clock import instant

STATES = {
    "open": pgettext_lazy("task state", "Open"),
    "overdue": pgettext_lazy("tasks", "Overdue"),
    "today": pgettext_lazy("task state", "Due today"),
    "planned": pgettext_lazy("tasks", "Coming"),
    "done": pgettext_lazy("task state", "Done"),
}
ABOUT = {"deal": _("Deal"), "contact": _("Contact"), "company": _("Company")}


class OwnDateType(DateType):
    """A day on the clock of whoever looks instead of the organisation's."""

    def condition(self, operator: str, value: Any, field: FilterField, reader: Reader) -> Q:
        return super().condition(operator, value, field, replace(reader, zone=reader.own_zone))


OWN_DATE = OwnDateType()


def about_state(operator: str, value: Any, reader: Reader) -> Q:
    """Open, and how that stands today; or done. A task always is one of them."""
    today = datetime.combine(reader.now.astimezone(reader.own_zone).date(), time())
    begins, ends = instant(today, reader.own_zone), instant(today + timedelta(days=1), reader.own_zone)
    conditions = {
        "open": Q(done_at=None),
        "overdue": Q(done_at=None, due_at__lt=begins),
        "today": Q(done_at=None, due_at__gte=begins, due_at__lt=ends),
        "planned": Q(done_at=None, due_at__gte=ends),
        "done": Q(done_at__isnull=False),
    }
    if operator in ("empty", "filled"):
        return NOTHING if operator == "empty" else Q()
    found = reduce(or_, [conditions[one] for one in _listed(value)])
    return ~found if operator in ("is_not", "none_of") else found


def among(column: str) -> Callable[[str, Any, Reader], Q]:
    """A word out of several, where an empty text is no word."""

    def condition(operator: str, value: Any, _reader: Reader) -> Q:
        if operator in ("empty", "filled"):
            return Q(**{column: ""}) if operator == "empty" else ~Q(**{column: ""})
        found = Q(**{f"{column}__in": _listed(value)})
        return ~found if operator in ("is_not", "none_of") else found

    return condition


def about_record(kind: str) -> Callable[[str, Any, Reader], Q]:
    """Which record of that kind a task is about, of those that the reader sees."""

    def condition(operator: str, value: Any, reader: Reader) -> Q:
        if operator in ("empty", "filled"):
            return ~Q(record=kind) if operator == "empty" else Q(record=kind)
        seen = records.kind_of(kind).visible_to(reader.user).filter(pk__in=_listed(value)).order_by().values("pk")
        found = Q(record=kind, record_id__in=seen)
        return ~found if operator == "is_not" else found

    return condition


def about_reminder(_operator: str, value: Any, _reader: Reader) -> Q:
    """With a reminder, or without one."""
    return Q(remind__isnull=not value)


def register_tasks() -> None:
    """Make them known; called once at start."""
    register(
        "task",
        FilterField("title", _("Task"), TEXT, "title"),
        FilterField("state", _("State"), CHOICE, condition=about_state, choices=lambda _reader: STATES.items()),
        FilterField("due", pgettext_lazy("task", "Due"), OWN_DATE, "due_at", is_instant=True),
        FilterField("assignee", pgettext_lazy("task", "Who does it"), PERSON, "assignee"),
        FilterField("created_by", pgettext_lazy("task", "From"), PERSON, "created_by"),
        FilterField("priority", _("Priority"), CHOICE, "priority", choices=lambda _reader: Priority.choices),
        FilterField("repeat", _("Repeat"), CHOICE, condition=among("repeat"), choices=lambda _reader: Repeat.choices),
        FilterField("remind", _("Reminder"), YES_NO, condition=about_reminder),
        FilterField("note", _("Details"), TEXT, "note"),
        FilterField("about", _("About"), CHOICE, condition=among("record"), choices=lambda _reader: ABOUT.items()),
        FilterField("contact", _("Contact"), RECORD, condition=about_record("contact"), record="contact"),
        FilterField("company", _("Company"), RECORD, condition=about_record("company"), record="company"),
        FilterField("done", pgettext_lazy("task", "Done"), OWN_DATE, "done_at", is_instant=True),
        FilterField("created", _("Added"), OWN_DATE, "created_at", is_instant=True),
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
