"""The board under a thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, Stage
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage, box_of, order_of


@pytest.fixture
def deals(anna: User, stages: list[Stage]) -> list[Deal]:
    second, first = (make_deal(title, by=anna) for title in ("Second", "First"))
    return [first, second]


@pytest.fixture
def board(new_page: NewPage, language: str, anna: User, deals: list[Deal]) -> BoardPage:
    return BoardPage(new_page(anna, language=language, width=390, height=844, touch=True)).open()


def test_one_column_with_the_next_peeping_in(board: BoardPage, stages: list[Stage]) -> None:
    width = board.page.viewport_size["width"] if board.page.viewport_size else 0
    first, second = box_of(board.column(stages[0])), board.column(stages[1]).bounding_box()
    assert second is not None
    assert first["width"] > 0.8 * width
    assert 10 < width - second["x"] < 60
    assert board.page.evaluate("document.documentElement.scrollWidth") == width
    for control in board.page.locator(".board-top :is(button, input:visible)").all():
        box = control.bounding_box()
        if box:
            assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_move_to_by_thumb(board: BoardPage, stages: list[Stage], deals: list[Deal]) -> None:
    board.card(deals[0]).locator(".card-move").tap()
    dialog = board.page.locator("#move-dialog")
    dialog.locator("select[name=stage]").select_option(str(stages[2].pk))
    with board.answer_to("/moves/"):
        dialog.locator("button[value=move]").tap()
    board.shows(stages[2], "First")
    with board.answer_to("/moves/"):
        board.undo.tap()
    board.shows(stages[0], "First", "Second")
    assert order_of(stages[0]) == ["First", "Second"]


def test_a_long_press_drags(board: BoardPage, stages: list[Stage], deals: list[Deal]) -> None:
    """Held for a moment a card shows that it is lifted, and follows the thumb."""
    send = board.page.context.new_cdp_session(board.page).send
    first, second = box_of(board.card(deals[0])), box_of(board.card(deals[1]))
    x, y, below = first["x"] + 120, first["y"] + 30, second["y"] + second["height"] - 12

    def touch(kind: str, at: float | None = None) -> None:
        send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if at is None else [{"x": x, "y": at}]})

    touch("touchStart", y)
    expect(board.page.locator(".card.is-held")).to_have_count(1)
    for step in range(1, 9):
        touch("touchMove", y + (below - y) * step / 8)
    expect(board.page.locator("[data-drop-zones]")).to_be_visible()
    with board.answer_to("/moves/"):
        touch("touchEnd")
    board.shows(stages[0], "Second", "First")
    assert order_of(stages[0]) == ["Second", "First"]


def test_the_drawer_fills_the_screen_and_back_closes_it(board: BoardPage, stages: list[Stage], deals: list[Deal]) -> None:
    board.link(deals[0]).tap()
    drawer = board.page.locator("#drawer")
    expect(drawer.locator("[data-deal-heading]")).to_have_text("First")
    assert box_of(drawer)["width"] == 390
    board.page.go_back()
    expect(drawer).to_be_hidden()
    board.page.locator("[data-new]").tap()
    field = board.column(stages[0]).locator("[data-add] input")
    expect(field).to_be_focused()
    field.fill("Vektor 300k")
    field.press("Enter")
    board.shows(stages[0], "Vektor", "First", "Second")
