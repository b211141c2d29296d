"""Tags that were renamed, put together or deleted, and what is needed to take that back."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.models.tags import MAX_TAG


class TagChange(models.Model):
    """`name` was carried by records; since then they carry `into`, or nothing where that is empty.

    `is_merge`: `into` was a tag before. `views` are the saved views that named it: `[id, filter before, filter after]`. `cursor` is the
    record up to which it is done, `counts` how many of each kind.
    """

    name = models.CharField(max_length=MAX_TAG)
    into = models.CharField(max_length=MAX_TAG, blank=True)
    is_merge = models.BooleanField(default=False)
    colour = models.CharField(max_length=10)
    views = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    undo_began_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(is_merge=True, into=""), name="tag_change_merges_into_something")]

    def __str__(self) -> str:
        return f"{self.name} → {self.into}"


class TagChangeRow(models.Model):
    """The tags of one record before a merge or deletion; after a renaming the new name says it all."""

    change = models.ForeignKey(TagChange, on_delete=models.CASCADE, related_name="rows", db_index=False)
    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    before = ArrayField(models.CharField(max_length=MAX_TAG))
    after = ArrayField(models.CharField(max_length=MAX_TAG))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "kind", "record_id"], name="tag_change_row_once")]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.kind} {self.record_id}"
