"""The event journal, which is also the outbox: what happened, to what, by whom, caused by what."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils import timezone


class EventQuerySet(models.QuerySet["Event"]):
    def undispatched(self) -> Self:
        return self.filter(dispatched_at=None)

    def about(self, record: str, record_id: int) -> Self:
        return self.filter(record=record, record_id=record_id)


# What the timeline tells by the thing itself, so that the journal need not: a note, a call, a stay in a stage.
TOLD_ELSEWHERE = reduce(
    or_,
    (Q(type__startswith=f"{noun}.") for noun in ("note", "call", "message", "file", "meeting")),
    Q(type__in=["deal.created", "deal.moved", "deal.won", "deal.lost", "deal.reopened"]),
)


class Event(models.Model):
    """One thing that happened, named `noun.past_verb`, written in the transaction that made it happen."""

    type = models.CharField(max_length=60)
    record = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, db_index=False)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    caused_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, db_index=False)
    depth = models.PositiveSmallIntegerField(default=0)
    dispatched_at = models.DateTimeField(null=True)
    # How a timeline tells of it: as a task, as a change, or not at all. Kept by the database, whoever writes.
    line = models.GeneratedField(
        expression=Case(When(type__startswith="task.", then=Value("task")), When(TOLD_ELSEWHERE, then=Value("")), default=Value("change")),
        output_field=models.CharField(max_length=6),
        db_persist=True,
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["record", "record_id", "line", "-at", "-id"], condition=~Q(line=""), name="event_about"),
            # Everything that happened to a record, told or not: merging and taking an import back ask for it.
            models.Index(fields=["record", "record_id"], name="event_by_record"),
            # Few events have a cause; without it, deleting events would read the whole journal for each.
            models.Index(fields=["caused_by"], condition=Q(caused_by__isnull=False), name="event_by_cause"),
            # Small for ever: the sweeper finds what no worker has taken yet.
            models.Index(fields=["id"], condition=Q(dispatched_at=None), name="event_undispatched"),
        ]
        constraints = [models.CheckConstraint(condition=Q(depth__lte=5), name="event_chain_is_bounded")]

    def __str__(self) -> str:
        return f"{self.type} {self.record} {self.record_id}"
