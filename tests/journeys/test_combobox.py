"""Names are chosen from a list under the field, and a new one only where it is meant."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from crm.models import Company, Contact, User
from crm.services.clients import save_client
from tests.accessibility import check_accessibility
from tests.journeys.board import NewPage


@pytest.mark.parametrize("width", [1440, 390])
def test_a_company_is_chosen_by_half_its_name(new_page: NewPage, anna: User, width: int) -> None:
    for name in ("ТД «Белый самовар»", "Белый парус"):
        save_client(model=Company, by=anna, name=name)
    contact = save_client(model=Contact, by=anna, name="Ivan Petrov")
    page = new_page(anna, width=width)
    page.goto(f"/contacts/{contact.pk}/")
    field, options = page.locator("[name=company]"), page.locator(".combobox [role=option]")

    def company() -> str:
        return Contact.objects.select_related("company").get(pk=contact.pk).company.name

    field.focus()
    page.keyboard.type("белый сам")
    page.keyboard.press("Enter")  # before the names are there: nothing is made of half a name
    expect(options).to_have_count(2)
    expect(options.first).to_have_attribute("aria-selected", "true")
    check_accessibility(page)
    page.keyboard.press("Enter")
    expect(field).to_have_value("ТД «Белый самовар»")
    expect(page.locator("#toasts .note-toast")).to_have_count(1)
    assert company() == "ТД «Белый самовар»" and Company.objects.count() == 2
    # The last line makes a new one.
    field.fill("")
    page.keyboard.type("белый")
    expect(options).to_have_count(3)
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_text("New company “белый”")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts .note-toast")).to_have_count(2)
    assert company() == "белый" and Company.objects.count() == 3
    # By pointer; Escape closes the list alone.
    field.fill("")
    page.keyboard.type("парус")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("парус")
    page.keyboard.type(" ")
    options.first.click()
    expect(field).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#toasts .note-toast")).to_have_count(3)
    assert company() == "Белый парус" and Company.objects.count() == 3


def test_a_new_contact_gets_a_company_that_is_there(new_page: NewPage, anna: User) -> None:
    save_client(model=Company, by=anna, name="ТД «Белый самовар»")
    page = new_page(anna)
    page.goto("/contacts/new/")
    page.locator("[name=name]").fill("Ivan Petrov")
    page.locator("[name=company]").focus()
    page.keyboard.type("самов")
    expect(page.locator(".combobox [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[name=company]")).to_have_value("ТД «Белый самовар»")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/contacts/\d+/$"))
    assert Contact.objects.get().company == Company.objects.get()
