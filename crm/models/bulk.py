"""What was done to many records at once, and how each was before."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def visible_to(self, user: Any) -> Self:
        """Everybody's own."""
        return self.filter(by=user.pk)

    def before(self, at: datetime) -> Self:
        return self.filter(at__lt=at)


class BulkChange(models.Model):
    """One act on many records. `ids` were picked by hand; without them it is all that `query`, a list's address, matches.

    `cursor` is the last record that was dealt with, while it is undone the last row; `counts` what came of it so far.
    """

    kind = models.CharField(max_length=20)
    action = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    ids = models.JSONField(null=True)
    query = models.TextField(blank=True)
    # Records that came later are left alone.
    last_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    cursor = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    undo_cursor = models.BigIntegerField(null=True)
    undo_began_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="bulk_change_by_age")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ids__isnull=False, query="") | (Q(ids__isnull=True) & ~Q(query="")), name="bulk_change_of_picked_or_asked"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.action}"

    def to_undo(self) -> models.QuerySet[BulkRow]:
        """The rows that are still to be taken back."""
        rows = self.rows.filter(refused="")
        return rows if self.undo_cursor is None else rows.filter(record_id__lt=self.undo_cursor)


class BulkRow(models.Model):
    """One record of it: the fields that changed before and after, or why it was refused; after an undo what stays and why."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="rows", db_index=False)
    record_id = models.BigIntegerField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    refused = models.TextField(blank=True)
    kept = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "record_id"], name="bulk_row_once")]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.record_id}"
