"""Moves that the server refuses: the card goes back, and the page says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Route, expect

from crm.models import User
from pipeline.models import Deal, Stage
from pipeline.services.deals import edit_deal
from pipeline.services.moves import move_deal
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage, order_of


@pytest.fixture
def deals(anna: User, stages: list[Stage]) -> list[Deal]:
    second, first = (make_deal(title, by=anna) for title in ("Second", "First"))
    return [first, second]


def stays(board: BoardPage, stages: list[Stage], *, status: int | None = None) -> str:
    """Drag the first card on and see it go back; what the page says about it."""
    with board.page.expect_event("request", lambda request: request.url.endswith("/moves/")) as sent:
        board.drag(Deal.objects.get(title="First"), board.list_of(stages[1]))
    answer = sent.value.response()
    assert (answer.status if answer else None) == status
    expect(board.toast).to_have_attribute("data-kind", "error")
    board.shows(stages[0], "First", "Second")
    expect(board.page.locator(".is-waiting")).to_have_count(0)
    return board.toast.locator("span").inner_text()


def test_a_move_that_came_too_late_is_put_where_the_card_is(
    new_page: NewPage, language: str, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    board.lift(deals[0])
    move_deal(deal_id=deals[0].pk, to_stage=stages[2].pk, by=clara)
    board.carry(board.list_of(stages[1]))
    with board.answer_to("/moves/") as answers:
        board.drop()
    assert answers[0].status == 409
    expect(board.toast).to_have_attribute("data-kind", "error")
    expect(board.toast).to_contain_text(clara.name)
    expect(board.toast).to_contain_text(stages[2].name)
    board.shows(stages[0], "Second")
    board.shows(stages[1])
    board.shows(stages[2], "First")


def test_an_archived_stage_takes_nothing(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    Stage.objects.filter(pk=stages[1].pk).update(archived_at=timezone.now())
    assert stages[1].name in stays(board, stages, status=422)
    expect(board.column(stages[1])).to_have_count(0)
    assert order_of(stages[0]) == ["First", "Second"]


def test_a_page_that_lost_its_token_moves_nothing(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    assert stays(board, stages, status=403)
    assert order_of(stages[0]) == ["First", "Second"]


def test_a_deal_that_was_given_away_leaves(
    new_page: NewPage, anna: User, boris: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna)).open()
    board.lift(deals[0])
    edit_deal(deal_id=deals[0].pk, changes={"owner": boris}, by=clara)
    board.carry(board.list_of(stages[1]))
    with board.answer_to("/moves/") as answers:
        board.drop()
    assert answers[0].status == 404
    expect(board.toast).to_have_attribute("data-kind", "error")
    board.shows(stages[0], "Second")
    board.shows(stages[1])


def test_signed_out_meanwhile(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    Session.objects.all().delete()
    board.drag(deals[0], board.list_of(stages[1]))
    expect(board.toast).to_have_attribute("data-kind", "error")
    expect(board.column(stages[0]).locator(".ct")).to_have_text(["First", "Second"])
    board.undo.click()
    board.page.wait_for_url("**/accounts/login/?next=*board*")


def _fails(route: Route) -> None:
    route.fulfill(status=500, body="<h1>Server error</h1>")


def _is_cut(route: Route) -> None:
    route.abort("connectionreset")


@pytest.mark.parametrize("trouble", [_fails, _is_cut])
def test_a_request_that_fails_leaves_the_board_as_it_is(
    new_page: NewPage, trouble: Callable[[Route], None], anna: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna)).open()
    board.page.route("**/moves/", trouble)
    stays(board, stages, status=500 if trouble is _fails else None)
    board.page.unroute("**/moves/")
    with board.answer_to("/moves/"):
        board.drag(deals[0], board.list_of(stages[1]))
    board.shows(stages[0], "Second")
    board.shows(stages[1], "First")


def test_a_move_on_while_the_first_is_refused(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    """Two quick drags of one card: the first is refused while the second is under way, and the second counts."""
    board = BoardPage(new_page(anna)).open()
    held: list[Route] = []
    board.page.route("**/moves/", lambda route: held.append(route) if not held else route.continue_())
    board.drag(deals[0], board.list_of(stages[1]))
    board.drag(deals[0], board.list_of(stages[2]))
    with board.answer_to("/moves/"):
        _fails(held[0])
    board.shows(stages[0], "Second")
    board.shows(stages[1])
    board.shows(stages[2], "First")
    expect(board.card(deals[0])).to_have_count(1)
    assert order_of(stages[2]) == ["First"]
