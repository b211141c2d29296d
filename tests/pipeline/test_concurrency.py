"""Many people move cards of a few columns at once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from crm.errors import Refused, Stale
from crm.models import User
from pipeline.models import Deal, Stage, StageVisit
from pipeline.services.moves import move_deal, move_deals
from pipeline.services.outcomes import close_deal, reopen_deal
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
