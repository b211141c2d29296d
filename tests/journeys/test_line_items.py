"""The lines of a deal typed into a table, by keyboard alone."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import expect

from crm.models import User
from pipeline.models import Deal, LineItem, Product, Stage
from tests.factories import make_deal
from tests.journeys.board import NewPage

D = Decimal


def test_lines_are_typed_moved_and_undone_by_keyboard(new_page: NewPage, anna: User, stages: list[Stage]) -> None:
    Product.objects.create(name="Licence for a year", unit="seat", price=D("12.50"), currency="EUR", tax_rate=D(20))
    deal = make_deal(by=anna, amount=None)
    page = new_page(anna)
    page.goto(f"/deals/{deal.pk}/")
    rows, keys, total = page.locator("tr[data-item]"), page.keyboard, page.locator(".sums-total dd")
    page.locator("[data-new] [name=name]").click()
    keys.type("lic")
    expect(page.locator(".products li")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("[data-new] [name=quantity]")).to_be_focused()
    keys.type("4")
    keys.press("Enter")
    expect(rows).to_have_count(1)
    expect(total).to_have_text("€50")
    expect(page.locator("[data-fields] [name=amount]")).to_have_value("50")
    expect(page.locator("[data-new] [name=name]")).to_be_focused()
    keys.type("Set-up")
    for typed in ("2", "", "100.5"):
        keys.press("Tab")
        keys.type(typed)
    keys.press("Enter")
    expect(rows).to_have_count(2)
    expect(total).to_have_text("€251")
    # A cell is saved on the way to the next row, and Ctrl+Z takes that back.
    rows.first.locator("[name=quantity]").fill("10")
    keys.press("Enter")
    expect(total).to_have_text("€326")
    expect(rows.nth(1).locator("[name=quantity]")).to_be_focused()
    keys.press("Control+z")
    expect(total).to_have_text("€251")
    # What makes no sense stays as typed, and nothing is saved.
    rows.first.locator("[name=price]").fill("ten")
    keys.press("Tab")
    expect(rows.first.locator("[name=price]")).to_have_attribute("aria-invalid", "true")
    expect(rows.first.locator("[name=price]")).to_have_value("ten")
    rows.first.locator("[name=price]").fill("12.50")
    keys.press("Tab")
    page.locator("[data-item-handle]").first.focus()
    keys.press("ArrowDown")
    expect(rows.first.locator("[name=name]")).to_have_value("Set-up")
    expect(page.locator("[data-item-handle]").nth(1)).to_be_focused()
    rows.first.locator("[data-item-remove]").press("Enter")
    expect(total).to_have_text("€50")
    page.locator("#toasts button", has_text="Undo").click()
    expect(total).to_have_text("€251")
    expect(rows.first.locator("[name=name]")).to_have_value("Set-up")
    assert list(LineItem.objects.values_list("name", "quantity", "total")) == [
        ("Set-up", D(2), D(201)),
        ("Licence for a year", D(4), D(50)),
    ]
    assert Deal.objects.get().amount == D(251)
