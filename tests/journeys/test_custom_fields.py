"""Custom fields edited beside the board, by keyboard too, with a colleague at the same time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from crm.models import CustomField, User
from crm.services.custom_fields import add_field
from pipeline.models import Deal, Stage
from pipeline.services.deals import edit_deal
from tests.accessibility import check_accessibility
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage


@pytest.fixture
def fields(admin: User) -> list[CustomField]:
    options = ["Leasing", "Factoring", "Guarantee"]
    return [
        add_field(kind="deal", type="choices", labels={"en": "Interested in", "ru": "Интересует"}, options=options, by=admin),
        add_field(kind="deal", type="number", labels={"en": "Предварительная квалификация"}, by=admin, is_required=True),
        add_field(kind="deal", type="link", labels={"en": "Tender"}, by=admin),
    ]


def test_fields_are_edited_in_the_drawer(
    new_page: NewPage, language: str, anna: User, clara: User, stages: list[Stage], fields: list[CustomField]
) -> None:
    deal = make_deal("First", by=anna, custom={"tender": "https://example.com/7"})
    number = f"custom.{fields[1].key}"
    board = BoardPage(new_page(anna, language=language)).open()
    board.card(deal).click()
    drawer = board.page.locator("#drawer")
    line = drawer.locator("[data-picker] summary")
    # Several choices, by keyboard alone; Escape closes the list and not the drawer.
    line.focus()
    board.page.keyboard.press("Enter")
    board.page.keyboard.press("Tab")
    board.page.keyboard.press("Space")
    board.page.keyboard.press("Tab")
    board.page.keyboard.press("Tab")
    board.page.keyboard.press("Space")
    check_accessibility(board.page)
    with board.answer_to("/fields/"):
        board.page.keyboard.press("Escape")
    expect(line).to_have_text("Leasing, Guarantee")
    expect(line).to_be_focused()
    expect(drawer).to_be_visible()
    # A refusal stands beside its field, and what was typed stays.
    drawer.locator(f'[name="{number}"]').fill("many")
    with board.answer_to("/fields/"):
        drawer.locator(f'[name="{number}"]').press("Tab")
    expect(drawer.locator(".field-error")).to_be_visible()
    expect(drawer.locator(f'[name="{number}"]')).to_have_value("many")
    drawer.locator(f'[name="{number}"]').fill("12")
    with board.answer_to("/fields/"):
        drawer.locator(f'[name="{number}"]').press("Enter")
    expect(drawer.locator(".field-error")).to_have_count(0)
    # A colleague was faster.
    edit_deal(deal_id=deal.pk, changes={"custom": {fields[1].key: "13"}}, by=clara)
    drawer.locator(f'[name="{number}"]').fill("14")
    with board.answer_to("/fields/") as answers:
        drawer.locator(f'[name="{number}"]').press("Tab")
    assert answers[0].status == 412
    expect(drawer.locator(f'[name="{number}"]')).to_have_value("13")
    with board.answer_to("/fields/"):
        drawer.locator("[data-mine]").click()
    expect(drawer.locator(f'[name="{number}"]')).to_have_value("14")
    assert Deal.objects.get().custom == {
        "tender": "https://example.com/7",
        "interested_in": ["leasing", "guarantee"],
        fields[1].key: "14",
    }


def test_a_list_being_ticked_outlives_another_fields_answer(
    new_page: NewPage, anna: User, stages: list[Stage], fields: list[CustomField]
) -> None:
    deal = make_deal("First", by=anna)
    page = new_page(anna, width=390, touch=True)
    page.goto(f"/deals/{deal.pk}/")
    page.locator(f'[name="custom.{fields[1].key}"]').fill("12")
    with page.expect_response("**/fields/"):
        page.locator("[data-picker] summary").click()
    page.get_by_label("Factoring").check()
    page.locator("[data-fields] [name=title]").fill("Renamed")
    with page.expect_response("**/fields/"):
        page.locator("[name=currency]").focus()
    expect(page.locator("[data-picker] summary")).to_have_text("Factoring")
    expect(page.locator("[data-deal-heading]").first).to_have_text("Renamed")
    page.reload()
    expect(page.locator("[data-picker] summary")).to_have_text("Factoring")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert Deal.objects.get().custom == {fields[1].key: "12", "interested_in": ["factoring"]}
