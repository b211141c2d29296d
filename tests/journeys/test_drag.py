"""Dragging cards, in a real browser, with a colleague looking on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, LostReason, Stage
from pipeline.services.moves import move_deal
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage, order_of


@pytest.fixture
def deals(anna: User, stages: list[Stage]) -> list[Deal]:
    """Three of Anna's deals in the first column, from the top, and one in the second."""
    third, second, first = (make_deal(title, by=anna) for title in ("Third", "Second", "First"))
    return [first, second, third, make_deal("Other", by=anna, stage=stages[1])]


def test_a_colleague_sees_a_drag_within_a_second(
    new_page: NewPage, anna: User, clara: User, boris: User, stages: list[Stage], deals: list[Deal]
) -> None:
    mine = BoardPage(new_page(anna)).open()
    hers = BoardPage(new_page(clara)).open()
    his = BoardPage(new_page(boris)).open()
    mine.lift(deals[1])
    mine.carry(mine.card(deals[3]), down=0.9)
    with mine.answer_to("/moves/"):
        mine.drop()
    expect(hers.column(stages[1]).locator(".ct")).to_have_text(["Other", "Second"], timeout=1000)
    hers.shows(stages[0], "First", "Third")
    hers.shows(stages[1], "Other", "Second")
    mine.shows(stages[0], "First", "Third")
    mine.shows(stages[1], "Other", "Second")
    assert order_of(stages[1]) == ["Other", "Second"]
    his.shows(stages[1])
    his.shows(stages[0])


def test_a_drag_can_be_undone(new_page: NewPage, language: str, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    board.drag(deals[1], board.card(deals[3]), down=0.1)
    board.shows(stages[1], "Second", "Other")
    with board.answer_to("/moves/") as answers:
        board.undo.click()
    assert answers[0].ok
    board.shows(stages[0], "First", "Second", "Third")
    board.shows(stages[1], "Other")
    assert order_of(stages[0]) == ["First", "Second", "Third"]


def test_undo_does_not_take_back_what_a_colleague_did_since(
    new_page: NewPage, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna)).open()
    board.drag(deals[0], board.list_of(stages[1]))
    expect(board.undo).to_be_visible()
    move_deal(deal_id=deals[0].pk, to_stage=stages[3].pk, by=clara)
    board.shows(stages[3], "First")
    with board.answer_to("/moves/") as answers:
        board.undo.click()
    assert answers[0].status == 409
    expect(board.toast).to_have_attribute("data-kind", "error")
    board.shows(stages[3], "First")
    assert order_of(stages[3]) == ["First"]


