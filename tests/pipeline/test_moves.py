"""The move, its refusals and its history."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.errors import Forbidden, Refused, Stale
from crm.models import Event, User
from pipeline import gates, ranks
from pipeline.models import Deal, Exit, Pipeline, Stage
from pipeline.services.moves import move_deal, move_deals
from pipeline.services.outcomes import close_deal, reopen_deal
from tests.factories import make_deal, make_pipeline
from tests.pipeline.invariants import check_invariants

pytestmark = pytest.mark.django_db


def column(stage: Stage) -> list[str]:
    return list(Deal.objects.open().in_stage(stage).order_by("rank").values_list("title", flat=True))


def test_move_closes_the_visit_opens_the_next_and_tells_of_it(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, stage=stages[0])
    move = move_deal(deal_id=deal.pk, to_stage=stages[1].pk, version=0, by=anna)
    deal.refresh_from_db()
    first, second = deal.visits.order_by("seq")
    assert (deal.stage, deal.version, deal.stage_entered_at) == (stages[1], 1, second.entered_at)
    assert (first.exit, first.left_at, first.left_by) == (Exit.MOVED, second.entered_at, anna)
    assert (second.stage, second.left_at, second.is_front, second.furthest_before) == (stages[1], None, True, stages[0])
    event = Event.objects.get(type="deal.moved")
    assert event.payload == {"from": stages[0].pk, "to": stages[1].pk, "visit": second.pk}
    assert move.changed_stage and not move.at_end
    check_invariants()


def test_card_stands_above_the_one_it_was_dropped_on(anna: User, stages: list[Stage]) -> None:
    below, above = make_deal("below", by=anna, stage=stages[1]), make_deal("above", by=anna, stage=stages[1])
    deal = make_deal("dropped", by=anna, stage=stages[0])
    assert not move_deal(deal_id=deal.pk, to_stage=stages[1].pk, before=below.pk, by=anna).at_end
    assert column(stages[1]) == ["above", "dropped", "below"]
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, before=above.pk, by=anna)
    assert column(stages[1]) == ["dropped", "above", "below"]
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    assert column(stages[1]) == ["above", "below", "dropped"]


def test_drop_in_the_own_column_changes_the_rank_alone(anna: User, stages: list[Stage]) -> None:
    deal = make_deal("one", by=anna)
    make_deal("two", by=anna)
    events = Event.objects.count()
    move_deal(deal_id=deal.pk, to_stage=stages[0].pk, before=Deal.objects.get(title="two").pk, by=anna)
    deal.refresh_from_db()
    assert (column(stages[0]), deal.version, deal.visits.count(), Event.objects.count()) == (["one", "two"], 0, 1, events)


def test_before_that_has_left_the_column_means_the_end(anna: User, stages: list[Stage]) -> None:
    gone = make_deal("gone", by=anna, stage=stages[2])
    make_deal("stays", by=anna, stage=stages[1])
    deal = make_deal("dropped", by=anna, stage=stages[0])
    assert move_deal(deal_id=deal.pk, to_stage=stages[1].pk, before=gone.pk, by=anna).at_end
    assert column(stages[1]) == ["stays", "dropped"]


def test_stale_version_is_refused_with_the_present_state(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, version=0, by=anna)
    with pytest.raises(Stale) as refusal:
        move_deal(deal_id=deal.pk, to_stage=stages[2].pk, version=0, by=anna)
    assert (refusal.value.current["stage"], refusal.value.current["version"]) == (stages[1].pk, 1)
    check_invariants()


def test_a_foreign_deal_is_not_found(anna: User, boris: User, denis: User, clara: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    for stranger in (boris, denis):
        with pytest.raises(Http404):
            move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=stranger)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=clara)


def test_a_disabled_user_moves_nothing(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    anna.is_active = False
    with pytest.raises((Http404, Forbidden)):
        move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)


def test_foreign_archived_and_unknown_stages_are_refused(anna: User, sales: Pipeline, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    other = make_pipeline("Partners").stages.first()
    Stage.objects.filter(pk=stages[3].pk).update(archived_at=deal.created_at)
    for stage_id in (other.pk, stages[3].pk, 10**9):
        with pytest.raises(Refused):
            move_deal(deal_id=deal.pk, to_stage=stage_id, by=anna)
    close_deal(deal_id=deal.pk, outcome="won", by=anna)
    with pytest.raises(Refused):
        move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    check_invariants()


def test_move_refused_when_gate_is_closed(anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "_gates", [lambda deal, stage, by: "An amount is missing." if not deal.amount else None])
    deal = make_deal(by=anna, amount=None)
    with pytest.raises(Refused) as refusal:
        move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    assert refusal.value.reasons == ["An amount is missing."]
    assert deal.visits.count() == 1


def test_several_deals_move_together_or_not_at_all(anna: User, denis: User, stages: list[Stage]) -> None:
    own = [make_deal(f"own {n}", by=anna) for n in range(3)]
    foreign = make_deal("foreign", by=denis)
    with pytest.raises(Http404):
        move_deals(deal_ids=[own[0].pk, foreign.pk], to_stage=stages[2].pk, by=anna)
    assert column(stages[2]) == []
    move_deals(deal_ids=[deal.pk for deal in own], to_stage=stages[2].pk, by=anna)
    assert column(stages[2]) == ["own 0", "own 1", "own 2"]
    check_invariants()


def test_a_move_costs_five_statements_whatever_lies_in_the_column(anna: User, stages: list[Stage]) -> None:
    counts = []
    for size in (1, 30):
        deals = [make_deal(f"{size}/{n}", by=anna, stage=stages[1]) for n in range(size)]
        deal = make_deal(by=anna)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            move_deal(deal_id=deal.pk, to_stage=stages[1].pk, before=deals[0].pk, version=0, by=anna)
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert counts == [5, 5]


def test_a_drag_costs_one_request_of_few_statements_and_bytes(anna: User, stages: list[Stage], client: Client) -> None:
    client.force_login(anna)
    deals = [make_deal(f"{n}", by=anna, stage=stages[n % 2], currency="EUR" if n % 3 else "USD") for n in range(30)]
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(
            reverse("deal_moves", args=[deals[0].pk]), {"stage": stages[1].pk, "before": deals[3].pk, "version": 0}, HTTP_HX_REQUEST="true"
        )
    assert answer.status_code == 200
    assert len(captured) <= 12, [query["sql"] for query in captured]
    assert len(answer.content) <= 5000


def test_dropping_into_one_gap_for_ever_keeps_the_order(anna: User, stages: list[Stage]) -> None:
    last = make_deal("last", by=anna, stage=stages[1])
    cards = [make_deal(str(n), by=anna, stage=stages[1]) for n in range(4)]
    for turn in range(120):
        move_deal(deal_id=cards[turn % 4].pk, to_stage=stages[1].pk, before=last.pk, by=anna)
    assert column(stages[1]) == ["0", "1", "2", "3", "last"]
    assert not any(ranks.is_crowded(rank) for rank in Deal.objects.open().values_list("rank", flat=True))
    check_invariants()


def test_renumbering_touches_a_window_and_not_the_column(anna: User, stages: list[Stage]) -> None:
    for n in range(120):
        make_deal(f"{n:03}", by=anna, stage=stages[1])
    before = dict(Deal.objects.values_list("title", "rank"))
    order = column(stages[1])
    ranks.renumber(stage_id=stages[1].pk, around=before["060"])
    after = dict(Deal.objects.values_list("title", "rank"))
    assert column(stages[1]) == order
    assert sum(before[title] != after[title] for title in before) <= 2 * ranks.WINDOW


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, "0"),
        (None, "5", "4"),
        ("5", None, "6"),
        ("1", "3", "2"),
        ("1", "2", "1.5"),
        ("1.5", "1.6", "1.55"),
        ("-1", "0", "-0.5"),
    ],
)
def test_rank_between_is_short(low: str | None, high: str | None, expected: str) -> None:
    assert ranks.between(low and Decimal(low), high and Decimal(high)) == Decimal(expected)


def test_lost_needs_a_reason_and_reopening_undoes_it(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    with pytest.raises(Refused):
        close_deal(deal_id=deal.pk, outcome="lost", by=anna)
    close_deal(deal_id=deal.pk, outcome="lost", lost_reason="price", by=anna)
    deal.refresh_from_db()
    assert (deal.outcome, deal.rank, deal.lost_reason.name, deal.visits.get().fate) == ("lost", None, "price", "lost")
    check_invariants()
    reopen_deal(deal_id=deal.pk, by=anna)
    deal.refresh_from_db()
    assert (deal.outcome, deal.lost_reason, deal.visits.count(), deal.visits.first().fate) == ("", None, 2, "")
    check_invariants()
    reopened_elsewhere = close_deal(deal_id=deal.pk, outcome="won", by=anna)
    reopen_deal(deal_id=reopened_elsewhere.pk, stage=stages[2].pk, by=anna)
    deal.refresh_from_db()
    assert (deal.stage, deal.version) == (stages[2], 4)
    check_invariants()
