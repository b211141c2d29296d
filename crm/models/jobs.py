"""Work that goes on in the background: a row that workers take in turns, chunk by chunk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waits for its turn")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


OPEN = (JobState.WAITING, JobState.RUNNING)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> Self:
        """Everybody's own."""
        return self.filter(owner=user.pk)

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def leased(self, at: datetime) -> Self:
        """Those that a worker holds at this moment."""
        return self.open().filter(lease_until__gte=at)

    def claimable(self, at: datetime) -> Self:
        """Those that no worker holds, whoever has waited longest first, so that a short one never waits for the end of a long one."""
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        return self.open().filter(free).order_by(F("claimed_at").asc(nulls_first=True), "id")


class Job(models.Model):
    """One piece of background work; `cursor` is where its next chunk begins."""

    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="jobs")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    params = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    # How many pieces there are (none: not known yet), and how many of them are done.
    total = models.PositiveBigIntegerField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    # Which claim this is: a chunk of an earlier claim can't be committed any more.
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_by_owner"),
            # Small for ever: what is left to do.
            models.Index(fields=["claimed_at", "id"], condition=Q(state__in=OPEN), name="job_open"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_done(self) -> bool:
        return self.state == JobState.DONE

    def left(self, now: datetime) -> timedelta | None:
        """How long it will still take at the pace so far; None where nobody can say."""
        if not (self.is_open and self.started_at and self.total and 0 < self.done <= self.total):
            return None
        return (now - self.started_at) / self.done * (self.total - self.done)
