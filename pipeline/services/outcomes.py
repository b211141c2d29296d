"""Winning, losing and reopening deals."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, live
from crm.errors import Refused
from crm.ids import read_id
from crm.models import User
from pipeline import rules
from pipeline.gates import refusals
from pipeline.models import Deal, Exit, LostReason, Outcome, Stage
from pipeline.services.competitors import find_or_add_competitor
from pipeline.services.places import Place, end_visit, lock_stages, open_visit, read_place, set_rank, stale, top_rank


def close_deal(
    *,
    deal_id: int,
    outcome: str,
    lost_reason: int | str | None = None,
    lost_to: int | str | None = None,
    version: int | None = None,
    by: User,
    origin: str = "",
) -> Deal:
    """Mark a deal won or lost; a loss needs its reason (id, or name: a new name is added to the list) and may name who won it instead.

    Not visible: Http404. Changed meanwhile: Stale. Closed already or no reason: Refused.
    """
    if outcome not in (Outcome.WON, Outcome.LOST):
        raise Refused(_("A deal is won or lost."))
    with transaction.atomic():
        place = _lock(deal_id, by)
        deal = place.deal
        rules.require(by, "deal.close", deal)
        if version is not None and version != deal.version:
            raise stale(deal)
        if not deal.is_open:
            raise Refused(_("This deal is closed already."))
        reason = _reason(lost_reason) if outcome == Outcome.LOST else None
        rival = find_or_add_competitor(lost_to) if lost_to and outcome == Outcome.LOST else None
        at = place.now()
        end_visit(place, exit=Exit(outcome), at=at, by=by, lost_reason=reason)
        deal.outcome, deal.closed_at, deal.rank, deal.lost_reason, deal.version = outcome, at, None, reason, deal.version + 1
        deal.lost_to = rival
        deal.save(update_fields=["outcome", "closed_at", "rank", "lost_reason", "lost_to", "version"])
        told = {"stage": deal.stage_id, "reason": reason and reason.name} | ({"lost_to": rival.name} if rival else {})
        events.record(f"deal.{outcome}", record="deal", record_id=deal.pk, by=by, **told)
        live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)
    return deal


def reopen_deal(*, deal_id: int, stage: int | None = None, version: int | None = None, by: User, origin: str = "") -> Deal:
    """Open a closed deal again, at the top of the stage it left or of another; the time between belongs to no stage."""
    with transaction.atomic():
        place = _lock(deal_id, by, stage)
        deal, closed_as = place.deal, place.deal.outcome
        rules.require(by, "deal.reopen", deal)
        if version is not None and version != deal.version:
            raise stale(deal)
        if deal.is_open:
            raise Refused(_("This deal is open already."))
        target = Stage.objects.select_related("pipeline").get(pk=stage or deal.stage_id)
        if target.pipeline_id != deal.pipeline_id:
            raise Refused(_("This stage belongs to another pipeline."))
        if target.archived_at:
            raise Refused(_("The stage “%(stage)s” is archived. Choose another.") % {"stage": target.label})
        if target.pipeline.archived_at:
            raise Refused(_("The pipeline “%(pipeline)s” is archived. An admin can bring it back.") % {"pipeline": target.pipeline.label})
        if target.pk != deal.stage_id and (reasons := refusals(deal=deal, to_stage=target, by=by)):
            raise Refused(*reasons)
        visit = open_visit(place, target, at=place.now(), by=by)
        set_rank(place, target, top_rank(target))
        deal.outcome, deal.closed_at, deal.lost_reason, deal.lost_to = Outcome.OPEN, None, None, None
        deal.stage_entered_at, deal.version = visit.entered_at, deal.version + 1
        deal.save(update_fields=["stage", "outcome", "closed_at", "lost_reason", "lost_to", "rank", "stage_entered_at", "version"])
        events.record("deal.reopened", record="deal", record_id=deal.pk, by=by, was=closed_as, to=target.pk, visit=visit.pk)
        live.publish(f"pipeline:{deal.pipeline_id}", stages=[target.pk], origin=origin)
    return deal


def _lock(deal_id: int, by: User, stage: int | None = None) -> Place:
    """Column first, then the deal; when it moved in between, once more."""
    while True:
        stage_id = Deal.objects.visible_to(by).filter(pk=deal_id).values_list("stage_id", flat=True).first()
        if stage_id is None:
            raise Http404(_("This deal doesn't exist, or you may not see it."))
        sid = transaction.savepoint()
        if stage is not None and stage not in lock_stages({stage_id, stage}):
            raise Refused(_("This stage doesn't exist any more. Reload the board."))
        if stage is None:
            lock_stages({stage_id})
        place = read_place(deal_id, to_stage=stage or stage_id)
        if place.deal.stage_id == stage_id:
            transaction.savepoint_commit(sid)
            return place
        transaction.savepoint_rollback(sid)  # gives the locks back: taking a second column now could close a ring


def _reason(given: int | str | None) -> LostReason:
    name = str(given or "").strip()
    if not name:
        raise Refused(_("Say why the deal was lost: choose a reason."))
    found = LostReason.objects.filter(pk=read_id(name)).first() if read_id(name) else None
    found = found or LostReason.objects.filter(name__iexact=name).first()
    if found is None and name.isdecimal():
        raise Refused(_("This reason doesn't exist any more. Choose another."))
    if found is None and len(name) > 80:
        raise Refused(_("A reason has at most 80 characters."))
    # Two people may type the same new reason at the same moment.
    return found or LostReason.objects.get_or_create(name__iexact=name, defaults={"name": name})[0]
