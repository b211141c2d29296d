"""Who else wants the deal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from pipeline.models.deals import Deal
from pipeline.models.pipelines import Competitor


class DealCompetitor(models.Model):
    """A competitor who bids for the same deal, and what we know about the bid."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="rivals", db_index=False)
    competitor = models.ForeignKey(Competitor, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["deal", "id"]
        constraints = [models.UniqueConstraint(fields=["deal", "competitor"], name="deal_competitor_once")]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.competitor_id}"
