"""The page of a contact in a real browser: every field is edited where it stands."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from crm.models import Contact, User
from crm.services.clients import save_client
from tests.accessibility import check_accessibility
from tests.journeys.board import NewPage


def saved(page: Page, times: int) -> None:
    """As many toasts have come."""
    expect(page.locator("#toasts .note-toast")).to_have_count(min(times, 3))
    expect(page.locator("[data-fields] .is-saving")).to_have_count(0)


def test_every_field_is_edited_where_it_stands(new_page: NewPage, anna: User, clara: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Ivan Petrov", email="a@example.com")
    page = new_page(anna)
    page.goto(f"/contacts/{contact.pk}/")

    def rows(name: str) -> Any:
        return page.locator(f"[data-rows={name}] [data-row]")

    def now(field: str) -> Any:
        return getattr(Contact.objects.get(pk=contact.pk), field)

    # Typed, left, shown as people write it, with the way to dial it.
    page.locator("[data-rows=phones] input").fill("+7 912 345-67-89")
    page.keyboard.press("Tab")
    expect(page.locator("[data-rows=phones] a")).to_have_attribute("href", "tel:+79123456789")
    expect(page.locator("[data-rows=phones] input")).to_have_value("8 (912) 345-67-89")
    # One more e-mail by keyboard alone, then made the main one.
    page.locator("[data-rows=emails] [data-row-add]").press("Enter")
    page.keyboard.type("b@example.com")
    page.keyboard.press("Enter")
    expect(rows("emails").nth(1).locator("a")).to_have_attribute("href", "mailto:b@example.com")
    expect(rows("emails").nth(1).locator("input")).to_be_focused()
    rows("emails").nth(1).hover()
    rows("emails").nth(1).locator("[data-row-main]").click()
    expect(rows("emails").nth(0).locator("input")).to_have_value("b@example.com")
    saved(page, 3)
    assert [row["address"] for row in now("emails")] == ["b@example.com", "a@example.com"]
    # Taken back by the toast.
    page.locator("#toasts button:not(.toast-close)").last.click()
    expect(rows("emails").nth(0).locator("input")).to_have_value("a@example.com")
    # An address of several parts is written without losing any of them or doubling.
    page.locator("[data-rows=addresses] [data-row-add]").click()
    page.keyboard.type("Main street 1")
    page.keyboard.press("Tab")
    page.keyboard.type("Tver")
    page.keyboard.press("Tab")
    page.keyboard.type("Region")
    page.keyboard.press("Tab")
    expect(page.locator("[data-fields] .is-saving")).to_have_count(0)
    expect(rows("addresses")).to_have_count(1)
    expect(rows("addresses").locator("input").nth(1)).to_have_value("Tver")
    # Escape takes back what was typed; nothing is sent.
    name = page.locator("[data-fields] [name=name]")
    name.fill("Nonsense")
    name.press("Escape")
    expect(name).to_have_value("Ivan Petrov")
    # What is refused stays, with the reason beside it.
    rows("emails").nth(0).locator("input").fill("no mail")
    page.keyboard.press("Tab")
    expect(page.locator("[data-rows=emails] .field-error")).to_contain_text("no mail")
    expect(rows("emails").nth(0).locator("input")).to_have_value("no mail")
    rows("emails").nth(0).locator("input").fill("c@example.com")
    page.keyboard.press("Tab")
    expect(page.locator("[data-rows=emails] .field-error")).to_have_count(0)
    # A colleague was faster: both values are shown, and one chooses.
    save_client(model=Contact, by=clara, pk=contact.pk, position="CEO")
    page.locator("[data-fields] [name=position]").fill("CFO")
    page.keyboard.press("Tab")
    expect(page.locator("[data-fields] [name=position]")).to_have_value("CEO")
    page.locator("[data-mine]").click()
    expect(page.locator("[data-fields] [name=position]")).to_have_value("CFO")
    # Tags and the red mark.
    page.locator("[name='tags.new']").fill("VIP")
    page.keyboard.press("Enter")
    expect(page.locator("[data-rows=tags] .tag")).to_have_text("VIP")
    expect(page.locator("[data-client-warning]")).to_be_hidden()
    page.locator("[name=do_not_contact]").select_option("yes")
    expect(page.locator("[data-client-warning]")).to_be_visible()
    address = {"street": "Main street 1", "city": "Tver", "region": "Region", "postcode": "", "country": "", "label": "work"}
    assert (now("name"), now("position"), now("tags"), now("do_not_contact")) == ("Ivan Petrov", "CFO", ["VIP"], True)
    assert now("addresses") == [address]
    assert [row["address"] for row in now("emails")] == ["c@example.com", "b@example.com"]
    check_accessibility(page)
