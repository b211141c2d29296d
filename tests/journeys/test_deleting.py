"""Deleting by keyboard: a deal from the drawer while a second board watches, many contacts from their list; and back again."""

from __future__ import annotations

from playwright.sync_api import expect

from crm.models import Contact, User
from crm.services.clients import save_client
from pipeline.models import Deal, Stage
from tests.accessibility import check_accessibility
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage


def test_deal_goes_from_the_drawer_and_comes_back_on_both_boards(new_page: NewPage, anna: User, clara: User, stages: list[Stage]) -> None:
    third, second, first = (make_deal(title, by=anna) for title in ("Third", "Second", "First"))
    board, watching = BoardPage(new_page(anna)).open(), BoardPage(new_page(clara)).open()
    watching.shows(stages[0], "First", "Second", "Third")
    board.link(second).click()
    drawer = board.page.locator("#drawer")
    drawer.locator("[popovertarget=record-menu]").press("Enter")
    drawer.locator("[data-delete]").press("Enter")
    dialog = board.page.locator("#delete-dialog")
    expect(dialog.locator(".btn-danger")).to_be_focused()
    check_accessibility(board.page)
    board.page.keyboard.press("Escape")
    expect(drawer.locator("[popovertarget=record-menu]")).to_be_focused()
    board.page.keyboard.press("Enter")
    drawer.locator("[data-delete]").press("Enter")
    expect(dialog.locator(".btn-danger")).to_be_focused()
    board.page.keyboard.press("Enter")
    for each in (board, watching):
        each.shows(stages[0], "First", "Third")
    expect(drawer).to_be_hidden()
    expect(board.link(third)).to_be_focused()
    assert "deal=" not in board.page.url and set(Deal.objects.all()) == {first, third}
    board.undo.press("Enter")
    for each in (board, watching):
        each.shows(stages[0], "First", "Second", "Third")
    expect(board.link(second)).to_be_focused()


def test_many_contacts_go_and_come_back(new_page: NewPage, anna: User) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        save_client(model=Contact, by=anna, name=name)
    page = new_page(anna)
    page.goto("/contacts/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("[data-many$='/delete/']").press("Enter")
    expect(page.locator("[data-many-dialog] .btn-danger")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("#toasts button:not(.toast-close)").press("Enter")
    expect(page.locator("[data-row]")).to_have_count(3)
    # One alone, from its page; then the way back much later.
    page.get_by_role("link", name="Beta").click()
    page.locator("[popovertarget=record-menu]").press("Enter")
    page.locator("[data-delete]").press("Enter")
    expect(page.locator("#delete-dialog .btn-danger")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/")
    page.goto("/deleted/")
    expect(page.locator(".removal")).to_have_count(1)
    check_accessibility(page)
    page.locator(".removal button").press("Enter")
    expect(page.locator("[data-client-name]")).to_have_text("Beta")
    assert Contact.objects.count() == 3
