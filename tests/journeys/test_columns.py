"""Long columns, folded columns, and what a column's menu tells."""

from __future__ import annotations

from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, Stage
from pipeline.queries.board import FIRST_CARDS
from pipeline.services.moves import move_deal
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage, order_of


def test_a_long_column_loads_on_and_keeps_its_order(new_page: NewPage, anna: User, stages: list[Stage]) -> None:
    deals = {f"{number:02}": make_deal(f"{number:02}", by=anna) for number in range(40, 0, -1)}
    board = BoardPage(new_page(anna, height=700)).open()
    board.link(deals["01"]).click()
    board.page.keyboard.press("j")
    board.page.keyboard.press("j")
    for number in range(4, FIRST_CARDS + 3):  # past the last card that came with the page
        board.page.keyboard.press("j")
        expect(board.page.locator("#drawer [data-deal-heading]")).to_have_text(f"{number:02}")
    board.page.keyboard.press("Escape")
    board.card(deals["40"]).scroll_into_view_if_needed()
    expect(board.column(stages[0]).locator(".ct")).to_have_text(sorted(deals))
    move_deal(deal_id=deals["40"].pk, to_stage=stages[2].pk, by=anna)
    board.shows(stages[2], "40")
    board.shows(stages[0], *sorted(deals)[:-1])


def test_a_card_dropped_below_the_loaded_ones_stands_above_the_rest(new_page: NewPage, anna: User, stages: list[Stage]) -> None:
    for number in range(30, 0, -1):
        make_deal(f"{number:02}", by=anna)
    other = make_deal("Other", by=anna, stage=stages[1])
    page = new_page(anna, height=1400)
    page.route(f"**/columns/{stages[0].pk}/**", lambda route: None)  # the rest is slow in coming
    board = BoardPage(page).open()
    board.lift(other)
    board.carry(board.card(Deal.objects.get(title=f"{FIRST_CARDS:02}")), down=0.9)
    with board.answer_to("/moves/"):
        board.drop()
    assert order_of(stages[0])[FIRST_CARDS - 1 : FIRST_CARDS + 2] == [f"{FIRST_CARDS:02}", "Other", f"{FIRST_CARDS + 1:02}"]


def test_a_folded_column_stays_folded_and_takes_cards(new_page: NewPage, anna: User, stages: list[Stage]) -> None:
    deal = make_deal("First", by=anna)
    board = BoardPage(new_page(anna)).open()
    for column in (stages[1], stages[2]):
        board.column(column).locator("[data-column-menu]").click()
        board.page.locator("#column-menu [data-column=fold]").click()
        expect(board.column(column).locator(".cards")).to_be_hidden()
    board.open()
    expect(board.page.locator(".is-folded")).to_have_count(2)
    board.lift(deal)
    board.carry(board.column(stages[1]))
    with board.answer_to("/moves/"):
        board.drop()
    assert order_of(stages[1]) == ["First"]
    board.column(stages[1]).click()
    board.shows(stages[1], "First")


def test_the_menu_tells_what_the_past_says(new_page: NewPage, language: str, anna: User, stages: list[Stage]) -> None:
    for number in range(12):
        deal = make_deal(f"{number}", by=anna)
        if number < 9:
            move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    board = BoardPage(new_page(anna, language=language)).open()
    board.column(stages[0]).locator("[data-column-menu]").click()
    figures = board.page.locator("#column-menu [data-figures]")
    expect(figures).to_contain_text("12")
    expect(figures).to_contain_text({"en": "75%", "ru": "75 %"}[language])
