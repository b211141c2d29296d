"""When each person last looked at a deal."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from pipeline.models.deals import Deal

# Looks that follow within it are one visit: what is new stays marked while one reads, reloads and answers the phone.
SITTING = timedelta(minutes=30)


class DealVisitMark(models.Model):
    """A person's last look at a deal, and the end of the sitting before it, from which "since your last visit" counts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField()
    before = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "user"], name="deal_visit_mark_once")]

    def since(self, now: datetime) -> datetime | None:
        """From when on things are new: the end of the visit before this one, which goes on while one looks."""
        return self.before if now - self.seen_at <= SITTING else self.seen_at

    def __str__(self) -> str:
        return f"{self.user_id} {self.deal_id}"
