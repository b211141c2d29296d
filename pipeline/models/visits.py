"""The history of stages: the system of record behind every figure."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Case, F, Func, Q, When
from django.utils.translation import gettext_lazy as _

from pipeline.models.deals import Deal
from pipeline.models.pipelines import LostReason, Stage


class Exit(models.TextChoices):
    """How a visit ended."""

    NONE = "", _("Still there")
    MOVED = "moved", _("Moved")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class Fate(models.TextChoices):
    """What became of the deal after the visit that took it further than ever before."""

    OPEN = "", _("Open")
    ADVANCED = "advanced", _("Advanced")
    LOST = "lost", _("Lost")


class StayRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Steps(Func):
    """A span of time in whole steps of ten minutes, upwards: fine enough for figures over millions of stays."""

    template = "ceil(date_part('epoch', %(expressions)s) / 600)::integer"
    arg_joiner = " - "
    output_field = models.IntegerField()


class VisitQuerySet(models.QuerySet["StageVisit"]):
    def open(self) -> Self:
        return self.filter(left_at=None)

    def front(self) -> Self:
        """The visits that broke new ground."""
        return self.filter(is_front=True)


class StageVisit(models.Model):
    """One stay of a deal in a stage, from `entered_at` until just before `left_at`.

    `seq` orders the visits of a deal, since two may begin at the same instant.
    `is_front` and all below it follow from the rest (`pipeline.services.fates`); they stand here so that a funnel over
    a million deals reads one row per step forward. `stay_steps` and `fate_steps` are kept by the database, so that such a funnel
    reads no row at all but two narrow indexes.
    """

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="visits", db_index=False)
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="visits", db_index=False)
    seq = models.PositiveIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    exit = models.CharField(max_length=5, choices=Exit, default=Exit.NONE, blank=True)
    lost_reason = models.ForeignKey(LostReason, null=True, on_delete=models.PROTECT, db_index=False)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    is_front = models.BooleanField(default=False)
    furthest_before = models.ForeignKey(Stage, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    fate = models.CharField(max_length=8, choices=Fate, default=Fate.OPEN, blank=True)
    fate_at = models.DateTimeField(null=True)
    # Of a stay on a way back: the first one in a stage that the deal had leaped over; one that came from a later stage.
    is_late = models.BooleanField(default=False, db_default=False)
    is_back = models.BooleanField(default=False, db_default=False)

    # Only that the deal was here is known, not since when: it came from where stages had no history. Figures of time leave it out.
    is_vague = models.BooleanField(default=False, db_default=False)

    stay_steps = models.GeneratedField(
        expression=Case(When(is_vague=False, then=Steps("left_at", "entered_at"))),
        output_field=models.IntegerField(null=True),
        db_persist=True,
        editable=False,
    )
    fate_steps = models.GeneratedField(
        expression=Steps("fate_at", "entered_at"), output_field=models.IntegerField(null=True), db_persist=True, editable=False
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["deal", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "seq"], name="visit_seq_once"),
            # Carries what a figure asks of an open stay.
            models.UniqueConstraint(
                fields=["deal"],
                include=["stage", "entered_at", "is_front", "is_vague"],
                condition=Q(left_at=None),
                name="visit_one_open_per_deal",
            ),
            models.CheckConstraint(
                # Said twice, since a check that compares with NULL lets everything pass.
                condition=Q(left_at=None, exit="") | (Q(left_at__isnull=False, left_at__gte=F("entered_at")) & ~Q(exit="")),
                name="visit_ends_after_it_began",
            ),
            models.CheckConstraint(condition=Q(exit__in=Exit.values), name="visit_exit_known"),
            models.CheckConstraint(condition=Q(exit="lost") | Q(lost_reason=None), name="visit_reason_only_when_lost"),
            models.CheckConstraint(
                condition=Q(fate="", fate_at=None) | (~Q(fate="") & Q(fate_at__isnull=False)), name="visit_fate_has_time"
            ),
            ExclusionConstraint(
                name="visit_no_overlap",
                expressions=[
                    ("deal", RangeOperators.EQUAL),
                    (StayRange("entered_at", "left_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            # Read alone and in order, these two answer for what is over in the funnel and the time in stage
            # (docs/adr, "Figures read two indexes"). Few values and no deal among them, so equal entries share their place:
            # eight bytes a visit.
            models.Index(
                fields=["stage", "furthest_before", "fate", "fate_steps"], condition=Q(is_front=True) & ~Q(fate=""), name="visit_fates"
            ),
            models.Index(
                fields=["stage", "is_front", "stay_steps"], condition=Q(left_at__isnull=False, is_vague=False), name="visit_stays"
            ),
            # What is still open is few: as many steps as open deals.
            models.Index(
                fields=["deal"], include=["stage", "furthest_before", "entered_at"], condition=Q(is_front=True, fate=""), name="visit_ahead"
            ),
            # What came without a history: none, or all of one import. Moves never write it.
            models.Index(fields=["stage"], condition=Q(is_vague=True), name="visit_vague"),
            # Ways back are few: re-entries, moves back and late returns.
            models.Index(
                fields=["stage", "deal"],
                include=["entered_at", "left_at", "is_late", "is_back"],
                condition=Q(is_front=False),
                name="visit_returns",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}/{self.seq}"
