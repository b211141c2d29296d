"""Removing the demo's data in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm.models import Company, Organisation, User
from pipeline.models import Deal, Pipeline
from tests.accessibility import check_accessibility
from tests.factories import make_deal


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False)])
def test_an_admin_reads_what_goes_and_removes_it(
    new_page: Callable[..., Page], admin: User, sales: Pipeline, language: str, width: int, dark: bool
) -> None:
    Organisation.objects.create(id=1, has_sample_data=True)
    real = make_deal("Real", by=admin)
    make_deal("Invented", by=admin, company=Company.objects.create(name="Invented Ltd", is_sample=True))
    Deal.objects.filter(title="Invented").update(is_sample=True)
    page = new_page(admin, language=language, width=width, dark=dark)
    page.goto("/board/")
    line = page.locator(".sample-line")
    expect(line).to_be_visible()
    line.get_by_role("link").click()
    page.wait_for_url("**/settings/sample-data/")
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click(".page form .btn-danger")
    expect(page.locator(".sample-line")).to_have_count(0)
    assert list(Deal.objects.all()) == [real] and not Company.objects.exists()
    assert not Organisation.current().has_sample_data
