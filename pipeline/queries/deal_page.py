"""What the page and the drawer of a deal show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from crm.models import User
from pipeline.models import Deal, Stage, StageVisit
from pipeline.models.deals import DAY


@dataclass(frozen=True)
class Step:
    """A stage on the deal's path: the time it spent there in all its visits; the limit is for the present stay alone."""

    stage: Stage
    seconds: float | None
    visits: int
    is_current: bool
    is_behind: bool
    is_over: bool = False

    @property
    def is_skipped(self) -> bool:
        """Passed without a stay."""
        return self.is_behind and self.visits == 0

    @property
    def limit(self) -> float | None:
        """In seconds."""
        return self.stage.rot_days * DAY if self.stage.rot_days else None


def deal_for_page(*, viewer: User) -> QuerySet[Deal]:
    """Deals with all that their page names, in one query."""
    related = ("company", "contact", "owner", "team", "source", "stage", "pipeline", "lost_reason", "lost_to")
    return Deal.objects.visible_to(viewer).select_related(*related)


def visits_of(deal: Deal) -> list[StageVisit]:
    """The deal's history with who did it, in one query."""
    return list(deal.visits.select_related("stage", "entered_by", "left_by", "lost_reason").order_by("seq"))


def path(*, deal: Deal, stages: Iterable[Stage], visits: list[StageVisit], now: datetime) -> list[Step]:
    """The pipeline's stages with the time spent in each; no query."""
    seconds: dict[int, float] = {}
    count: dict[int, int] = {}
    for visit in visits:
        seconds[visit.stage_id] = seconds.get(visit.stage_id, 0.0) + ((visit.left_at or now) - visit.entered_at).total_seconds()
        count[visit.stage_id] = count.get(visit.stage_id, 0) + 1
    return [
        Step(
            stage=stage,
            seconds=seconds.get(stage.pk),
            visits=count.get(stage.pk, 0),
            is_current=stage.pk == deal.stage_id and deal.is_open,
            is_behind=deal.outcome == "won" or stage.position < deal.stage.position,
            is_over=stage.pk == deal.stage_id and deal.is_rotting(now),
        )
        for stage in stages
        if stage.archived_at is None or stage.pk in count
    ]


def neighbours(*, deal: Deal, viewer: User) -> dict[str, Any]:
    """The deals above and below in the column's order, of those that the viewer sees. Two queries."""
    if not deal.is_open:
        return {"previous": None, "next": None}
    column = Deal.objects.visible_to(viewer).open().filter(stage=deal.stage_id)
    return {
        "previous": column.filter(rank__lt=deal.rank).order_by("-rank").values_list("pk", flat=True).first(),
        "next": column.filter(rank__gt=deal.rank).order_by("rank").values_list("pk", flat=True).first(),
    }
