"""Lost and found: the line to the server, sleeping laptops, and stages that change meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, Pipeline, Stage
from pipeline.services.moves import move_deal
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage


@pytest.fixture
def deals(anna: User, stages: list[Stage]) -> list[Deal]:
    second, first = (make_deal(title, by=anna) for title in ("Second", "First"))
    return [first, second]


def test_a_lost_line_is_said_and_healed(
    new_page: NewPage, language: str, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    # The browser lets an answer through that was under way when the line went; this page hears nothing any more.
    board.page.route("**/columns/**", lambda route: route.abort("internetdisconnected"))
    notice = board.page.locator(".offline")
    expect(notice).to_be_hidden()
    board.page.context.set_offline(True)
    expect(notice).to_be_visible()
    move_deal(deal_id=deals[1].pk, to_stage=stages[2].pk, by=clara)
    board.drag(deals[0], board.list_of(stages[1]))
    expect(board.toast).to_have_attribute("data-kind", "error")
    board.shows(stages[0], "First", "Second")
    board.page.unroute("**/columns/**")
    board.page.context.set_offline(False)
    expect(notice).to_be_hidden()
    board.shows(stages[0], "First")
    board.shows(stages[2], "Second")
    with board.answer_to("/moves/"):
        board.drag(deals[0], board.list_of(stages[1]))
    board.shows(stages[1], "First")


def test_what_happens_before_the_stream_is_open_is_seen(
    new_page: NewPage, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    page = new_page(anna)
    page.route("**/events/**", lambda route: (move_deal(deal_id=deals[0].pk, to_stage=stages[1].pk, by=clara), route.continue_()))
    board = BoardPage(page).open()
    board.shows(stages[0], "Second")
    board.shows(stages[1], "First")


def test_back_from_another_page_shows_the_board_of_now(
    new_page: NewPage, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna)).open()
    board.page.goto(f"/deals/{deals[1].pk}/")
    move_deal(deal_id=deals[0].pk, to_stage=stages[1].pk, by=clara)
    board.page.go_back()
    board.shows(stages[0], "Second")
    board.shows(stages[1], "First")


def test_a_new_stage_appears_and_takes_cards(
    new_page: NewPage, anna: User, clara: User, sales: Pipeline, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna)).open()
    added = Stage.objects.create(pipeline=sales, name="Trial", position=len(stages))
    move_deal(deal_id=deals[1].pk, to_stage=added.pk, by=clara)
    board.shows(added, "Second")
    with board.answer_to("/moves/"):
        board.drag(deals[0], board.list_of(added), down=0.6)
    board.shows(added, "Second", "First")
    board.shows(stages[0])
