"""Deals, and what their terms were at any time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Company, Contact, Team
from crm.models.custom_fields import custom_index, custom_is_object, custom_values
from crm.models.organisation import currency_code
from crm.models.tags import tags_field
from crm.models.visibility import OwnedQuerySet
from crm.money import MAX_AMOUNT
from pipeline.models.pipelines import Competitor, LostReason, Pipeline, Source, Stage

SANE_AMOUNT = Q(amount=None) | Q(amount__gte=0, amount__lte=MAX_AMOUNT)
CLOSED = Q(closed_at__isnull=False)
# As lists order it, with those that have no such instant at the end.
LATEST = F("closed_at").desc(nulls_last=True)
DAY = 86_400


class Outcome(models.TextChoices):
    OPEN = "", _("Open")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


class NextStep(models.TextChoices):
    """How a deal's next step stands on a day in the organisation's zone."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Today")
    PLANNED = "planned", _("Planned")
    NONE = "none", _("No next step")


def next_step_state(due: date | None, today: date) -> str:
    """The state of a next step that is due on that day."""
    if due is None:
        return NextStep.NONE
    return NextStep.OVERDUE if due < today else NextStep.TODAY if due == today else NextStep.PLANNED


def next_step_condition(state: str, today: date) -> Q:
    """The same, as a condition on `next_step_on`."""
    return {
        NextStep.OVERDUE: Q(next_step_on__lt=today),
        NextStep.TODAY: Q(next_step_on=today),
        NextStep.PLANNED: Q(next_step_on__gt=today),
        NextStep.NONE: Q(next_step_on=None),
    }[NextStep(state)]


class DealQuerySet(OwnedQuerySet):
    def open(self) -> Self:
        return self.filter(outcome=Outcome.OPEN)

    def won(self) -> Self:
        return self.filter(outcome=Outcome.WON)

    def lost(self) -> Self:
        return self.filter(outcome=Outcome.LOST)

    def in_pipeline(self, pipeline: Pipeline) -> Self:
        return self.filter(pipeline=pipeline)

    def in_stage(self, stage: Stage) -> Self:
        return self.filter(stage=stage)

    def rotting(self, stages: list[Stage], now: datetime) -> Self:
        """Open deals that have stood in one of these stages longer than it allows."""
        limits = [Q(stage=s, stage_entered_at__lt=now - timedelta(days=s.rot_days)) for s in stages if s.rot_days]
        condition = Q(pk__in=[])
        for limit in limits:
            condition |= limit
        return self.open().filter(condition)


