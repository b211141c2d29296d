"""Filters of the board: in the address, through back and forward, with moves and with colleagues' changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, Stage
from pipeline.services.deals import edit_deal
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage


@pytest.fixture
def deals(anna: User, clara: User, stages: list[Stage]) -> list[Deal]:
    """Two of Anna's deals and one of Clara's in the first column, from the top."""
    hers = make_deal("Pumps for Acme", by=clara, amount=500)
    large, small = make_deal("Valves", by=anna, amount=9000), make_deal("Pumps", by=anna, amount=100)
    return [small, large, hers]


def test_filters_live_in_the_address(new_page: NewPage, language: str, clara: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(clara, language=language)).open()
    page, chips = board.page, board.page.locator(".chips .chip")
    board.shows(stages[0], "Pumps", "Valves", "Pumps for Acme")
    page.locator("[data-search]").fill("pumps")
    page.locator("[data-search]").press("Enter")
    board.shows(stages[0], "Pumps", "Pumps for Acme")
    assert page.url.endswith("/board/?text=pumps")
    page.locator("[popovertarget=filters]").click()
    page.locator("#filters select[name=owner]").select_option("me")
    page.locator("#filters [name=amount_from]").fill("200")
    page.locator("#filters button.btn-primary").click()
    board.shows(stages[0], "Pumps for Acme")
    expect(chips).to_have_count(3)
    sent = page.url
    page.reload()
    board.shows(stages[0], "Pumps for Acme")
    chips.nth(1).click()
    board.shows(stages[0], "Pumps for Acme")
    expect(chips).to_have_count(2)
    page.go_back()
    expect(chips).to_have_count(3)
    page.go_back()
    board.shows(stages[0], "Pumps", "Pumps for Acme")
    page.go_forward()
    board.shows(stages[0], "Pumps for Acme")
    assert page.url == sent
    page.locator(".chips [data-clear]").click()
    board.shows(stages[0], "Pumps", "Valves", "Pumps for Acme")
    expect(page.locator(".chips")).to_have_count(0)


def test_the_bar_of_next_steps_filters(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    Deal.objects.filter(pk=deals[1].pk).update(next_step_on=timezone.localdate() - timedelta(days=3))
    board = BoardPage(new_page(anna)).open()
    overdue = board.column(stages[0]).locator('.col-bar a[href="?step=overdue"]')
    overdue.focus()
    board.page.keyboard.press("Enter")
    board.page.wait_for_url("**/board/?step=overdue")
    board.shows(stages[0], "Valves")
    board.column(stages[0]).locator(".col-bar a[aria-current=true]").focus()
    board.page.keyboard.press("Enter")
    board.shows(stages[0], "Pumps", "Valves")


def test_a_card_that_the_filters_hide_after_its_move_leaves_with_a_word(
    new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]
) -> None:
    """Too long in its stage before the move, freshly arrived after it."""
    Deal.objects.filter(pk=deals[0].pk).update(stage_entered_at=timezone.now() - timedelta(days=20))
    board = BoardPage(new_page(anna)).open("?rotting=1")
    board.shows(stages[0], "Pumps")
    board.drag(deals[0], board.list_of(stages[1]))
    board.shows(stages[0])
    board.shows(stages[1])
    with board.answer_to("/moves/"):
        board.undo.click()
    assert Deal.objects.get(pk=deals[0].pk).stage == stages[0]


def test_colleagues_changes_arrive_filtered(new_page: NewPage, anna: User, clara: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(clara)).open("?text=pumps")
    board.shows(stages[0], "Pumps", "Pumps for Acme")
    make_deal("Pipes", by=anna)
    edit_deal(deal_id=deals[1].pk, changes={"title": "More pumps"}, by=anna)
    edit_deal(deal_id=deals[0].pk, changes={"title": "Taps"}, by=anna)
    board.shows(stages[0], "More pumps", "Pumps for Acme")


def test_an_address_that_makes_no_sense_is_said(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open("?amount_from=much&text=nothing+like+it")
    expect(board.page.locator(".chips")).to_contain_text("much")
    board.shows(stages[0])
    board.page.locator(".chips [data-clear]").click()
    board.shows(stages[0], "Pumps", "Valves")
