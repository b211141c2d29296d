"""Past histories written in bulk, under the same promises of the database as every move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from crm import events, live
from crm.models import Company, Contact, Team, User
from pipeline.models import Deal, DealTerms, Exit, LostReason, Outcome, Pipeline, Source, Stage, StageVisit
from pipeline.services.bulk import copy_rows, reserve_ids
from pipeline.services.fates import Stay, find_fates

BATCH = 5_000


class ImpossibleHistory(ValueError):
    """Visits that no deal can have made."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One past stay; `exit` is empty for the one that still lasts. Of a vague one it isn't known since when it lasted."""

    stage: Stage
    entered_at: datetime
    left_at: datetime | None = None
    exit: str = Exit.NONE
    lost_reason: LostReason | None = None
    entered_by: User | None = None
    left_by: User | None = None
    is_vague: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a deal was about from an instant on."""

    since: datetime
    amount: Decimal | None
    currency: str
    owner: User | None = None
    team: Team | None = None
    expected_close: date | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A deal with all its visits, oldest first; without `terms` it was always what it is now."""

    title: str
    visits: Sequence[Visit]
    key: str | None = None
    amount: Decimal | None = None
    currency: str = ""
    owner: User | None = None
    team: Team | None = None
    company: Company | None = None
    contact: Contact | None = None
    source: Source | None = None
    expected_close: date | None = None
    next_step_on: date | None = None
    terms: Sequence[Terms] = ()
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """How much was written, and how many deals were there before."""

    deals: int
    visits: int
    skipped: int


DEAL = [
    *("id", "title", "pipeline_id", "stage_id", "amount", "currency", "owner_id", "team_id", "company_id", "contact_id", "source_id"),
    *("expected_close", "rank", "version", "outcome", "lost_reason_id", "created_at", "closed_at", "stage_entered_at"),
    *("next_step_on", "import_key", "is_sample"),
]
VISIT = [
    *("deal_id", "stage_id", "seq", "entered_at", "left_at", "exit", "lost_reason_id", "entered_by_id", "left_by_id"),
    *("is_front", "furthest_before_id", "fate", "fate_at", "is_late", "is_back", "is_vague"),
]
TERMS = ["deal_id", "since", "amount", "currency", "owner_id", "team_id", "expected_close", "by_id"]


def record_history(*, pipeline: Pipeline, histories: Iterable[History], by: User | None) -> Recorded:
    """Write past histories of deals, each appended to the end of its column; a known key adds nothing.

    No gates, no automation and no notices per deal: what is written here has happened already.
    """
    deals = visits = skipped = 0
    remaining = iter(histories)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        stages = {stage.pk: stage for stage in lock_columns(pipeline)}
        last_ranks = find_last_ranks(pipeline)
        changed: set[int] = set()
        while batch := list(islice(remaining, BATCH)):
            fresh = list(_without_known(pipeline, batch))
            for history in fresh:
                check_visits(history.title, history.visits, stages)
            _write(pipeline, fresh, last_ranks, stages, by)
            deals += len(fresh)
            visits += sum(len(history.visits) for history in fresh)
            skipped += len(batch) - len(fresh)
            changed.update(history.visits[-1].stage.pk for history in fresh if history.visits[-1].left_at is None)
        if deals:
            events.record("history.recorded", record="pipeline", record_id=pipeline.pk, by=by, deals=deals, visits=visits)
            live.publish(f"pipeline:{pipeline.pk}", stages=changed)
    return Recorded(deals, visits, skipped)


def lock_columns(pipeline: Pipeline) -> list[Stage]:
    """The order of locks that every writer of columns keeps: stages by id."""
    return list(pipeline.stages.order_by("id").select_for_update(no_key=True))


def find_last_ranks(pipeline: Pipeline) -> dict[int, Decimal]:
    """The last place of each column; one walk to the end of an index for each, however long the columns are."""
    last = Deal.objects.open().filter(stage=OuterRef("pk")).order_by("-rank").values("rank")[:1]
    return {stage: rank for stage, rank in pipeline.stages.order_by().values_list("pk", Subquery(last)) if rank is not None}


def _without_known(pipeline: Pipeline, batch: Sequence[History]) -> Iterator[History]:
    """Those whose key neither the pipeline nor the batch has shown before."""
    keys = [history.key for history in batch if history.key is not None]
    known: set[str | None] = set(Deal.objects.in_pipeline(pipeline).filter(import_key__in=keys).values_list("import_key", flat=True))
    for history in batch:
        if history.key is None or history.key not in known:
            yield history
        if history.key is not None:
            known.add(history.key)


