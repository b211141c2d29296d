"""What people are told in the app and by mail."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(models.Model):
    """One thing told to one person; `words` are the parameters of its kind's sentence (crm/notices.py)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=40)
    # The same key tells the same person once, however often it is tried.
    key = models.CharField(max_length=120)
    record = models.CharField(max_length=20, blank=True)
    record_id = models.BigIntegerField(default=0)
    words = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_by_user"),
            # The bell of every page counts these.
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="notification_unread"),
            # What was told of a record goes along when it is merged or deleted.
            models.Index(fields=["record", "record_id"], condition=~Q(record=""), name="notification_about"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notification_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class LetterState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Letter(models.Model):
    """A notification on its way by mail: sent at least once, always under the Message-ID it got when it was written."""

    notification = models.OneToOneField(Notification, on_delete=models.CASCADE, related_name="letter")
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When to try (again); while it is being sent, when to believe that the sender died.
    next_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], condition=Q(state__in=["waiting", "sending"]), name="letter_to_send")]
        constraints = [models.CheckConstraint(condition=Q(state__in=LetterState.values), name="letter_state_known")]

    def __str__(self) -> str:
        return self.message_id
