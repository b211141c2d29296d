"""What a reader asks of a report: which deals, as of when, counted how."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, Subquery, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import segments
from crm.filtering.reader import Reader
from crm.models import SavedView, Team, User
from pipeline.models import Deal, DealTerms, Source
from pipeline.models.deals import DealQuerySet

HORIZON = 90


class Cohort(TextChoices):
    """By what the deals are chosen: when they began, or when each reached the stage."""

    CREATED = "created", _("deals that began in the period")
    ENTERED = "entered", _("deals that reached the stage in the period")


class Count(TextChoices):
    """Who has entered a stage: whoever got that far, or only who stayed there."""

    FURTHEST = "furthest", _("reached or passed")
    VISITED = "visited", _("visited only")


class Per(TextChoices):
    """What a stay is: one visit, or all visits of a deal to the stage together."""

    VISIT = "visit", _("per visit")
    DEAL = "deal", _("per deal")


@dataclass(frozen=True, slots=True)
class Filters:
    """A question to the history; days are cut in `zone`, and only what happened before `as_of` (now, if None) is known."""

    period_from: date | None = None
    period_to: date | None = None
    as_of: datetime | None = None
    owner: User | None = None
    team: Team | None = None
    source: Source | None = None
    # A saved view of deals, or of the contacts or companies behind them, as they are today; `reader` says whose “me” it means.
    segment: SavedView | None = None
    reader: Reader | None = None
    cohort: str = Cohort.CREATED
    count: str = Count.FURTHEST
    per: str = Per.VISIT
    horizon_days: int = HORIZON
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    now: datetime = field(default_factory=timezone.now)

    @property
    def at(self) -> datetime:
        """The instant up to which the history is known."""
        return self.as_of or self.now

    @property
    def since(self) -> datetime | None:
        """The first instant of the period."""
        return self._midnight(self.period_from) if self.period_from else None

    @property
    def until(self) -> datetime | None:
        """The first instant after the period."""
        return self._midnight(self.period_to + timedelta(days=1)) if self.period_to else None

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def by_creation(self) -> Self:
        """The same question about the deals that began in the period."""
        return replace(self, cohort=Cohort.CREATED)

    def deals(self, viewer: User) -> DealQuerySet:
        """The deals that the question is about, of those the viewer may see."""
        deals = Deal.objects.visible_to(viewer)
        if self.source:
            deals = deals.filter(source=self.source)
        if self.segment and self.reader:
            deals = deals.filter(segments.condition(self.segment, self.reader, about="deal"))
        if self.cohort == Cohort.CREATED and self.since:
            deals = deals.filter(created_at__gte=self.since)
        if self.cohort == Cohort.CREATED and self.until:
            deals = deals.filter(created_at__lt=self.until)
        belonging = Q()
        if self.owner:
            belonging &= Q(owner=self.owner) if self.as_of is None else Q(owner_then=self.owner.pk)
        if self.team:
            belonging &= Q(team=self.team) if self.as_of is None else Q(team_then=self.team.pk)
        if belonging and self.as_of:
            deals = deals.annotate(owner_then=self._term("owner"), team_then=self._term("team"))
        return deals.filter(belonging)

    def _term(self, name: str) -> Subquery:
        """What a dated term of the deal was at the as-of time."""
        known = DealTerms.objects.filter(deal=OuterRef("pk"), since__lt=self.as_of)
        return Subquery(known.order_by("-since", "-pk").values(name)[:1])