def check_visits(title: str, visits: Sequence[Visit], stages: Mapping[int, Stage]) -> None:
    """Refuse what the database's constraints could not see: visits out of order, or elsewhere."""
    if not visits:
        raise ImpossibleHistory(f"{title}: no visit")
    clock, now = visits[0].entered_at, timezone.now()
    for visit in visits:
        if visit.stage.pk not in stages:
            raise ImpossibleHistory(f"{title}: stage {visit.stage.name} belongs to another pipeline")
        if visit.entered_at < clock:
            raise ImpossibleHistory(f"{title}: time goes backwards at {visit.entered_at}")
        if max(visit.entered_at, visit.left_at or visit.entered_at) > now:
            raise ImpossibleHistory(f"{title}: {visit.left_at or visit.entered_at} has not come yet")
        if visit.left_at is None and visit is not visits[-1]:
            raise ImpossibleHistory(f"{title}: a visit that still lasts is followed by another")
        clock = visit.left_at or visit.entered_at
    if visits[-1].exit == Exit.MOVED:
        raise ImpossibleHistory(f"{title}: moved, but nowhere")


def _write(
    pipeline: Pipeline, histories: Sequence[History], last_ranks: dict[int, Decimal], stages: Mapping[int, Stage], by: User | None
) -> None:
    ids = reserve_ids(Deal, len(histories))
    deals, visits, terms = [], [], []
    for deal_id, history in zip(ids, histories, strict=True):
        rank = None
        if history.visits[-1].left_at is None:
            stage_id = history.visits[-1].stage.pk
            rank = last_ranks[stage_id] = last_ranks.get(stage_id, Decimal(0)) + 1
        deals.append(_deal_row(deal_id, pipeline, history, rank))
        visits.extend(visit_rows(deal_id, history.visits, stages))
        terms.extend(_terms_rows(deal_id, pipeline, history, by))
    copy_rows(Deal, DEAL, deals)
    copy_rows(StageVisit, VISIT, visits)
    copy_rows(DealTerms, TERMS, terms)


def _pk(record: User | Team | Company | Contact | Source | LostReason | None) -> int | None:
    return record.pk if record else None


def _deal_row(deal_id: int, pipeline: Pipeline, history: History, rank: Decimal | None) -> tuple[object, ...]:
    first, last = history.visits[0], history.visits[-1]
    outcomes = sum(visit.exit in (Exit.WON, Exit.LOST) for visit in history.visits)
    return (
        deal_id,
        history.title,
        pipeline.pk,
        last.stage.pk,
        history.amount,
        history.currency or pipeline.currency,
        _pk(history.owner),
        _pk(history.team),
        _pk(history.company),
        _pk(history.contact),
        _pk(history.source),
        history.expected_close,
        rank,
        len(history.visits) - 1 + outcomes,
        Outcome(last.exit).value,
        _pk(last.lost_reason),
        first.entered_at,
        last.left_at,
        last.entered_at,
        history.next_step_on if rank is not None else None,
        history.key,
        history.is_sample,
    )


def visit_rows(deal_id: int, visits: Sequence[Visit], stages: Mapping[int, Stage]) -> Iterator[tuple[object, ...]]:
    fates = find_fates([Stay(stages[visit.stage.pk].position, visit.entered_at, visit.left_at, visit.exit) for visit in visits])
    for seq, (visit, fate) in enumerate(zip(visits, fates, strict=True), start=1):
        yield (
            deal_id,
            visit.stage.pk,
            seq,
            visit.entered_at,
            visit.left_at,
            str(visit.exit),
            _pk(visit.lost_reason),
            _pk(visit.entered_by),
            _pk(visit.left_by),
            fate.is_front,
            None if fate.before is None else visits[fate.before].stage.pk,
            str(fate.fate),
            fate.fate_at,
            fate.is_late,
            fate.is_back,
            visit.is_vague,
        )


def _terms_rows(deal_id: int, pipeline: Pipeline, history: History, by: User | None) -> Iterator[tuple[object, ...]]:
    terms = history.terms or [
        Terms(history.visits[0].entered_at, history.amount, history.currency, history.owner, history.team, history.expected_close)
    ]
    for term in terms:
        yield (
            deal_id,
            term.since,
            term.amount,
            term.currency or pipeline.currency,
            _pk(term.owner),
            _pk(term.team),
            term.expected_close,
            _pk(by),
        )
