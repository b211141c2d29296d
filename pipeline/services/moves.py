"""The move: one service behind the board, the deal's page, bulk actions and the API."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, live
from crm.errors import Refused, Stale
from crm.models import User
from pipeline import rules
from pipeline.gates import refusals
from pipeline.models import Deal, Stage
from pipeline.services.places import Place, lock_stages, read_place, set_rank, stale, step

MAX_BULK = 200
UNSEEN = 0  # the number of no card
TRIES = 5


class MovedMeanwhile(Exception):
    """The deal changed its column between looking and locking; look again."""


@dataclass(frozen=True)
class Move:
    """What came of a move; `at_end` when the card it was to stand above had left the column."""

    deal: Deal
    from_stage: Stage
    to_stage: Stage
    at_end: bool = False

    @property
    def changed_stage(self) -> bool:
        return self.from_stage.pk != self.to_stage.pk


def move_deal(*, deal_id: int, to_stage: int, before: int | None = None, version: int | None = None, by: User, origin: str = "") -> Move:
    """Put a deal into a stage right above the card `before` (none: at the end), as this person.

    Not visible: Http404. `version` older than the deal's: Stale. Stage of another pipeline, archived, closed deal or a gate
    that says no: Refused. A drop within the own column changes the rank alone. Five statements, whatever lies in the database.
    """
    return move_deals(deal_ids=[deal_id], to_stage=to_stage, before=before, versions={deal_id: version}, by=by, origin=origin)[0]


def move_deals(
    *,
    deal_ids: list[int],
    to_stage: int,
    before: int | None = None,
    versions: dict[int, int | None] | None = None,
    by: User,
    origin: str = "",
) -> list[Move]:
    """Move several deals together, in the given order; all or none. Errors as `move_deal`."""
    if len(deal_ids) > MAX_BULK:
        raise Refused(_("At most %(count)s deals can be moved at once.") % {"count": MAX_BULK})
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _move_all(list(dict.fromkeys(deal_ids)), to_stage, before, versions or {}, by, origin)
        except MovedMeanwhile:
            continue
    raise Stale(_("Somebody else keeps moving this deal. Look where it is now and try again."), None)


def _move_all(deal_ids: list[int], to_stage: int, before: int | None, versions: dict[int, int | None], by: User, origin: str) -> list[Move]:
    asked = deal_ids if before is None else [*deal_ids, before]
    found = dict(Deal.objects.visible_to(by).filter(pk__in=asked).values_list("pk", "stage_id"))
    seen = {deal_id: stage_id for deal_id, stage_id in found.items() if deal_id in deal_ids}
    if len(seen) != len(deal_ids):
        raise Http404(_("This deal doesn't exist, or you may not see it."))
    if before is not None and before not in found:
        before = UNSEEN  # as if it had left the column: where it stands is not for them to learn
    stages = lock_stages({*seen.values(), to_stage})
    if to_stage not in stages:
        raise Refused(_("This stage doesn't exist any more. Reload the board."))
    if len(deal_ids) > 1:  # one statement locks them in order of id; a single one is locked as it is read
        list(Deal.objects.filter(pk__in=deal_ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    moves = []
    for deal_id in deal_ids:
        place = read_place(deal_id, to_stage=to_stage, before=before)
        if place.deal.stage_id != seen[deal_id]:
            raise MovedMeanwhile
        moves.append(_move_one(place, stages[place.deal.stage_id], stages[to_stage], before, versions.get(deal_id), by))
    live.publish(f"pipeline:{moves[0].deal.pipeline_id}", stages={*seen.values(), to_stage}, origin=origin)
    return moves


def _move_one(place: Place, from_stage: Stage, to_stage: Stage, before: int | None, version: int | None, by: User) -> Move:
    deal = place.deal
    rules.require(by, "deal.move", deal)
    if version is not None and version != deal.version:
        raise stale(deal)
    _require_possible(deal, to_stage, by)
    at_end = before is not None and place.target_rank is None
    if from_stage.pk == to_stage.pk:
        set_rank(place, to_stage, place.rank(), before)
        Deal.objects.filter(pk=deal.pk).update(rank=deal.rank)
        return Move(deal, from_stage, to_stage, at_end)
    set_rank(place, to_stage, place.rank(), before)
    visit_id = step(place, to_stage, at=place.now(), by=by)
    events.record("deal.moved", record="deal", record_id=deal.pk, by=by, **{"from": from_stage.pk, "to": to_stage.pk, "visit": visit_id})
    return Move(deal, from_stage, to_stage, at_end)


def _require_possible(deal: Deal, to_stage: Stage, by: User) -> None:
    if not deal.is_open:
        raise Refused(_("This deal is closed. Reopen it first."))
    if to_stage.pipeline_id != deal.pipeline_id:
        raise Refused(_("This stage belongs to another pipeline."))
    if to_stage.pk == deal.stage_id:
        return
    if to_stage.archived_at:
        raise Refused(_("The stage “%(stage)s” is archived. Choose another.") % {"stage": to_stage.label})
    if reasons := refusals(deal=deal, to_stage=to_stage, by=by):
        raise Refused(*reasons)