class Deal(models.Model):
    """Something we try to sell. `version` counts moves and outcomes; `rank` orders the open deals of a stage."""

    title = models.CharField(_("title"), max_length=200)
    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="deals", db_index=False)
    # The database holds stage and pipeline together by one key (migration 0003), so that a deal never stands in another pipeline's stage.
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="deals", db_index=False, db_constraint=False)
    amount = models.DecimalField(
        _("amount"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MAX_AMOUNT)],
    )
    currency = models.CharField(_("currency"), max_length=3, validators=[currency_code])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL, related_name="deals"
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL, related_name="deals")
    company = models.ForeignKey(Company, verbose_name=_("company"), null=True, blank=True, on_delete=models.SET_NULL, related_name="deals")
    contact = models.ForeignKey(Contact, verbose_name=_("contact"), null=True, blank=True, on_delete=models.SET_NULL, related_name="deals")
    source = models.ForeignKey(Source, verbose_name=_("source"), null=True, blank=True, on_delete=models.SET_NULL, db_index=False)
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    rank = models.DecimalField(max_digits=60, decimal_places=30, null=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    tags = tags_field()
    outcome = models.CharField(_("outcome"), max_length=4, choices=Outcome, default=Outcome.OPEN, blank=True)
    lost_reason = models.ForeignKey(
        LostReason, verbose_name=_("lost reason"), null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    lost_to = models.ForeignKey(
        Competitor, verbose_name=_("lost to"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # Then the database holds the amount equal to the sum of the items' totals.
    amount_from_items = models.BooleanField(_("amount from items"), default=False, db_default=False, editable=False)
    # When the first visit began: the date by which cohorts are cut.
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Kept beside the open visit and the earliest open task, so that a card needs no join.
    stage_entered_at = models.DateTimeField(default=timezone.now, editable=False)
    next_step_on = models.DateField(null=True, blank=True, editable=False)
    # The key in the file a deal was imported from; importing the same file again adds nothing.
    import_key = models.CharField(max_length=200, null=True, blank=True, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    custom = custom_values()

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        constraints = [
            models.CheckConstraint(condition=SANE_AMOUNT, name="deal_amount_sane"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="deal_currency_code"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="deal_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome="", rank__isnull=False, closed_at=None) | (~Q(outcome="") & Q(rank=None, closed_at__isnull=False)),
                name="deal_open_has_rank",
            ),
            # PostgreSQL's NaN is greater than every number.
            models.CheckConstraint(condition=Q(rank=None) | Q(rank__lt=Decimal("1e29")), name="deal_rank_is_a_number"),
            models.CheckConstraint(condition=Q(outcome="lost") | Q(lost_reason=None), name="deal_reason_only_when_lost"),
            models.CheckConstraint(condition=Q(outcome="lost") | Q(lost_to=None), name="deal_rival_only_when_lost"),
            # Both the promise of one card per place and the index that reads a column in order.
            models.UniqueConstraint(fields=["stage", "rank"], condition=Q(outcome=""), name="deal_rank_once_in_stage"),
            models.UniqueConstraint(fields=["pipeline", "import_key"], condition=Q(import_key__isnull=False), name="deal_import_key_once"),
            custom_is_object("deal_custom_is_object"),
        ]
        indexes = [
            # The same column through a rep's and a team's rights.
            models.Index(fields=["owner", "stage", "rank"], condition=Q(outcome=""), name="deal_column_by_owner"),
            models.Index(fields=["team", "stage", "rank"], condition=Q(outcome=""), name="deal_column_by_team"),
            models.Index(fields=["pipeline", "created_at"], name="deal_cohort"),
            # What was won or lost lately, through each of a viewer's rights. Moves of open deals write none of them.
            models.Index("outcome", LATEST, condition=CLOSED, name="deal_closed"),
            models.Index("owner", "outcome", LATEST, condition=CLOSED, name="deal_closed_by_owner"),
            models.Index("team", "outcome", LATEST, condition=CLOSED, name="deal_closed_by_team"),
            custom_index("deal_by_custom"),
            # A move writes this only for the few deals that carry a tag.
            GinIndex(fields=["tags"], condition=~Q(tags=[]), name="deal_by_tag"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.outcome == Outcome.OPEN

    def seconds_in_stage(self, now: datetime) -> float:
        """How long the deal has stood in its stage; until it closed, for a closed one."""
        return ((self.closed_at or now) - self.stage_entered_at).total_seconds()

    def days_in_stage(self, now: datetime) -> int:
        return int(self.seconds_in_stage(now) // DAY)

    def is_rotting(self, now: datetime) -> bool:
        """Has it stood longer than its stage allows? Needs the stage loaded."""
        limit = self.stage.rot_days
        return self.is_open and limit is not None and self.seconds_in_stage(now) > limit * DAY

    @property
    def terms(self) -> dict[str, Any]:
        """What a dated row of `DealTerms` repeats."""
        return {field: getattr(self, field) for field in ("amount", "currency", "owner_id", "team_id", "expected_close")}


class DealTerms(models.Model):
    """What a deal was about from an instant on: amount, currency, owner, expected close."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="terms_history", db_index=False)
    since = models.DateTimeField()
    amount = models.DecimalField(max_digits=15, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    expected_close = models.DateField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        ordering = ["deal", "since", "id"]
        indexes = [models.Index(F("deal"), F("since").desc(), name="deal_terms_as_of")]
        constraints = [
            models.CheckConstraint(condition=SANE_AMOUNT, name="deal_terms_amount_sane"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="deal_terms_currency_code"),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.since}"
