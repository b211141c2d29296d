"""What is to be done next: tasks, about a record or about nothing in particular."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.activities import About, AboutQuerySet


class TaskQuerySet(AboutQuerySet):
    def open(self) -> Self:
        return self.filter(done_at=None)


class Task(About):
    """A next step: what, by when, by whom."""

    title = models.CharField(_("task"), max_length=200)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("assignee"), null=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["record", "record_id", "due_at"]),
            # My day reads the open tasks of one person in order of due time.
            models.Index(fields=["assignee", "due_at"], condition=Q(done_at=None), name="task_open_by_assignee"),
            # The same for an admin, who sees everybody's.
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="task_open_by_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(record="", record_id=0) | (~Q(record="") & Q(record_id__gt=0)), name="task_is_about_a_record_or_none"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
