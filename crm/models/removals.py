"""Records that were deleted, kept whole for a while so that they can be brought back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm.models.users import Team
from crm.models.visibility import OwnedQuerySet, branches

if TYPE_CHECKING:
    from datetime import datetime

    from crm.models.users import User

# Afterwards a deleted record is gone for good, with its files.
KEPT = timedelta(days=30)


class RemovalQuerySet(OwnedQuerySet):
    def ways_to_see(self, user: User) -> list[Q]:
        """As the record was seen, and one's own deletions."""
        seen = branches(user)
        return [*seen, Q(by=user.pk)] if seen and not user.is_admin else seen

    def standing(self) -> Self:
        """Those that were not taken back."""
        return self.filter(restored_at=None)


class Removal(models.Model):
    """A record that was taken out with everything about it. Owner and team are the record's, so that it is seen by whom it was."""

    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    # Only who leads may bring it back, as only they could delete it.
    is_led = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    restored_at = models.DateTimeField(null=True)
    restored_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = RemovalQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], condition=Q(restored_at=None), name="removal_once")]
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), condition=Q(restored_at=None), name="removal_latest"),
            models.Index(fields=["at"], name="removal_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"

    @property
    def kept_until(self) -> datetime:
        """When it is gone for good."""
        return self.at + KEPT


class RemovedRow(models.Model):
    """A row that was taken out, as the database writes it.

    It goes in and out there alone: numbers read by Python could come back rounded.
    """

    removal = models.ForeignKey(Removal, on_delete=models.CASCADE, related_name="rows", db_index=False)
    label = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    row: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        # A row is out once at most, so this finds who holds what another one misses.
        constraints = [models.UniqueConstraint(fields=["label", "row_id"], name="removed_row_once")]
        indexes = [models.Index(fields=["removal", "id"], name="removed_row_of_removal")]

    def __str__(self) -> str:
        return f"{self.label} {self.row_id}"


class RemovedLink(models.Model):
    """A row that stays, but pointed to one that was taken out: `reference` is its column (`pipeline.deal.contact_id`)."""

    removal = models.ForeignKey(Removal, on_delete=models.CASCADE, related_name="links")
    reference = models.CharField(max_length=100)
    row_id = models.BigIntegerField()
    target_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.reference} {self.row_id}"
