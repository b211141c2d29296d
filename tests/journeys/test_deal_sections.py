"""axe finds no barrier on a deal's page with all its sections, nor in the settings that they are kept in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from crm.models import User
from pipeline.models import ChecklistItem, ChecklistTick, Deal, Product, Stage
from pipeline.services.competitors import add_rival
from pipeline.services.line_items import add_item
from pipeline.services.quotes import create_quote
from tests.accessibility import check_accessibility
from tests.factories import make_deal
from tests.journeys.board import NewPage

SETTINGS = ("/settings/products/", "/settings/competitors/", "/settings/quotes/", "/settings/pipelines/{pipeline}/checklist/")


@pytest.fixture
def deal(admin: User, stages: list[Stage]) -> Deal:
    """Two lines, a quote without its PDF yet, somebody else who bids, one thing done and one to do."""
    made = make_deal("Racks", by=admin, amount=None)
    product = Product.objects.create(name="Licence", price=Decimal(100), currency="EUR", tax_rate=20)
    add_item(deal_id=made.pk, values={"product": product, "discount": Decimal(5)}, by=admin)
    add_item(deal_id=made.pk, values={"name": "Предварительная квалификация поставщика", "price": Decimal("1250.50")}, by=admin)
    create_quote(deal_id=made.pk, language="en", by=admin)
    add_rival(deal_id=made.pk, competitor="Acme", note="cheaper", by=admin)
    items = [ChecklistItem.objects.create(pipeline=made.pipeline, name=name, position=n) for n, name in enumerate(("Asked", "Read"))]
    ChecklistTick.objects.create(deal=made, item=items[0], by=admin)
    return made


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1440, False)], ids=["phone, dark", "laptop, light"])
def test_no_barriers(new_page: NewPage, admin: User, deal: Deal, width: int, dark: bool) -> None:
    page = new_page(admin, width=width, height=844, dark=dark, touch=width == 390)
    page.goto(f"/deals/{deal.pk}/")
    expect(page.locator("tr[data-item]")).to_have_count(2)
    check_accessibility(page)
    page.locator("[data-new] [name=name]").click()
    page.keyboard.type("lic")
    expect(page.locator(".products li")).to_have_count(1)
    check_accessibility(page, within="[data-section=items]")
    for path in SETTINGS:
        page.goto(path.format(pipeline=deal.pipeline_id))
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
