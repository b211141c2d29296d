"""What should be done about every deal of a pipeline, and what of it is done."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from pipeline.models.deals import Deal
from pipeline.models.pipelines import Labelled, LiveQuerySet, Pipeline, Stage


class ChecklistItem(Labelled):
    """A thing to tick, for every deal of the pipeline, in time for one stage or at any time.

    Deals don't copy it: their checklist is what stands here, and only ticks are theirs. So entering a stage writes nothing.
    """

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="checklist")
    stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["pipeline", "position", "id"]


class ChecklistTick(models.Model):
    """An item that is done for a deal."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="ticks", db_index=False)
    item = models.ForeignKey(ChecklistItem, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "item"], name="checklist_tick_once")]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.item_id}"
