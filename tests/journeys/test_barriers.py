"""axe finds no barrier on the board, whatever is open, in light and dark, on a laptop and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, LostReason, Stage
from tests.accessibility import check_accessibility
from tests.factories import make_deal
from tests.journeys.board import BoardPage, NewPage


@pytest.fixture
def deal(clara: User, stages: list[Stage]) -> Deal:
    """One card of each kind: rotting, with each state of the next step, without amount, owner or company."""
    LostReason.objects.create(name="Price")
    today = timezone.localdate()
    for title, days in (("Overdue", -2), ("Today", 0), ("Planned", 3)):
        made = make_deal(title, by=clara, company="Vektor", stage=stages[1])
        Deal.objects.filter(pk=made.pk).update(next_step_on=today + timedelta(days=days))
    make_deal("Bare", by=clara, amount=None, owner=None)
    rotting = make_deal("Rotting", by=clara, amount=1_250_000)
    Deal.objects.filter(pk=rotting.pk).update(stage_entered_at=timezone.now() - timedelta(days=30))
    return rotting


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_barriers(new_page: NewPage, clara: User, deal: Deal, stages: list[Stage], width: int, dark: bool) -> None:
    page = new_page(clara, width=width, height=844, dark=dark, touch=width == 390)
    board = BoardPage(page).open("?amount_to=9000000")
    check_accessibility(page)
    board.column(stages[0]).locator("[data-column-menu]").click()
    check_accessibility(page)
    page.keyboard.press("Escape")
    page.locator("[popovertarget=filters]").click()
    check_accessibility(page)
    page.keyboard.press("Escape")
    board.link(deal).focus()
    for key, dialog in (("m", "#move-dialog"), ("?", "#keys-dialog")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        check_accessibility(page, within=dialog)
        page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("n")
    check_accessibility(page)
    board.link(deal).click()
    expect(page.locator("#drawer [data-deal-heading]")).to_have_text("Rotting")
    check_accessibility(page)
    page.locator("#drawer [data-outcome=lost]").click()
    expect(page.locator("#lost-dialog [name=lost_reason]")).to_be_visible()
    check_accessibility(page)
    page.locator("#lost-dialog [name=lost_reason]").check()
    page.locator("#lost-dialog [value=lost]").click()
    expect(board.undo).to_be_visible()
    check_accessibility(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_deal_s_page_has_none(new_page: NewPage, clara: User, deal: Deal, dark: bool) -> None:
    for width in (390, 1440):
        page = new_page(clara, width=width, dark=dark)
        page.goto(f"/deals/{deal.pk}/")
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
