"""Shaping stages: what admins may do, what it does to deals and figures, and who is kept out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.http import Http404

from analytics.queries.filters import Filters
from analytics.queries.funnel import funnel
from crm.errors import Changed, Forbidden, Refused
from crm.marks import mark_of
from crm.models import Event, User
from pipeline import gates
from pipeline.models import Colour, Deal, Pipeline, Stage, StageVisit
from pipeline.services.deals import create_deal
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal, reopen_deal
from pipeline.services.stages import EDITABLE, add_stage, archive_stage, clear_stage, edit_stage, reorder_stages, restore_stage
from tests.factories import make_deal, make_pipeline
from tests.pipeline.invariants import check_invariants

pytestmark = pytest.mark.django_db


def names(pipeline: Pipeline) -> list[str]:
    return [stage.name for stage in pipeline.stages.live()]


def told(type: str) -> Event:
    return Event.objects.filter(type=type).latest("id")


def test_stage_is_added_at_the_end_or_before_another(admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    add_stage(pipeline_id=sales.pk, name=" Contract ", by=admin, colour=Colour.GREEN, probability=90, rot_days=7)
    add_stage(pipeline_id=sales.pk, name="Demo", by=admin, labels={"ru": "Показ"}, before=stages[2].pk)
    assert names(sales) == ["New", "Qualified", "Demo", "Proposal", "Negotiation", "Contract"]
    assert list(sales.stages.values_list("position", flat=True)) == [0, 1, 2, 3, 4, 5]
    contract = sales.stages.get(name="Contract")
    assert (contract.colour, contract.probability, contract.rot_days) == (Colour.GREEN, 90, 7)
    assert told("stage.added").payload == {"pipeline": sales.pk, "name": "Demo"}


def test_first_stage_of_an_empty_pipeline(admin: User) -> None:
    empty = make_pipeline("Empty", stages=())
    assert add_stage(pipeline_id=empty.pk, name="Start", by=admin).position == 0


def test_names_are_unique_within_a_pipeline(admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    for act in (
        lambda: add_stage(pipeline_id=sales.pk, name="proposal", by=admin),
        lambda: edit_stage(stage_id=stages[0].pk, changes={"name": "PROPOSAL "}, by=admin),
        lambda: add_stage(pipeline_id=sales.pk, name="  ", by=admin),
    ):
        with pytest.raises(Refused):
            act()
    other = make_pipeline("Partners", stages=("Lead",))
    assert add_stage(pipeline_id=other.pk, name="Proposal", by=admin).pipeline == other


def test_edit_changes_what_it_names_and_records_both_values(admin: User, stages: list[Stage]) -> None:
    edit_stage(stage_id=stages[1].pk, changes={"name": "Checked", "rot_days": None, "probability": 33}, by=admin)
    stage = Stage.objects.get(pk=stages[1].pk)
    assert (stage.name, stage.rot_days, stage.probability, stage.colour) == ("Checked", None, 33, stages[1].colour)
    assert told("stage.edited").payload["changes"] == {"name": ["Qualified", "Checked"], "rot_days": [10, None], "probability": [40, 33]}
    edit_stage(stage_id=stages[1].pk, changes={"name": "Checked"}, by=admin)
    assert Event.objects.filter(type="stage.edited").count() == 1


@pytest.mark.parametrize("changes", [{"probability": 101}, {"probability": -1}, {"rot_days": 0}, {"colour": "mauve"}, {"name": "x" * 81}])
def test_values_out_of_range_are_refused_in_words(admin: User, stages: list[Stage], changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        edit_stage(stage_id=stages[0].pk, changes=changes, by=admin)
    assert len(refusal.value.reasons) == 1 and ": " in refusal.value.reasons[0]
    assert Stage.objects.get(pk=stages[0].pk).name == "New"


def test_second_admin_does_not_overwrite_the_first(admin: User, stages: list[Stage]) -> None:
    mark = mark_of(stages[0], EDITABLE)
    edit_stage(stage_id=stages[0].pk, changes={"name": "Fresh"}, by=admin, mark=mark)
    with pytest.raises(Changed) as change:
        edit_stage(stage_id=stages[0].pk, changes={"probability": 5}, by=admin, mark=mark)
    assert (change.value.status, change.value.current["name"]) == (412, "Fresh")
    edit_stage(stage_id=stages[0].pk, changes={"probability": 5}, by=admin, mark=change.value.current["mark"])


def test_reordering_rebuilds_every_fate(anna: User, admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    new, qualified, proposal, negotiation = stages
    ahead = make_deal("ahead", by=anna)
    move_deal(deal_id=ahead.pk, to_stage=proposal.pk, by=anna)
    move_deal(deal_id=ahead.pk, to_stage=qualified.pk, by=anna)
    lost = make_deal("lost", by=anna, stage=proposal)
    close_deal(deal_id=lost.pk, outcome="lost", lost_reason="Price", by=anna)
    assert ahead.visits.filter(is_front=True).count() == 2

    order = [new.pk, proposal.pk, qualified.pk, negotiation.pk]
    assert reorder_stages(pipeline_id=sales.pk, order=order, by=admin, was=[stage.pk for stage in stages]) > 0
    assert names(sales) == ["New", "Proposal", "Qualified", "Negotiation"]
    assert ahead.visits.filter(is_front=True).count() == 3
    check_invariants()
    report = {
        row.stage.name: (row.entered, row.advanced, row.lost, row.open)
        for row in funnel(pipeline=sales, viewer=admin, filters=Filters()).stages
    }
    assert report == {"New": (2, 2, 0, 0), "Proposal": (2, 1, 1, 0), "Qualified": (1, 0, 0, 1), "Negotiation": (0, 0, 0, 0)}

    reorder_stages(pipeline_id=sales.pk, order=[stage.pk for stage in stages], by=admin, was=order)
    assert names(sales) == ["New", "Qualified", "Proposal", "Negotiation"]
    check_invariants()


def test_reorder_refuses_what_is_out_of_date(admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    ids = [stage.pk for stage in stages]
    with pytest.raises(Changed):
        reorder_stages(pipeline_id=sales.pk, order=ids, was=ids[::-1], by=admin)
    foreign = make_pipeline("Partners").stages.first()
    for order in (ids[:-1], [*ids, foreign.pk], [*ids[:-1], foreign.pk], [*ids, ids[0]], []):
        with pytest.raises(Refused):
            reorder_stages(pipeline_id=sales.pk, order=order, by=admin)
    assert names(sales) == ["New", "Qualified", "Proposal", "Negotiation"]
    assert not Event.objects.filter(type="pipeline.reordered").exists()


def test_archived_stage_keeps_its_place_between_the_others(admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    archive_stage(stage_id=stages[1].pk, by=admin)
    reorder_stages(pipeline_id=sales.pk, order=[stages[3].pk, stages[2].pk, stages[0].pk], by=admin)
    assert [stage.name for stage in sales.stages.all()] == ["Negotiation", "Qualified", "Proposal", "New"]
    restore_stage(stage_id=stages[1].pk, by=admin)
    assert names(sales) == ["Negotiation", "Qualified", "Proposal", "New"]


def test_archive_is_refused_while_open_deals_stand_there(anna: User, admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    deals = [make_deal(f"deal {number}", by=anna, stage=stages[1]) for number in range(2)]
    with pytest.raises(Refused, match="2 open deals stand in “Qualified”"):
        archive_stage(stage_id=stages[1].pk, by=admin)
    move_deal(deal_id=deals[0].pk, to_stage=stages[0].pk, by=anna)
    close_deal(deal_id=deals[1].pk, outcome="lost", lost_reason="Price", by=anna)
    archive_stage(stage_id=stages[1].pk, by=admin)
    assert names(sales) == ["New", "Proposal", "Negotiation"]
    # Its history stays in the figures, and nothing can come back into it unnoticed.
    assert [row.stage.name for row in funnel(pipeline=sales, viewer=admin, filters=Filters()).stages if row.lost] == ["Qualified"]
    for act in (
        lambda: move_deal(deal_id=deals[0].pk, to_stage=stages[1].pk, by=anna),
        lambda: reopen_deal(deal_id=deals[1].pk, by=anna),
        lambda: create_deal(title="New", stage=stages[1].pk, by=anna),
    ):
        with pytest.raises(Refused):
            act()
    check_invariants()


def test_last_stage_stays(admin: User) -> None:
    pipeline = make_pipeline("One", stages=("Only",))
    with pytest.raises(Refused, match="at least one stage"):
        archive_stage(stage_id=pipeline.stages.get().pk, by=admin)


def test_restore_needs_a_free_name(admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    archive_stage(stage_id=stages[1].pk, by=admin)
    add_stage(pipeline_id=sales.pk, name="Qualified", by=admin)
    with pytest.raises(Refused, match="already"):
        restore_stage(stage_id=stages[1].pk, by=admin)


def test_clearing_moves_everybodys_deals_in_their_order(anna: User, denis: User, admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    for person in (anna, denis, anna):
        make_deal(f"deal of {person.name}", by=person, stage=stages[1])
    before = list(Deal.objects.open().in_stage(stages[1]).order_by("rank").values_list("pk", flat=True))
    cleared = clear_stage(stage_id=stages[1].pk, to_stage=stages[2].pk, by=admin)
    assert (cleared.moved, cleared.left, cleared.reasons) == (3, 0, [])
    assert list(Deal.objects.open().in_stage(stages[2]).order_by("rank").values_list("pk", flat=True)) == before
    assert Event.objects.filter(type="deal.moved", actor=admin).count() == 3
    archive_stage(stage_id=stages[1].pk, by=admin)
    check_invariants()


def test_clearing_says_how_far_it_came(anna: User, admin: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_deal(f"deal {number}", by=anna, stage=stages[1])
    last = Deal.objects.in_stage(stages[1]).order_by("rank").last()
    monkeypatch.setattr("pipeline.services.stages.MAX_BULK", 2)
    monkeypatch.setattr("pipeline.services.stages.MAX_CLEARED", 2)
    cleared = clear_stage(stage_id=stages[1].pk, to_stage=stages[2].pk, by=admin)
    assert (cleared.moved, cleared.left) == (2, 3)
    monkeypatch.setattr("pipeline.services.stages.MAX_CLEARED", 100)
    monkeypatch.setattr(gates, "_gates", [lambda deal, to_stage, by: "Say what was offered first." if deal.pk == last.pk else None])
    cleared = clear_stage(stage_id=stages[1].pk, to_stage=stages[2].pk, by=admin)
    assert (cleared.moved, cleared.left, cleared.reasons) == (2, 1, ["Say what was offered first."])


def test_others_may_not_shape_stages(anna: User, clara: User, sales: Pipeline, stages: list[Stage]) -> None:
    for person in (anna, clara):
        for act in (
            lambda by: add_stage(pipeline_id=sales.pk, name="Mine", by=by),
            lambda by: edit_stage(stage_id=stages[0].pk, changes={"name": "Mine"}, by=by),
            lambda by: reorder_stages(pipeline_id=sales.pk, order=[stage.pk for stage in stages[::-1]], by=by),
            lambda by: archive_stage(stage_id=stages[0].pk, by=by),
            lambda by: restore_stage(stage_id=stages[0].pk, by=by),
            lambda by: clear_stage(stage_id=stages[0].pk, to_stage=stages[1].pk, by=by),
        ):
            with pytest.raises(Forbidden):
                act(person)
    assert names(sales) == ["New", "Qualified", "Proposal", "Negotiation"]


def test_unknown_stage_or_pipeline_is_not_found(admin: User) -> None:
    for act in (
        lambda: add_stage(pipeline_id=999, name="X", by=admin),
        lambda: reorder_stages(pipeline_id=999, order=[], by=admin),
        lambda: edit_stage(stage_id=999, changes={}, by=admin),
        lambda: archive_stage(stage_id=999, by=admin),
    ):
        with pytest.raises(Http404):
            act()


@pytest.mark.django_db(transaction=True)
def test_reordering_while_others_move_deals_keeps_every_promise(anna: User, admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    deals = [make_deal(f"deal {number}", by=anna) for number in range(6)]
    ids = [stage.pk for stage in stages]

    def move(number: int) -> None:
        try:
            for step in range(6):
                move_deal(deal_id=deals[number].pk, to_stage=ids[(number + step) % 4], by=anna)
        finally:
            connection.close()

    def reorder(_number: int) -> None:
        try:
            for shift in range(6):
                reorder_stages(pipeline_id=sales.pk, order=ids[shift % 4 :] + ids[: shift % 4], by=admin)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        for future in [*(pool.submit(move, number) for number in range(6)), pool.submit(reorder, 0), pool.submit(reorder, 1)]:
            future.result(timeout=60)
    assert StageVisit.objects.count() > 12
    assert sorted(sales.stages.values_list("position", flat=True)) == [0, 1, 2, 3]
    check_invariants()
