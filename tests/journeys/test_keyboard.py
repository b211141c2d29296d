"""The board without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, Stage
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage, order_of


@pytest.fixture
def deals(anna: User, stages: list[Stage]) -> list[Deal]:
    """First and Second in the first column, Third in the third."""
    third = make_deal("Third", by=anna, stage=stages[2])
    second, first = (make_deal(title, by=anna) for title in ("Second", "First"))
    return [first, second, third]


def test_walk_and_move_by_keyboard(new_page: NewPage, language: str, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    keys = board.page.keyboard
    keys.press("ArrowDown")
    expect(board.link(deals[0])).to_be_focused()
    keys.press("ArrowRight")  # over the empty column
    expect(board.link(deals[2])).to_be_focused()
    keys.press("ArrowLeft")
    keys.press("ArrowDown")
    expect(board.link(deals[1])).to_be_focused()
    expect(board.page.locator("[data-say]")).to_contain_text("Second")
    letter = {"en": "m", "ru": "ь"}[language]  # the key is the same, whatever the layout writes
    board.link(deals[1]).dispatch_event("keydown", {"key": letter, "code": "KeyM", "bubbles": True})
    dialog = board.page.locator("#move-dialog")
    expect(dialog.locator("select[name=stage]")).to_be_focused()
    expect(dialog.locator("select[name=stage]")).to_have_value(str(stages[1].pk))
    dialog.locator("select[name=stage]").select_option(str(stages[2].pk))
    dialog.locator("select[name=before]").select_option("")
    with board.answer_to("/moves/"):
        dialog.locator("button[value=move]").press("Enter")
    board.shows(stages[2], "Third", "Second")
    expect(board.link(deals[1])).to_be_focused()
    with board.answer_to("/moves/"):
        keys.press("Control+z")
    board.shows(stages[0], "First", "Second")
    expect(board.link(deals[1])).to_be_focused()
    assert order_of(stages[0]) == ["First", "Second"]


def test_select_three_by_keyboard_and_move_them(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    keys = board.page.keyboard
    keys.press("ArrowDown")
    keys.press("x")
    keys.press("ArrowDown")
    keys.press("x")
    keys.press("ArrowRight")
    keys.press("x")
    expect(board.page.locator(".picked-bar")).to_contain_text("3")
    keys.press("m")
    dialog = board.page.locator("#move-dialog")
    dialog.locator("select[name=stage]").select_option(str(stages[3].pk))
    with board.answer_to("/moves/") as answers:
        keys.press("Enter")
    assert answers[0].ok
    board.shows(stages[3], "First", "Second", "Third")
    board.undo.click()
    board.shows(stages[0], "First", "Second")
    board.shows(stages[2], "Third")
    board.shows(stages[3])
    keys.press("Escape")
    expect(board.page.locator(".picked-bar")).to_be_hidden()


def test_a_new_deal_in_one_line(new_page: NewPage, language: str, anna: User, clara: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    hers = BoardPage(new_page(clara, language=language)).open()
    keys = board.page.keyboard
    keys.press("ArrowDown")
    keys.press("n")
    field = board.column(stages[0]).locator("[data-add] input")
    expect(field).to_be_focused()
    field.fill("Vektor @ Acme 300k")
    keys.press("Enter")
    field.fill("Another")
    keys.press("Enter")
    board.shows(stages[0], "Another", "Vektor", "First", "Second")
    hers.shows(stages[0], "Another", "Vektor", "First", "Second")
    expect(field).to_be_focused()
    keys.press("Escape")
    expect(field).to_have_count(0)
    deal = Deal.objects.get(title="Vektor")
    assert (deal.amount, deal.currency, deal.company and deal.company.name, deal.owner) == (300_000, "EUR", "Acme", anna)
    expect(board.card(deal).locator(".cc")).to_have_text("Acme")


def test_the_list_of_keys_and_the_search(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    keys = board.page.keyboard
    keys.press("?")
    expect(board.page.locator("#keys-dialog")).to_be_visible()
    keys.press("Escape")
    expect(board.page.locator("#keys-dialog")).to_be_hidden()
    keys.press("/")
    expect(board.page.locator("[data-search]")).to_be_focused()
    keys.type("sec")
    keys.press("Enter")
    expect(board.page.locator("[data-board] .ct")).to_have_text(["Second"])


def test_a_column_s_menu_by_keyboard(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    button, menu = board.column(stages[0]).locator("[data-column-menu]"), board.page.locator("#column-menu")
    button.focus()
    expect(button).to_have_css("opacity", "1")
    board.page.keyboard.press("Enter")
    expect(menu.locator("[data-column=add]")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    board.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    board.page.keyboard.press("Enter")
    board.page.keyboard.press("ArrowDown")
    board.page.keyboard.press("Enter")
    expect(board.page.locator(".is-picked")).to_have_count(2)