def test_order_within_the_column_survives_a_reload(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    with board.answer_to("/moves/"):
        board.drag(deals[2], board.card(deals[0]), down=0.1)
    board.shows(stages[0], "Third", "First", "Second")
    board.open()
    board.shows(stages[0], "Third", "First", "Second")


def test_the_card_in_the_hand_stays_under_the_pointer(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.lift(deals[0])
    board.page.mouse.move(700, 400, steps=30)
    held = board.page.locator(".is-dragged")
    expect(held).to_have_css("transition-duration", "0s")
    box = held.bounding_box()
    assert box is not None
    assert box["x"] <= 700 <= box["x"] + box["width"] and box["y"] <= 400 <= box["y"] + box["height"]
    board.page.keyboard.press("Escape")
    board.page.mouse.up()


def test_no_toast_lies_over_the_zones_of_won_and_lost(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    with board.answer_to("/moves/"):
        board.drag(deals[0], board.column(stages[1]))
    expect(board.toast).to_be_visible()
    with board.answer_to("/outcomes/"):
        board.lift(deals[1])
        expect(board.toast).to_be_hidden()
        board.carry(board.page.locator('[data-drop-zones] [data-outcome="won"]'), down=0.5)
        board.drop()
    expect(board.card(deals[1])).to_have_count(0)
    assert Deal.objects.get(pk=deals[1].pk).outcome == "won"


def test_an_order_is_undone_too(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    with board.answer_to("/moves/"):
        board.drag(deals[2], board.card(deals[0]), down=0.1)
    board.shows(stages[0], "Third", "First", "Second")
    with board.answer_to("/moves/"):
        board.undo.click()
    board.shows(stages[0], "First", "Second", "Third")
    assert order_of(stages[0]) == ["First", "Second", "Third"]


def test_dropping_in_the_same_place_sends_nothing(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    sent: list[str] = []
    board.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    board.lift(deals[1])
    board.carry(board.card(deals[3]))
    board.carry(board.card(deals[2]), down=0.1)
    board.drop()
    board.shows(stages[0], "First", "Second", "Third")
    expect(board.page.locator(".is-waiting")).to_have_count(0)
    assert sent == []


def test_escape_puts_back_what_is_being_dragged(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    sent: list[str] = []
    board.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    board.lift(deals[1])
    board.carry(board.card(deals[3]))
    board.page.keyboard.press("Escape")
    expect(board.page.locator(".is-dragging")).to_have_count(0)
    board.page.mouse.up()
    board.shows(stages[0], "First", "Second", "Third")
    board.shows(stages[1], "Other")
    expect(board.page.locator(".is-dragged")).to_have_count(0)
    assert sent == []


def test_a_drag_to_won_can_be_undone(new_page: NewPage, anna: User, clara: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    hers = BoardPage(new_page(clara)).open()
    zones = board.page.locator("[data-drop-zones]")
    expect(zones).to_be_hidden()
    board.lift(deals[1])
    expect(zones).to_be_visible()
    board.carry(zones.locator("[data-outcome=won]"))
    board.drop()
    board.shows(stages[0], "First", "Third")
    hers.shows(stages[0], "First", "Third")
    expect(zones).to_be_hidden()
    deals[1].refresh_from_db()
    assert deals[1].outcome == "won"
    board.undo.click()
    board.shows(stages[0], "First", "Second", "Third")
    hers.shows(stages[0], "First", "Second", "Third")


def test_a_drag_to_lost_asks_why(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    LostReason.objects.create(name="Price")
    board = BoardPage(new_page(anna)).open()
    dialog, zone = board.page.locator("#lost-dialog"), board.page.locator("[data-drop-zones] [data-outcome=lost]")
    board.lift(deals[0])
    board.carry(zone)
    board.drop()
    expect(dialog).to_be_visible()
    board.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    board.shows(stages[0], "First", "Second", "Third")
    board.lift(deals[0])
    board.carry(zone)
    board.drop()
    dialog.get_by_label("Price").check()
    dialog.locator("button[value=lost]").click()
    expect(board.undo).to_be_visible()
    board.shows(stages[0], "Second", "Third")
    deals[0].refresh_from_db()
    assert (deals[0].outcome, deals[0].lost_reason) == ("lost", LostReason.objects.get(name="Price"))
    expect(board.link(deals[1])).to_be_focused()  # the next one, for whoever goes on by keyboard
    board.undo.press("Enter")
    expect(board.link(deals[0])).to_be_focused()


def test_several_cards_are_dragged_together_and_undone(
    new_page: NewPage, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    make_deal("Between", by=anna)
    board = BoardPage(new_page(anna)).open()
    hers = BoardPage(new_page(clara)).open()
    board.shows(stages[0], "Between", "First", "Second", "Third")
    for deal in (deals[0], deals[2], deals[3]):
        board.card(deal).click(modifiers=["Control"])
    board.lift(deals[0])
    expect(board.page.locator(".is-dragged")).to_have_attribute("data-count", "3")
    board.carry(board.list_of(stages[2]), down=0.2)
    with board.answer_to("/moves/") as answers:
        board.drop()
    assert answers[0].ok
    board.shows(stages[2], "First", "Third", "Other")
    hers.shows(stages[2], "First", "Third", "Other")
    expect(board.page.locator(".picked-bar")).to_be_hidden()
    board.undo.click()
    board.shows(stages[0], "Between", "First", "Second", "Third")
    board.shows(stages[1], "Other")
    board.shows(stages[2])
    hers.shows(stages[0], "Between", "First", "Second", "Third")
    assert order_of(stages[0]) == ["Between", "First", "Second", "Third"]


def test_others_changes_wait_until_the_drag_is_over(
    new_page: NewPage, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna)).open()
    board.lift(deals[0])
    board.carry(board.card(deals[3]))
    with board.page.expect_event("request", lambda request: "/columns/" in request.url, timeout=10_000):
        move_deal(deal_id=deals[1].pk, to_stage=stages[3].pk, by=clara)
        move_deal(deal_id=deals[0].pk, to_stage=stages[2].pk, by=clara)
        expect(board.column(stages[0]).locator(".ct", has_text="Second")).to_be_visible()
        with board.answer_to("/moves/") as answers:
            board.drop()
    assert answers[0].status == 409
    board.shows(stages[0], "Third")
    board.shows(stages[1], "Other")
    board.shows(stages[2], "First")
    board.shows(stages[3], "Second")
