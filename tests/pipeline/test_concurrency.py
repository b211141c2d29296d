"""Many people move cards of a few columns at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from config.processes import wait_until
from crm.errors import Refused, Stale
from crm.models import User
from pipeline.models import Deal, LostReason, Pipeline, Stage, StageVisit
from pipeline.services.moves import move_deal, move_deals
from pipeline.services.outcomes import close_deal, reopen_deal
from pipeline.services.pipelines import archive_pipeline
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants

WORKERS, TURNS = 8, 20


@pytest.mark.django_db(transaction=True)
def test_everybody_at_once_breaks_nothing(admin: User, stages: list[Stage]) -> None:
    """No deadlock, no equal rank, no broken history; refusals only where somebody was faster."""
    ids = [make_deal(str(n), by=admin, stage=stages[n % 3]).pk for n in range(30)]
    targets = [stage.pk for stage in stages[:3]]

    def work(seed: int) -> int:
        chance = random.Random(seed)
        refused = 0
        for _turn in range(TURNS):
            deal_id, kind = chance.choice(ids), chance.random()
            try:
                if kind < 0.7:
                    move_deal(deal_id=deal_id, to_stage=chance.choice(targets), before=chance.choice(ids), by=admin)
                elif kind < 0.8:
                    move_deals(deal_ids=chance.sample(ids, 4), to_stage=chance.choice(targets), by=admin)
                elif kind < 0.9:
                    close_deal(deal_id=deal_id, outcome="won", by=admin)
                else:
                    reopen_deal(deal_id=deal_id, stage=chance.choice(targets), by=admin)
            except (Refused, Stale):
                refused += 1
        connection.close()
        return refused

    with ThreadPoolExecutor(WORKERS) as pool:
        refused = sum(pool.map(work, range(WORKERS)))
    assert refused < WORKERS * TURNS / 2
    check_invariants()


@pytest.mark.django_db(transaction=True)
def test_no_deal_comes_into_a_pipeline_that_is_just_archived(admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    """Whoever waits for the column sees what its pipeline has become meanwhile."""

    def add() -> str:
        try:
            make_deal(by=admin)
        except Refused:
            return "refused"
        finally:
            connection.close()
        return "added"

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            archive_pipeline(pipeline_id=sales.pk, by=admin)
            adding = pool.submit(add)
            assert wait_until(lambda: is_anybody_waiting() or adding.done(), 10)
        assert adding.result() == "refused"
    assert not Deal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_new_reason_from_everybody_at_once_is_one(admin: User, stages: list[Stage]) -> None:
    deals = [make_deal(str(n), by=admin, stage=stages[n % 4]).pk for n in range(WORKERS)]

    def lose(deal_id: int) -> None:
        close_deal(deal_id=deal_id, outcome="lost", lost_reason="Too far away", by=admin)
        connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lose, deals))
    assert LostReason.objects.filter(name="Too far away").count() == 1
    assert Deal.objects.filter(lost_reason__name="Too far away").count() == WORKERS


def is_anybody_waiting() -> bool:
    """Whether somebody waits for what this connection holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_one_card_moved_by_all_at_once_moves_once(admin: User, stages: list[Stage]) -> None:
    deal = make_deal(by=admin)

    def work(turn: int) -> bool:
        try:
            move_deal(deal_id=deal.pk, to_stage=stages[1 + turn % 3].pk, version=0, by=admin)
        except Stale:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(WORKERS) as pool:
        assert sum(pool.map(work, range(WORKERS))) == 1
    assert (Deal.objects.get().version, StageVisit.objects.count()) == (1, 2)
    check_invariants()
