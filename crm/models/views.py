"""Kept ways to look at a list: which records, which columns, in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from crm.models.users import User


class Layout(models.TextChoices):
    """How the records of a view are shown."""

    LIST = "list", _("List")
    BOARD = "board", _("Board")
    CALENDAR = "calendar", _("Calendar")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def live(self) -> Self:
        return self.filter(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """Own views and shared ones; a private view is its owner's alone, whoever asks."""
        return self.live().filter(Q(owner=user) | Q(is_shared=True))


class SavedView(models.Model):
    """A filter, columns, an order and a layout under a name; over contacts, companies or deals it is a segment.

    It holds no records: whoever opens a shared one sees those of their own that fit.
    """

    kind = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    filter = models.JSONField(default=dict, blank=True)
    columns = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    order = models.CharField(max_length=80, blank=True)
    layout = models.CharField(max_length=10, choices=Layout, default=Layout.LIST)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Deleted ones are kept, so that an undo brings them back to wherever they were pinned.
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["kind", "owner"], condition=Q(deleted_at=None), name="view_live_by_owner")]
        constraints = [
            models.CheckConstraint(condition=Q(layout__in=Layout.values), name="view_layout_known"),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
