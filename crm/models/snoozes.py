"""What a person has put off in their day."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone


class SnoozeQuerySet(models.QuerySet[Any]):
    def hiding(self, record: str, *, user: models.Model, now: datetime) -> Self:
        """This person's of one kind of record that still last."""
        return self.filter(user=user, record=record, until__gt=now)


class Snooze(models.Model):
    """A record that one person doesn't want to be reminded of before an instant; for everybody else nothing changes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snoozes", db_index=False)
    record = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    until = models.DateTimeField()
    # What comes after this is news: a message about the record is shown all the same.
    since = models.DateTimeField(default=timezone.now)

    objects = SnoozeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["record", "record_id"], name="snooze_about")]
        constraints = [
            models.UniqueConstraint(fields=["user", "record", "record_id"], name="snooze_once"),
            models.CheckConstraint(condition=~Q(record="") & Q(record_id__gt=0), name="snooze_is_about_a_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.record_id}"


def not_snoozed(record: str, *, user: models.Model, now: datetime) -> Q:
    """A condition on rows of that kind: this person hasn't put them off."""
    return ~Q(Exists(Snooze.objects.hiding(record, user=user, now=now).filter(record_id=OuterRef("pk"))))
