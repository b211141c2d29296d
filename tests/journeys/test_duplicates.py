"""Two records are made one and two again by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from crm.models import Contact, User
from crm.services.clients import save_client
from crm.services.duplicates import open_pair
from tests.accessibility import check_accessibility
from tests.journeys.board import NewPage

RIGHT_TO_LEFT = "محمد عبد الله"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab doesn't come to {selector}")


def test_a_pair_is_merged_and_taken_apart_by_keyboard(new_page: NewPage, anna: User, language: str) -> None:
    long = "Предварительная квалификация поставщика оборудования"
    one = save_client(model=Contact, by=anna, name=f"{long} {long}", phone="+79123456789", position=long, email="a@y.example")
    other = save_client(model=Contact, by=anna, name=RIGHT_TO_LEFT, phone="+79123456789", position="CEO")
    pair = open_pair(kind="contact", one=one.pk, other=other.pk, by=anna)
    page = new_page(anna, language=language, width=390)
    page.goto("/duplicates/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    check_accessibility(page)
    tab_to(page, f"[href='/duplicates/{pair.pk}/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/duplicates/*/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    check_accessibility(page)
    tab_to(page, "[name=keep]")
    expect(page.locator("[name=keep]:checked")).to_have_value("a")
    tab_to(page, "[name='pick.name']")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name='pick.name']:checked")).to_have_value("b")
    tab_to(page, "form.merge .btn-primary")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/contacts/{one.pk}/")
    expect(page.locator("h1")).to_have_text(RIGHT_TO_LEFT)
    assert list(Contact.objects.values_list("pk", "name", "position")) == [(one.pk, RIGHT_TO_LEFT, long)]
    check_accessibility(page)
    tab_to(page, ".merged-with button")
    page.keyboard.press("Enter")
    expect(page.locator(".merged-with")).to_have_count(0)
    names = dict(Contact.objects.values_list("pk", "name"))
    assert names == {one.pk: f"{long} {long}", other.pk: RIGHT_TO_LEFT}
