"""What the file of a deal tells of stages, as visits: exactly where a history is given, and marked as vague where it isn't."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from pipeline.models import Exit, LostReason, Outcome, Stage, StageVisit
from pipeline.services.history import Visit

if TYPE_CHECKING:
    from pipeline.importers.deals import DealDraft


def visits_of(
    draft: DealDraft, first: Stage, stages: Mapping[str, Stage], reasons: Mapping[str, LostReason], uploaded_at: datetime
) -> list[Visit]:
    """The stays. Where only the present stage is known, since when the deal has been there is not: that stay is vague."""
    created, exit = draft.created_at or timezone.now(), draft.outcome or Exit.NONE
    reason = reasons.get(draft.values["lost_reason"]) if draft.outcome == Outcome.LOST else None
    moves = [(at, stages[word]) for at, word in draft.moves if word in stages]
    if moves:
        return _told(moves, draft, exit, reason)
    closed = draft.closed_at or created if draft.outcome else None
    here = stages.get(draft.stage) or first
    since = draft.stage_since
    if since and created < since <= (closed or timezone.now()) and here != first:
        return [Visit(first, created, since, Exit.MOVED, is_vague=True), Visit(here, since, closed, exit, reason)]
    # Created today and standing in the first stage: nothing is unknown.
    is_vague = here != first or bool(draft.outcome) or created < uploaded_at
    return [Visit(here, created, closed, exit, reason, is_vague=is_vague)]


def _told(moves: list[tuple[datetime, Stage]], draft: DealDraft, exit: str, reason: LostReason | None) -> list[Visit]:
    """Stays out of a history: rows in which the stage did not change are edits of other fields, and begin none."""
    stays: list[tuple[datetime, Stage]] = []
    for at, stage in sorted(moves, key=lambda move: move[0]):
        if not stays or stays[-1][1] != stage:
            stays.append((at, stage))
    closed = max(draft.closed_at or stays[-1][0], stays[-1][0]) if draft.outcome else None
    visits = [Visit(stage, at, stays[index + 1][0], Exit.MOVED) for index, (at, stage) in enumerate(stays[:-1])]
    return [*visits, Visit(stays[-1][1], stays[-1][0], closed, exit, reason)]


def are_as_told(visits: list[Visit], present: list[StageVisit]) -> bool:
    """Whether the deal's history is this one already."""

    def plain(visit: Visit | StageVisit) -> tuple[object, ...]:
        reason = visit.lost_reason.pk if visit.lost_reason else None
        return visit.stage.pk, visit.entered_at, visit.left_at, str(visit.exit), reason, visit.is_vague

    return [plain(visit) for visit in visits] == [plain(visit) for visit in present]
