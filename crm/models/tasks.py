"""What is to be done next: tasks, about a record or about nothing in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.activities import About, PlannedQuerySet

if TYPE_CHECKING:
    from crm.models.users import User

MAX_REMIND = 28 * 24 * 60


class Priority(models.TextChoices):
    NONE = "none", pgettext_lazy("priority", "Normal")
    HIGH = "high", pgettext_lazy("priority", "High")


class Repeat(models.TextChoices):
    DAILY = "daily", pgettext_lazy("repeat", "Every day")
    WEEKDAYS = "weekdays", pgettext_lazy("repeat", "Every working day")
    WEEKLY = "weekly", pgettext_lazy("repeat", "Every week")
    MONTHLY = "monthly", pgettext_lazy("repeat", "Every month")
    YEARLY = "yearly", pgettext_lazy("repeat", "Every year")


class TaskQuerySet(PlannedQuerySet):
    """One's own are those that one has to do, and those that one gave to others."""

    def open(self) -> Self:
        return self.filter(done_at=None)

    def own_ways(self, user: User) -> list[Q]:
        return [Q(assignee=user), Q(created_by=user)]


class Task(About):
    """A next step: what, by when, by whom."""

    title = models.CharField(_("task"), max_length=200)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("assignee"), null=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    priority = models.CharField(_("priority"), max_length=10, choices=Priority, default=Priority.NONE, db_default=Priority.NONE)
    note = models.TextField(_("note"), blank=True, default="", db_default="", validators=[MaxLengthValidator(10_000)])
    # Minutes before it is due; empty: no reminder.
    remind = models.PositiveIntegerField(_("remind"), null=True, blank=True, validators=[MaxValueValidator(MAX_REMIND)])
    repeat = models.CharField(_("repeat"), max_length=10, choices=Repeat, blank=True, default="", db_default="")
    repeat_until = models.DateField(_("repeat until"), null=True, blank=True)
    # The day that the repetition counts from: a task of the 31st comes on the last of a shorter month, and on the 31st again.
    repeat_from = models.DateField(null=True, blank=True, editable=False)
    # The one whose end called for this one: finishing a task twice makes one next.
    previous = models.OneToOneField("self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="next")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["record", "record_id", "due_at"]),
            # My day reads the open tasks of one person in order of due time.
            models.Index(fields=["assignee", "due_at"], condition=Q(done_at=None), name="task_open_by_assignee"),
            # The calendar reads one person's tasks of some days, done or not; the list of what was done reads the latest.
            models.Index(fields=["assignee", "due_at"], name="task_by_assignee"),
            models.Index(fields=["assignee", "-done_at"], condition=Q(done_at__isnull=False), name="task_done_by_assignee"),
            # The same for an admin, who sees everybody's.
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="task_open_by_due"),
            # The list of all tasks, done or not.
            models.Index(fields=["due_at"], name="task_by_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(record="", record_id=0) | (~Q(record="") & Q(record_id__gt=0)), name="task_is_about_a_record_or_none"
            ),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="task_priority_known"),
            models.CheckConstraint(condition=Q(repeat__in=["", *Repeat.values]), name="task_repeat_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
