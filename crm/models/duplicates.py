"""Records that may be the same, and those that were made one."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PairState(models.TextChoices):
    OPEN = "open", _("Open")
    MERGED = "merged", _("Merged")
    DISMISSED = "dismissed", _("Not the same")


class Likeness(models.TextChoices):
    """Why two records look like one."""

    EMAIL = "email", _("same e-mail")
    PHONE = "phone", _("same phone")
    NAME = "name", _("same name")
    SIMILAR = "similar", _("similar name")
    COMPANY = "company", _("same company")
    WEBSITE = "website", _("same website")


class DuplicatePair(models.Model):
    """Two contacts or two companies that look like one; the smaller id is `a`."""

    kind = models.CharField(max_length=20)
    a = models.BigIntegerField()
    b = models.BigIntegerField()
    reasons = ArrayField(models.CharField(max_length=10, choices=Likeness))
    score = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=PairState, default=PairState.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "a", "b"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="duplicate_pair_in_order"),
            models.CheckConstraint(condition=Q(kind__in=["company", "contact"]), name="duplicate_pair_kind_known"),
            models.CheckConstraint(condition=Q(state__in=PairState.values), name="duplicate_pair_state_known"),
        ]
        indexes = [
            models.Index(F("kind"), F("score").desc(), F("id").desc(), condition=Q(state="open"), name="duplicate_pair_open"),
            models.Index(fields=["kind", "b"], name="duplicate_pair_by_b"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.a} {self.b}"

    @property
    def words(self) -> list[str]:
        """The reasons in words."""
        return [str(Likeness(reason).label) for reason in self.reasons]


class MergeQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Those that were not undone."""
        return self.filter(undone_at=None)


class Merge(models.Model):
    """One record taken into another: both as they were, and every reference that moved, so that it can be undone to the letter.

    Rows are kept as the database writes them (JSON in text), since numbers and times read by Python could come back rounded.
    """

    kind = models.CharField(max_length=20)
    kept_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    gone_name = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    gone = models.TextField()
    kept_before = models.TextField()
    kept_after = models.TextField()
    # {"crm.note.record": [ids that pointed to the one that is gone]}, and rows that the kept one had already: [["crm.snooze", row]].
    moved = models.JSONField(default=dict)
    dropped = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = MergeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "gone_id"], condition=Q(undone_at=None), name="merge_gone_once")]
        indexes = [models.Index(fields=["kind", "kept_id"], condition=Q(undone_at=None), name="merge_by_kept")]

    def __str__(self) -> str:
        return f"{self.kind} {self.gone_id} → {self.kept_id}"
