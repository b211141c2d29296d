"""When each person last looked at a deal."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from pipeline.models.deals import Deal


class DealVisitMark(models.Model):
    """A person's last look at a deal, and the end of the sitting before it, from which "since your last visit" counts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField()
    before = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "user"], name="deal_visit_mark_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.deal_id}"
