"""The palette in a browser: keyboard alone, a phone, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm.models import Company, Contact, User
from crm.services.clients import save_client
from pipeline.models import Stage
from tests.accessibility import check_accessibility
from tests.factories import make_deal

pytestmark = pytest.mark.django_db(transaction=True)


def test_keyboard_alone_finds_and_opens(new_page: Callable[..., Page], anna: User, stages: list[Stage], language: str) -> None:
    vektor = save_client(model=Company, by=anna, name="Вектор")
    petr = save_client(model=Contact, by=anna, name="Пётр Векторов", company=vektor, phone="+7 916 123-45-67")
    make_deal("Поставка труб", by=anna, company=vektor)
    page = new_page(anna, language=language)
    page.goto("/companies/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name={"en": "Search", "ru": "Поиск"}[language])
    expect(field).to_be_focused()
    options = page.locator("#search [role=option]")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.type("dtrnjh")  # «вектор» in the other layout
    expect(page.locator("#search [data-record]")).to_have_count(3)
    check_accessibility(page)
    expect(field).to_have_attribute("aria-activedescendant", f"found-company-{vektor.pk}")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", f"found-contact-{petr.pk}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/companies/{vektor.pk}/")
    # What was opened is there before anything is typed, but for the page one is on.
    page.goto("/contacts/")
    page.keyboard.press("/") if not page.locator("[data-search]").count() else page.keyboard.press("Control+k")
    expect(page.locator("#search [data-record]")).to_have_text(["Вектор" + "Anna Arlova"])
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_hidden()


def test_new_tab_and_a_hasty_enter(new_page: Callable[..., Page], anna: User, stages: list[Stage]) -> None:
    petr = save_client(model=Contact, by=anna, name="Пётр Ёлкин")
    page = new_page(anna)
    page.goto("/contacts/")
    page.keyboard.press("Control+k")
    page.keyboard.type("елкин")
    expect(page.locator("#search [data-record]")).to_have_count(1)
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    opened.value.wait_for_url(f"**/contacts/{petr.pk}/")
    expect(page.locator("#search")).to_be_visible()
    page.locator("#search input").fill("")
    page.keyboard.type("петр")
    page.keyboard.press("Enter")  # before the answer: it goes where the answer leads
    page.wait_for_url(f"**/contacts/{petr.pk}/")


def test_phone_finds_nothing_and_adds_it(new_page: Callable[..., Page], anna: User, stages: list[Stage]) -> None:
    page = new_page(anna, width=390, height=780, touch=True)
    page.goto("/contacts/")
    page.get_by_role("button", name="Search").last.click()
    page.locator("#search input").fill("Поставка 300k")
    expect(page.locator("#search [role=option]")).to_have_count(3)
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("option", name="New deal “Поставка 300k”").click()
    field = page.locator(".add-card input")
    expect(field).to_have_value("Поставка 300k")
    expect(field).to_be_focused()
