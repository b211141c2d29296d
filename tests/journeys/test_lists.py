"""A list in a browser: filtered by keyboard, changed in place, kept as a view; on a phone without sideways scrolling."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from crm.models import Company, SavedView, User
from crm.services.clients import save_client
from tests.accessibility import check_accessibility


def names(page: Page) -> list[str]:
    return page.locator("[data-row] .lead a").all_inner_texts()


@pytest.fixture
def companies(anna: User) -> None:
    for name, website in (("Alpha", "https://a.example"), ("Beta", ""), ("Gamma", "https://g.example")):
        save_client(model=Company, by=anna, name=name, website=website)


def test_list_is_filtered_sorted_and_kept_by_keyboard(new_page: Callable[..., Page], anna: User, companies: None) -> None:
    page = new_page(anna)
    page.goto("/companies/")
    page.evaluate("window.stayed = true")
    page.keyboard.press("?")
    check_accessibility(page)
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    row = page.locator(".filter-row")
    expect(row.locator("select").first).to_be_focused()
    row.locator("select").first.select_option("website")
    row.locator("select").nth(1).select_option("filled")
    page.get_by_role("button", name="Show", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(2)
    assert names(page) == ["Alpha", "Gamma"]
    assert '"field":"website"' in unquote(page.url)
    page.get_by_role("link", name="Name", exact=True).press("Enter")
    expect(page.locator("[aria-sort=descending]")).to_have_count(1)
    assert names(page) == ["Gamma", "Alpha"]
    # Walking the rows, and out of them into a record and back.
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Alpha")).to_be_focused()
    # Kept as a view, and pinned.
    page.get_by_role("button", name="Save as a view").first.press("Enter")
    page.locator("#save-view-dialog [name=name]").fill("With a site")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("With a site")
    expect(page.locator(".side").get_by_title("With a site")).to_have_count(1)
    view = SavedView.objects.get()
    assert page.url.endswith(f"/companies/?view={view.pk}")
    assert (view.filter, view.order, view.is_shared) == ({"all": [{"field": "website", "op": "filled"}]}, "-name", False)
    # All of it without leaving the page; the way back leads through what was looked at.
    page.go_back()
    expect(page.locator("h1")).to_have_text("Companies")
    assert names(page) == ["Gamma", "Alpha"]
    assert page.evaluate("window.stayed") is True
    page.reload()
    assert names(page) == ["Gamma", "Alpha"]
    page.get_by_role("link", name=re.compile("^Remove")).click()
    expect(page.locator("[data-row]")).to_have_count(3)
    check_accessibility(page)


def test_list_on_a_phone_does_not_scroll_sideways(new_page: Callable[..., Page], anna: User, companies: None) -> None:
    page = new_page(anna, language="ru", width=390, height=844, touch=True)
    page.goto("/companies/")
    page.locator("[data-search]").fill("alp")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-search]")).to_be_focused()
    expect(page.locator("[data-search]")).to_have_value("alp")
    page.locator("[data-filter-add]").tap()
    expect(page.locator("#filter-dialog")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('#filter-dialog').scrollWidth <= document.querySelector('#filter-dialog').clientWidth")
    check_accessibility(page)


def test_picked_rows_are_changed_and_put_back_by_keyboard(new_page: Callable[..., Page], anna: User, companies: None) -> None:
    page = new_page(anna)
    page.goto("/companies/")
    page.evaluate("window.stayed = true")
    for _number in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.locator("[data-row].is-picked .lead a").last.focus()
    expect(page.locator("[data-picked-count]")).to_have_text("Selected: 2")
    page.get_by_role("button", name="Add tag").press("Enter")
    dialog = page.locator("[data-many-dialog]")
    expect(dialog.get_by_label("Tag")).to_be_focused()
    check_accessibility(page)
    page.keyboard.type("vip")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Changed: 2.")).to_be_visible()
    assert set(Company.objects.tagged("vip").values_list("name", flat=True)) == {"Alpha", "Beta"}
    expect(page.locator("[data-picked]")).to_be_hidden()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("Taken back: 2.")).to_be_visible()
    assert not Company.objects.tagged("vip").exists()
    assert page.evaluate("window.stayed")
