"""A deal beside the board, and on its own page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from crm.models import Company, User
from pipeline.models import Deal, LostReason, Stage
from pipeline.services.deals import edit_deal
from pipeline.services.moves import move_deal
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage

LONG = "Предварительная квалификация сверхдлинногонеразрывногослова" * 3


@pytest.fixture
def deals(anna: User, stages: list[Stage]) -> list[Deal]:
    """First and Second in the first column, Third in the second."""
    third = make_deal("Third", by=anna, stage=stages[1])
    second, first = (make_deal(title, by=anna) for title in ("Second", "First"))
    return [first, second, third]


def heading(page: Page, title: str) -> None:
    expect(page.locator("#drawer [data-deal-heading]")).to_have_text(title)


def test_walk_through_the_deals_and_come_back(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    keys = board.page.keyboard
    keys.press("ArrowDown")
    keys.press("Enter")
    heading(board.page, "First")
    for letter, title in (("j", "Second"), ("j", "Third"), ("j", "Third"), ("k", "Second")):
        keys.press(letter)
        heading(board.page, title)
        expect(board.card(Deal.objects.get(title=title))).to_have_class("card is-open")
    assert f"deal={deals[1].pk}" in board.page.url
    board.page.reload()
    heading(board.page, "Second")
    board.ready()
    keys.press("Escape")
    expect(board.page.locator("#drawer")).to_be_hidden()
    expect(board.link(deals[1])).to_be_focused()
    assert "deal=" not in board.page.url


def test_the_browser_s_way_back_closes(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    heading(board.page, "First")
    board.page.keyboard.press("j")
    heading(board.page, "Second")
    board.page.go_back()
    expect(board.page.locator("#drawer")).to_be_hidden()
    board.page.go_forward()
    heading(board.page, "Second")
    board.page.locator("[data-drawer-close]").click()
    board.card(deals[0]).click()
    heading(board.page, "First")
    assert f"deal={deals[0].pk}" in board.page.url


def test_fields_are_edited_in_place(
    new_page: NewPage, language: str, anna: User, clara: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    hers = BoardPage(new_page(clara, language=language)).open()
    board.card(deals[0]).click()
    drawer = board.page.locator("#drawer")
    drawer.locator("[data-fields] [name=title]").fill("Renamed")
    with board.answer_to("/fields/"):
        drawer.locator("[data-fields] [name=title]").press("Tab")
    heading(board.page, "Renamed")
    expect(drawer.locator("[name=amount]")).to_be_focused()
    drawer.locator("[name=amount]").fill("1,5 млн")
    with board.answer_to("/fields/"):
        drawer.locator("[name=amount]").press("Enter")
    drawer.locator("[name=company]").fill("Vektor")
    with board.answer_to("/fields/"):
        drawer.locator("[name=company]").press("Tab")
    board.shows(stages[0], "Renamed", "Second")
    hers.shows(stages[0], "Renamed", "Second")
    expect(hers.card(deals[0]).locator(".cc")).to_have_text("Vektor")
    deals[0].refresh_from_db()
    assert (deals[0].title, deals[0].amount, str(deals[0].company)) == ("Renamed", 1_500_000, "Vektor")


def test_a_field_that_somebody_else_changed_is_not_overwritten(
    new_page: NewPage, language: str, anna: User, clara: User, deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    board.card(deals[0]).click()
    drawer = board.page.locator("#drawer")
    drawer.locator("[data-fields] [name=title]").fill("Mine")
    edit_deal(deal_id=deals[0].pk, changes={"title": "Hers"}, by=clara)
    with board.answer_to("/fields/") as answers:
        drawer.locator("[data-fields] [name=title]").press("Tab")
    assert answers[0].status == 412
    expect(drawer.locator("[role=alert]")).to_contain_text("Mine")
    expect(drawer.locator("[data-fields] [name=title]")).to_have_value("Hers")
    with board.answer_to("/fields/"):
        drawer.locator("[data-mine]").click()
    expect(drawer.locator("[data-fields] [name=title]")).to_have_value("Mine")
    expect(drawer.locator("[role=alert]")).to_have_count(0)
    assert Deal.objects.get(pk=deals[0].pk).title == "Mine"


def test_a_note_that_was_not_sent_waits_for_its_deal(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    note = board.page.locator("#drawer .note-form [contenteditable]")
    board.card(deals[0]).click()
    note.fill("Half a thought")
    board.page.keyboard.press("Escape")
    board.page.keyboard.press("Escape")
    expect(board.page.locator("#drawer")).to_be_hidden()
    board.card(deals[1]).click()
    expect(note).to_have_text("")
    board.card(deals[0]).click()
    heading(board.page, "First")
    expect(note).to_have_text("Half a thought")
    note.press("Control+Enter")
    expect(board.page.locator("#drawer [data-timeline]")).to_contain_text("Half a thought")
    board.card(deals[1]).click()
    heading(board.page, "Second")
    board.card(deals[0]).click()
    heading(board.page, "First")
    expect(note).to_have_text("")


def test_the_focus_stays_on_a_link_beside_a_field_that_is_saved(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    edit_deal(deal_id=deals[0].pk, changes={"company": Company.objects.create(name="Vektor")}, by=anna)
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    fields, held = board.page.locator("#drawer [data-fields]"), hold_saving(board)
    fields.locator("[name=title]").fill("Renamed")
    fields.locator("[name=title]").press("Tab")
    link = fields.locator("label:has([name=company]) a")
    link.focus()
    with board.answer_to("/fields/"):
        held[0].continue_()
    heading(board.page, "Renamed")
    expect(link).to_be_focused()


def test_enter_saves_and_stays(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    title = board.page.locator("#drawer [data-fields] [name=title]")
    title.fill("Renamed")
    with board.answer_to("/fields/"):
        title.press("Enter")
    heading(board.page, "Renamed")
    expect(title).to_be_focused()


def hold_saving(board: BoardPage) -> list[Route]:
    """Hold the first answer to a field that is saved; it is in the list when it was asked for."""
    held: list[Route] = []
    board.page.route("**/fields/", lambda route: held.append(route) if not held else route.continue_())
    return held


def test_a_deal_that_is_given_away_leaves(new_page: NewPage, clara: User, denis: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(clara)).open()
    board.card(deals[0]).click()
    drawer = board.page.locator("#drawer")
    with board.answer_to("/fields/") as answers:
        drawer.locator("[name=owner]").select_option(str(denis.pk))
    assert answers[0].status == 200
    expect(drawer.locator("[data-gone]")).to_contain_text("First")
    expect(board.card(deals[0])).to_have_count(0)
    assert Deal.objects.get(pk=deals[0].pk).owner == denis


def test_what_makes_no_sense_stays_with_its_reason(new_page: NewPage, language: str, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna, language=language)).open()
    board.card(deals[0]).click()
    amount = board.page.locator("#drawer [name=amount]")
    amount.fill("a lot")
    with board.answer_to("/fields/") as answers:
        amount.press("Tab")
    assert answers[0].status == 422
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_have_value("a lot")
    expect(board.page.locator("#drawer label:has([name=amount]) .field-error")).to_contain_text("a lot")
    amount.fill("4200")
    with board.answer_to("/fields/"):
        amount.press("Tab")
    expect(board.page.locator("#drawer .field-error")).to_have_count(0)


def test_move_and_outcome_from_the_drawer(new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]) -> None:
    LostReason.objects.create(name="Price")
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    drawer = board.page.locator("#drawer")
    drawer.locator(f'[data-move-to="{stages[2].pk}"]').click()
    board.shows(stages[2], "First")
    expect(drawer.locator("[data-deal]")).to_have_attribute("data-stage", str(stages[2].pk))
    expect(drawer.locator(".path [aria-current=step]")).to_contain_text(stages[2].name)
    drawer.locator("[data-outcome=lost]").click()
    board.page.locator("#lost-dialog").get_by_label("Price").check()
    board.page.locator("#lost-dialog button[value=lost]").click()
    board.shows(stages[2])
    drawer.locator("[data-outcome=reopened]").click()
    board.shows(stages[2], "First")
    expect(drawer.locator("[data-outcome=won]")).to_be_visible()


def test_long_words_break_nothing(new_page: NewPage, anna: User, stages: list[Stage]) -> None:
    deal = make_deal(LONG[:200], by=anna, company=LONG[:200], amount=None)
    for width in (1440, 390):
        board = BoardPage(new_page(anna, width=width)).open(f"?deal={deal.pk}")
        heading(board.page, deal.title)
        assert board.page.evaluate("document.documentElement.scrollWidth") == width
        drawer = board.page.locator("#drawer")
        assert drawer.evaluate("element => element.scrollWidth - element.clientWidth") == 0


def test_the_deal_s_own_page(new_page: NewPage, language: str, anna: User, clara: User, stages: list[Stage], deals: list[Deal]) -> None:
    page = new_page(anna, language=language)
    page.goto(f"/deals/{deals[0].pk}/")
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    page.locator(f'[data-move-to="{stages[1].pk}"]').click()
    expect(page.locator(".path [aria-current=step]")).to_contain_text(stages[1].name)
    expect(page.locator("[data-deal-stage]")).to_have_text(stages[1].name)
    page.locator("#toasts .note-toast button:not(.toast-close)").click()
    expect(page.locator(".path [aria-current=step]")).to_contain_text(stages[0].name)
    move_deal(deal_id=deals[0].pk, to_stage=stages[3].pk, by=clara)
    expect(page.locator(".path [aria-current=step]")).to_contain_text(stages[3].name)
    assert Deal.objects.get(pk=deals[0].pk).visits.count() == 4


def test_a_stranger_finds_nothing(new_page: NewPage, denis: User, deals: list[Deal], page_faults: list[str]) -> None:
    board = BoardPage(new_page(denis)).open(f"?deal={deals[0].pk}")
    expect(board.toast).to_have_attribute("data-kind", "error")
    expect(board.page.locator("#drawer")).to_be_hidden()
    answer = board.page.goto(f"/deals/{deals[0].pk}/")
    assert answer is not None
    assert answer.status == 404


def test_what_is_typed_while_another_field_is_saved_is_saved_too(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    fields, held = board.page.locator("#drawer [data-fields]"), hold_saving(board)
    sent: list[str] = []
    board.page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/fields/") else None)
    fields.locator("[name=title]").fill("Renamed")
    with board.page.expect_event("request", lambda request: request.url.endswith("/fields/")):
        fields.locator("[name=title]").press("Tab")
    fields.locator("[name=amount]").fill("4200")
    with board.answer_to("/fields/"):
        held[0].continue_()
    heading(board.page, "Renamed")
    expect(fields.locator("[name=amount]")).to_be_focused()
    expect(fields.locator("[name=amount]")).to_have_value("4200")
    assert len(sent) == 1  # nobody has left the amount yet
    with board.answer_to("/fields/"):
        fields.locator("[name=amount]").press("Tab")
    deals[0].refresh_from_db()
    assert (deals[0].title, deals[0].amount) == ("Renamed", 4200)


def test_a_field_typed_twice_while_it_is_saved_ends_as_typed_last(new_page: NewPage, anna: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    fields, held = board.page.locator("#drawer [data-fields]"), hold_saving(board)
    title = fields.locator("[name=title]")
    with board.page.expect_event("request", lambda request: request.url.endswith("/fields/")):
        title.fill("Once")
        title.press("Tab")
    title.fill("Twice")
    title.press("Tab")
    held[0].continue_()
    heading(board.page, "Twice")
    expect(board.page.locator("#drawer [data-mine]")).to_have_count(0)
    deals[0].refresh_from_db()
    assert deals[0].title == "Twice"


def hold_reading(board: BoardPage, deal: Deal) -> list[Route]:
    """Hold the next answer that brings this deal; it is in the list when it was asked for."""
    held: list[Route] = []
    board.page.route(f"**/deals/{deal.pk}/", lambda route: held.append(route) if not held else route.continue_())
    return held


def test_a_colleague_s_change_does_not_take_back_a_step(new_page: NewPage, anna: User, clara: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    heading(board.page, "First")
    held = hold_reading(board, deals[1])
    with board.page.expect_event("request", lambda request: request.url.endswith(f"/deals/{deals[1].pk}/")):
        board.page.keyboard.press("j")
    edit_deal(deal_id=deals[0].pk, changes={"title": "Changed"}, by=clara)
    expect(board.link(deals[0])).to_have_text("Changed")
    held[0].continue_()
    heading(board.page, "Second")
    expect(board.card(deals[1])).to_have_class("card is-open")


def test_what_is_typed_while_the_deal_is_read_again_stays(new_page: NewPage, anna: User, clara: User, deals: list[Deal]) -> None:
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    heading(board.page, "First")
    fields = board.page.locator("#drawer [data-fields]")
    held = hold_reading(board, deals[0])
    with board.page.expect_event("request", lambda request: request.url.endswith(f"/deals/{deals[0].pk}/")):
        edit_deal(deal_id=deals[0].pk, changes={"title": "Changed"}, by=clara)
    fields.locator("[name=amount]").fill("a lot")
    with board.answer_to("/fields/"):
        fields.locator("[name=amount]").press("Tab")
    expect(fields.locator("[name=amount]")).to_have_attribute("aria-invalid", "true")
    with board.page.expect_event("requestfinished", lambda request: request.url.endswith(f"/deals/{deals[0].pk}/")):
        held[0].continue_()
    expect(fields.locator("[name=title]")).to_have_value("First")  # nothing changes under the hands
    board.page.locator("#drawer [data-deal-heading]").focus()
    heading(board.page, "Changed")
    expect(fields.locator("[name=title]")).to_have_value("Changed")
    expect(fields.locator("[name=amount]")).to_have_value("a lot")
    expect(fields.locator("[name=amount]")).to_have_attribute("aria-invalid", "true")


def test_an_answer_that_comes_when_another_deal_is_open_changes_that_deal_alone(
    new_page: NewPage, anna: User, stages: list[Stage], deals: list[Deal]
) -> None:
    board = BoardPage(new_page(anna)).open()
    board.card(deals[0]).click()
    heading(board.page, "First")
    held: list[Route] = []
    board.page.route("**/fields/", lambda route: held.append(route))
    title = board.page.locator("#drawer [data-fields] [name=title]")
    title.fill("Renamed")
    with board.page.expect_event("request", lambda request: request.url.endswith("/fields/")):
        title.press("Tab")
    board.page.keyboard.press("Escape")  # out of the next field, where nothing was typed
    board.page.keyboard.press("j")
    heading(board.page, "Second")
    held[0].continue_()
    board.shows(stages[0], "Renamed", "Second")
    heading(board.page, "Second")
    expect(title).to_have_value("Second")
