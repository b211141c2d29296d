"""Reminders: a time on the wall of a place, the instant that it means, and whether it has been told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.models.meetings import Meeting
from crm.models.tasks import Task


class WallTimeField(models.Field):
    """A day and a time as a clock on a wall shows them, without a zone."""

    def db_type(self, connection: Any) -> str:
        return "timestamp"

    def to_python(self, value: Any) -> datetime | None:
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    def value_to_string(self, obj: Any) -> str:
        value: Any = self.value_from_object(obj)
        return value.isoformat() if value else ""


class ReminderState(models.TextChoices):
    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"


class Reminder(models.Model):
    """One person is told of one task or meeting once per generation; every change of it begins a new one."""

    task = models.ForeignKey(Task, null=True, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    meeting = models.ForeignKey(Meeting, null=True, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    local_time = WallTimeField()
    zone = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ReminderState, default=ReminderState.PENDING)
    generation = models.PositiveIntegerField(default=1)
    fired_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)

    class Meta:
        indexes = [
            # Small for ever: what the tick looks through.
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="reminder_pending"),
            models.Index(fields=["user"], condition=Q(state="pending"), name="reminder_pending_by_user"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReminderState.values), name="reminder_state_known"),
            models.CheckConstraint(
                condition=Q(task__isnull=False, meeting=None) | Q(task=None, meeting__isnull=False), name="reminder_is_of_one_thing"
            ),
            models.UniqueConstraint(fields=["task", "user"], condition=Q(task__isnull=False), name="reminder_once_per_task"),
            models.UniqueConstraint(fields=["meeting", "user"], condition=Q(meeting__isnull=False), name="reminder_once_per_meeting"),
        ]

    def __str__(self) -> str:
        return f"{self.local_time} {self.zone}"
