"""Every page of settings, help and errors in a real browser: no barrier, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crm.models import ExchangeRate, User
from pipeline.models import LostReason, Source, Stage
from pipeline.services.stages import archive_stage
from tests.accessibility import check_accessibility
from tests.factories import make_deal

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = (
    *(
        "/settings/",
        "/settings/pipelines/",
        "/settings/pipelines/new/",
        "/settings/pipelines/{pipeline}/",
        "/settings/pipelines/{pipeline}/edit/",
    ),
    *("/settings/pipelines/{pipeline}/stages/", "/settings/stages/{stage}/", "/settings/stages/{stage}/archive/", "/settings/sources/"),
    *("/settings/sources/{source}/", "/settings/lost-reasons/", "/settings/organisation/", "/settings/exchange-rates/"),
    *("/help/", "/help/board/", "/help/figures/", "/help/rights/", "/help/keys/", "/help/settings/", "/help/data/", "/nowhere/"),
)


@pytest.mark.parametrize(("code", "width", "dark"), [("ru", 390, True), ("en", 1440, False)])
def test_no_page_has_barriers_or_overflows(
    new_page: Callable[..., Page], admin: User, stages: list[Stage], code: str, width: int, dark: bool
) -> None:
    Stage.objects.filter(pk=stages[0].pk).update(name="Предварительная квалификация заинтересованных предприятий")
    make_deal(by=admin, stage=stages[0])
    archive_stage(stage_id=stages[3].pk, by=admin)
    source = Source.objects.create(name="Website", labels={"ru": "Сайт"})
    LostReason.objects.create(name="Price")
    ExchangeRate.objects.create(currency="USD", since="2026-01-01", rate=90)
    page = new_page(admin, language=code, width=width, dark=dark)
    for address in ADDRESSES:
        page.goto(address.format(pipeline=stages[0].pipeline_id, stage=stages[0].pk, source=source.pk))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        check_accessibility(page)


def test_a_new_entry_begins_with_its_name(new_page: Callable[..., Page], admin: User, stages: list[Stage]) -> None:
    page = new_page(admin)
    for address in (
        f"/settings/pipelines/{stages[0].pipeline_id}/stages/",
        "/settings/pipelines/new/",
        "/contacts/new/",
        "/companies/new/",
    ):
        page.goto(address)
        expect(page.locator("#content [name=name]")).to_be_focused()


def test_form_keeps_what_was_typed_and_points_at_the_fault(new_page: Callable[..., Page], admin: User, stages: list[Stage]) -> None:
    page = new_page(admin)
    page.goto(f"/settings/stages/{stages[0].pk}/")
    page.get_by_label("Name", exact=True).fill("Qualified")
    page.get_by_title("Pink").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_text("There is a stage “Qualified” in this pipeline already").wait_for()
    assert page.get_by_label("Name", exact=True).input_value() == "Qualified"
    assert page.get_by_label("Pink").is_checked()
    check_accessibility(page)
    page.get_by_label("Name", exact=True).fill("Checked")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/settings/pipelines/{stages[0].pipeline_id}/")
    assert (Stage.objects.get(pk=stages[0].pk).name, Stage.objects.get(pk=stages[0].pk).colour) == ("Checked", "pink")


def test_archived_stage_comes_back_from_its_toast(new_page: Callable[..., Page], admin: User, stages: list[Stage]) -> None:
    page = new_page(admin)
    page.goto(f"/settings/stages/{stages[1].pk}/archive/")
    page.get_by_role("button", name="Archive").click()
    toast = page.locator(".note-toast")
    toast.get_by_text("“Qualified” is archived").wait_for()
    with page.expect_navigation():
        toast.get_by_role("button", name="Undo").click()
    page.locator(".row-name", has_text="Qualified").wait_for()
    assert Stage.objects.get(pk=stages[1].pk).archived_at is None
