"""Who is there already is told while somebody types: on the form, in fields edited in place, on the board."""

from __future__ import annotations

from playwright.sync_api import expect

from crm.models import Company, Contact, User
from crm.services.clients import save_client
from crm.services.dictionary import learn_words
from pipeline.models import Deal, Stage
from tests.accessibility import check_accessibility
from tests.journeys.board import NewPage


def test_a_new_contact_is_told_of_those_already_there(new_page: NewPage, anna: User, boris: User, language: str) -> None:
    vektor = save_client(model=Company, by=anna, name="Вектор")
    there = save_client(model=Contact, by=anna, name="Юлия Смирнова", company=vektor)
    save_client(model=Contact, by=boris, name="Secret", email="secret@y.example")
    learn_words()
    page = new_page(anna, language=language, width=390)
    page.goto("/contacts/new/")
    warning = page.locator("[data-duplicates]")
    expect(page.locator(".if-found")).to_be_hidden()
    page.locator("[name=name]").fill("Yulia Smirnova")
    expect(warning.locator("a")).to_have_attribute("href", f"/contacts/{there.pk}/")
    expect(warning).to_contain_text("Вектор")
    expect(warning).to_contain_text(anna.name)
    expect(page.locator(".if-found")).to_be_visible()
    # A company that is written nearly so is taken by keyboard.
    page.locator("[name=company]").fill("Вектар")
    page.locator("[data-use]").press("Enter")
    expect(page.locator("[name=company]")).to_have_value("Вектор")
    expect(page.locator("[data-use]")).to_have_count(0)
    page.locator("[name='emails.0.address']").fill("secret@y.example")
    expect(warning.locator("[name=warned][value=email]")).to_be_attached()
    expect(warning).not_to_contain_text("Secret")
    check_accessibility(page)
    # It was told; it doesn't block.
    page.locator(".form-actions .btn-primary").click()
    page.wait_for_url("**/contacts/*/")
    assert Contact.objects.get(name="Yulia Smirnova").company == vektor
    assert Company.objects.count() == 1


def test_an_edit_in_place_tells_and_leads_to_the_merge(new_page: NewPage, anna: User, language: str) -> None:
    there = save_client(model=Contact, by=anna, name="Alena Kim", phone="+79123456789")
    mine = save_client(model=Contact, by=anna, name="Somebody")
    page = new_page(anna, language=language)
    page.goto(f"/contacts/{mine.pk}/")
    page.locator("[data-rows=phones] input").fill("8 912 345-67-89")
    page.keyboard.press("Tab")
    warning = page.locator("[data-warned=phones] [data-duplicates]")
    expect(warning.locator("a")).to_have_attribute("href", f"/contacts/{there.pk}/")
    # Another field's answer leaves it standing.
    page.locator("[data-fields] [name=position]").fill("CEO")
    page.keyboard.press("Tab")
    expect(page.locator("[data-fields] [name=position]")).to_have_attribute("data-was", "CEO")
    expect(warning).to_be_visible()
    check_accessibility(page)
    warning.locator("form button").press("Enter")
    page.wait_for_url("**/duplicates/*/")
    expect(page.locator("form.merge")).to_contain_text("Alena Kim")


def test_a_line_on_the_board_takes_the_company_that_is_there(new_page: NewPage, anna: User, stages: list[Stage], language: str) -> None:
    vektor = save_client(model=Company, by=anna, name="Вектор")
    learn_words()
    page = new_page(anna, language=language)
    page.goto("/board/")
    page.locator("[data-new]").click()
    field = page.locator("[data-add] input")
    field.fill("Насосы @ Вектар 300k")
    expect(page.locator("[data-add] [data-use]")).to_be_visible()
    check_accessibility(page)
    page.locator("[data-add] [data-use]").press("Enter")
    expect(field).to_have_value("Насосы @ Вектор 300k")
    expect(field).to_be_focused()
    field.press("Enter")
    expect(page.locator("[data-deal-id]")).to_have_count(1)
    deal = Deal.objects.get()
    assert (deal.title, deal.company) == ("Насосы", vektor)
