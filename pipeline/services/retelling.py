"""A deal's history told anew by a file that knows it better, and given back as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from crm import live
from pipeline.models import Deal, DealTerms, Outcome, Pipeline, StageVisit
from pipeline.services.bulk import copy_rows
from pipeline.services.history import VISIT, Visit, check_visits, find_last_ranks, lock_columns, visit_rows

# What a deal repeats of its visits.
PLACE = (
    *("stage_id", "rank", "version", "outcome", "lost_reason_id", "lost_to_id"),
    *("created_at", "closed_at", "stage_entered_at", "next_step_on"),
)
KEPT = ["id", *VISIT]
ASIDE = Decimal("-1e20")
Snapshot = dict[str, Any]


def retell(*, pipeline: Pipeline, deals: Sequence[Deal], told: Mapping[int, Sequence[Visit]]) -> dict[int, Snapshot]:
    """Replace the visits of these deals, which the caller has locked after their columns: `take_history` beforehand gives them back.

    No gates and no automation: what is told has happened already. Answers what each history is now.
    """
    stages = {stage.pk: stage for stage in lock_columns(pipeline)}
    for deal in deals:
        check_visits(deal.title, told[deal.pk], stages)
    StageVisit.objects.filter(deal__in=deals).delete()
    copy_rows(StageVisit, VISIT, [row for deal in deals for row in visit_rows(deal.pk, told[deal.pk], stages)])
    ranks = find_last_ranks(pipeline)
    for deal in deals:
        _follow(deal, told[deal.pk], ranks)
        # Terms reach back as far as the history does.
        first = DealTerms.objects.filter(deal=deal).order_by("since", "id").first()
        if first and deal.created_at < first.since:
            DealTerms.objects.filter(pk=first.pk).update(since=deal.created_at)
    _write(deals)
    live.publish(f"pipeline:{pipeline.pk}", stages={deal.stage_id for deal in deals})
    return take_history(deals)


def take_history(deals: Iterable[Deal]) -> dict[int, Snapshot]:
    """What `give_history` gives back: visits, the deal's place, and since when its terms are known. Two queries."""
    ids = [deal.pk for deal in deals]
    taken: dict[int, Snapshot] = {
        deal.pk: {"visits": [], "place": {name: _plain(getattr(deal, name)) for name in PLACE}} for deal in Deal.objects.filter(pk__in=ids)
    }
    for row in StageVisit.objects.filter(deal__in=ids).order_by("deal", "seq").values(*KEPT):
        taken[row["deal_id"]]["visits"].append([_plain(row[name]) for name in KEPT])
    firsts = DealTerms.objects.filter(deal__in=ids).order_by("deal", "since", "id").distinct("deal")
    for deal_id, pk, since in firsts.values_list("deal_id", "pk", "since"):
        taken[deal_id]["terms"] = [pk, _plain(since)]
    return taken


def mark_of(taken: Snapshot) -> str:
    """By which it is seen whether a history has gone on since."""
    return hashlib.sha256(json.dumps(taken["visits"]).encode()).hexdigest()[:24]


def give_history(*, pipeline: Pipeline, deals: Sequence[Deal], before: Mapping[int, Snapshot]) -> None:
    """Give these deals, which the caller has locked after their columns, the visits back that they had."""
    StageVisit.objects.filter(deal__in=deals).delete()
    copy_rows(StageVisit, KEPT, [row for deal in deals for row in before[deal.pk]["visits"]])
    ranks = find_last_ranks(pipeline)
    others = Deal.objects.in_pipeline(pipeline).open().filter(rank__in=_ranks(before)).exclude(pk__in=[deal.pk for deal in deals])
    taken = set(others.values_list("stage_id", "rank"))
    for deal in deals:
        for name, value in before[deal.pk]["place"].items():
            setattr(deal, name, Deal._meta.get_field(name.removesuffix("_id")).to_python(value) if value is not None else None)
        if deal.rank is not None and (deal.stage_id, deal.rank) in taken:  # somebody else has taken its place
            deal.rank = ranks[deal.stage_id] = ranks.get(deal.stage_id, Decimal(0)) + 1
        if terms := before[deal.pk].get("terms"):
            DealTerms.objects.filter(pk=terms[0]).update(since=datetime.fromisoformat(terms[1]))
    _write(deals)
    live.publish(f"pipeline:{pipeline.pk}", stages={deal.stage_id for deal in deals})


def _ranks(before: Mapping[int, Snapshot]) -> list[Decimal]:
    return [Decimal(each["place"]["rank"]) for each in before.values() if each["place"]["rank"] is not None]


def _follow(deal: Deal, visits: Sequence[Visit], ranks: dict[int, Decimal]) -> None:
    """The columns of a deal that repeat its visits."""
    first, last = visits[0], visits[-1]
    if last.left_at is not None:
        deal.rank = None
    elif deal.rank is None or deal.stage_id != last.stage.pk:
        deal.rank = ranks[last.stage.pk] = ranks.get(last.stage.pk, Decimal(0)) + 1
    deal.stage, deal.version, deal.outcome = last.stage, deal.version + 1, Outcome(last.exit) if last.left_at else Outcome.OPEN
    deal.lost_reason = last.lost_reason
    if deal.outcome != Outcome.LOST:
        deal.lost_to = None
    deal.created_at, deal.closed_at, deal.stage_entered_at = first.entered_at, last.left_at, last.entered_at


def _write(deals: Sequence[Deal]) -> None:
    """Save their places; all of them leave theirs first, since one statement may not meet a place twice."""
    Deal.objects.filter(pk__in=[deal.pk for deal in deals], rank__isnull=False).update(rank=ASIDE - F("pk"))
    Deal.objects.bulk_update(deals, [name.removesuffix("_id") for name in PLACE])


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value) if isinstance(value, Decimal) else value
