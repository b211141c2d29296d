"""Pipelines, their stages, and the lists a deal chooses from."""

from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models.colours import Colour
from crm.models.organisation import currency_code


class Labelled(models.Model):
    """Something people named themselves, once or once per language."""

    name = models.CharField(_("name"), max_length=80)
    labels = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, else the plain name."""
        return self.labels.get((get_language() or "")[:2]) or self.name


class LiveQuerySet(models.QuerySet["Labelled"]):
    def live(self) -> Self:
        """Those not archived."""
        return self.filter(archived_at=None)


class Pipeline(Labelled):
    """One way of selling: an ordered list of stages, in one currency."""

    currency = models.CharField(_("currency"), max_length=3, default="RUB", validators=[currency_code])
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="pipeline_currency_code")]


class Stage(Labelled):
    """A step of the pipeline. Its position is where it stands today; figures of any day use today's order."""

    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    colour = models.CharField(_("colour"), max_length=10, choices=Colour, default=Colour.BLUE)
    probability = models.PositiveSmallIntegerField(
        _("win probability, %"), default=50, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    rot_days = models.PositiveSmallIntegerField(
        _("days until a deal rots"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "position"], name="stage_position_once", deferrable=models.Deferrable.DEFERRED),
            # What the deal's foreign key of stage and pipeline together points at.
            models.UniqueConstraint(fields=["id", "pipeline"], name="stage_with_its_pipeline"),
            models.CheckConstraint(condition=models.Q(probability__lte=100), name="stage_probability_percent"),
            models.CheckConstraint(condition=models.Q(colour__in=Colour.values), name="stage_colour_known"),
        ]


class Source(Labelled):
    """Where a deal came from."""

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="source_name_once")]


class LostReason(Labelled):
    """Why a deal was lost."""

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="lost_reason_name_once")]


class Competitor(Labelled):
    """Somebody else who sells to our clients."""

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="competitor_name_once")]
