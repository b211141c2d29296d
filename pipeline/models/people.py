"""The people whom a deal is talked over with, and their parts in it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Contact
from pipeline.models.deals import Deal
from pipeline.models.pipelines import Labelled, LiveQuerySet


class ContactRole(Labelled):
    """A part that somebody plays in a deal: decides, uses, advises."""

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="contact_role_name_once")]


class DealContact(models.Model):
    """Somebody who has a part in a deal; `deal.contact` stays the one to turn to first."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="people", db_index=False)
    contact = models.ForeignKey(Contact, verbose_name=_("contact"), on_delete=models.CASCADE, related_name="deal_parts")
    role = models.ForeignKey(ContactRole, verbose_name=_("role"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["deal", "id"]
        constraints = [models.UniqueConstraint(fields=["deal", "contact"], name="deal_contact_once")]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.contact_id}"
