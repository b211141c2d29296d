"""Totals of columns follow every change, by every door, and folding never alters a sum."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from crm.models import Team, User
from pipeline.models import Deal, Stage, StageTally
from pipeline.models.deals import next_step_state
from pipeline.services.deals import edit_deal
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal
from pipeline.services.tallies import fold_tallies
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants

TODAY = date(2026, 6, 15)


def told(stage: Stage) -> tuple[int, Decimal]:
    sums = StageTally.objects.filter(stage=stage).aggregate(deals=Sum("deals", default=0), amount=Sum("amount", default=Decimal(0)))
    return sums["deals"], sums["amount"]


def states() -> dict[str, int]:
    """Open deals by the state of their next step, from the totals."""
    found: dict[str, int] = {}
    for due, deals in StageTally.objects.values_list("next_step_on").annotate(Sum("deals")):
        state = next_step_state(due, TODAY)
        found[state] = found.get(state, 0) + deals
    return found


@pytest.mark.django_db
def test_totals_follow_moves_edits_outcomes_and_raw_sql(anna: User, boris: User, stages: list[Stage]) -> None:
    deal, other = make_deal(by=anna, amount=100), make_deal(by=boris, amount=None)
    assert told(stages[0]) == (2, 100)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    assert (told(stages[0]), told(stages[1])) == ((1, 0), (1, 100))
    edit_deal(deal_id=deal.pk, changes={"amount": Decimal(250), "owner": boris}, by=anna)
    assert told(stages[1]) == (1, 250)
    assert StageTally.objects.visible_to(anna).aggregate(Sum("deals"))["deals__sum"] == 0
    close_deal(deal_id=other.pk, outcome="won", by=boris)
    assert told(stages[0]) == (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_deal SET amount = 7 WHERE id = %s", [deal.pk])
    assert told(stages[1]) == (1, 7)
    Team.objects.all().delete()
    boris.delete()
    check_invariants()
    Deal.objects.all().delete()
    assert told(stages[1]) == (0, 0)


@pytest.mark.django_db
def test_folding_keeps_sums_and_states_and_leaves_few_rows(anna: User, stages: list[Stage]) -> None:
    for offset in (-30, -1, 0, 1, None, None):
        deal = make_deal(by=anna)
        Deal.objects.filter(pk=deal.pk).update(next_step_on=offset if offset is None else TODAY + timedelta(days=offset))
    before = states()
    assert before == {"overdue": 2, "today": 1, "planned": 1, "none": 2}
    fold_tallies(today=TODAY)
    assert states() == before
    assert StageTally.objects.count() == 4
    Deal.objects.filter(next_step_on=TODAY - timedelta(days=30)).update(next_step_on=None)  # a day that was folded into the past
    assert states() == {"overdue": 1, "today": 1, "planned": 1, "none": 3}
    fold_tallies(today=TODAY)
    assert states() == {"overdue": 1, "today": 1, "planned": 1, "none": 3}
    check_invariants()


@pytest.mark.django_db(transaction=True)
def test_two_folders_and_a_mover_at_once_lose_nothing(admin: User, stages: list[Stage]) -> None:
    ids = [make_deal(by=admin, amount=10).pk for _n in range(6)]

    def fold(_turn: int) -> None:
        fold_tallies(today=TODAY)
        connection.close()

    def move(turn: int) -> None:
        move_deal(deal_id=ids[turn % 6], to_stage=stages[turn % 3].pk, by=admin)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(fold if turn % 2 else move, turn) for turn in range(80)]
    assert [task.exception() for task in done if task.exception()] == []
    check_invariants()
