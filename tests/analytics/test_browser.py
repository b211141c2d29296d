"""The report in a real browser: hints by mouse, keyboard and finger, refreshing by itself, no barrier, paper."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from pipeline.services.moves import move_deal
from tests.accessibility import check_accessibility
from tests.analytics.conftest import GOLDEN_AT
from tests.factories import make_deal

LONG = "Предварительная квалификация и согласование"


def report(pipeline, **question):
    words = "".join(f"&{name}={value}" for name, value in question.items())
    return f"{reverse('analytics')}?pipeline={pipeline.pk}{words}"


def test_a_figure_is_defined_on_hover_on_focus_and_put_away_by_escape(golden, admin, new_page):
    page = new_page(admin)
    page.goto(report(golden, as_of="2026-04-11"))
    hint, word = page.locator(".hint"), page.get_by_role("button", name="Win rate")
    word.hover()
    expect(hint).to_have_text("Won among closed: won / (won + lost).")
    page.keyboard.press("Escape")
    expect(hint).to_be_hidden()
    word.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(hint).to_have_text("Won among closed: won / (won + lost).")
    page.locator("[data-tip]").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(hint).to_have_text("Advanced: 9 of 12 (75.0%)")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("part=advanced"))


def test_a_tap_defines_and_no_hint_leaves_a_narrow_screen(golden, admin, new_page):
    golden.stages.update(name=LONG)
    page = new_page(admin, width=390, touch=True)
    page.goto(report(golden, as_of="2026-04-11"))
    page.evaluate("document.querySelectorAll('details.chart-table').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    hint = page.locator(".hint")
    for word in page.locator(".define").all():
        word.scroll_into_view_if_needed()
        word.tap()
        expect(hint).to_have_text(page.locator(f"#{word.get_attribute('data-hint')}").inner_text())
        box = hint.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert box["y"] >= 0 and box["y"] + box["height"] <= 900
        hint.tap()
        expect(hint).to_be_hidden()
    word.tap()
    expect(hint).to_be_visible()
    page.locator("h1").tap()
    expect(hint).to_be_hidden()


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_no_barrier(golden, admin, new_page, language, width, dark):
    page = new_page(admin, language=language, width=width, dark=dark)
    page.goto(report(golden, as_of="2026-04-11"))
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    check_accessibility(page)
    page.goto(f"{reverse('deals_behind')}?pipeline={golden.pk}&part=all")
    check_accessibility(page)


def test_an_open_report_follows_what_a_rep_does(sales, stages, anna, clara, new_page):
    deals = [make_deal(f"Deal {number}", by=anna) for number in range(3)]
    page = new_page(clara)
    page.goto(report(sales))
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    page.locator("#funnel-table > summary").click()
    page.locator("#times-table > summary").click()
    page.locator(f"#part-{stages[0].pk}-open").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".hint")).to_have_text("Open: 3 of 3, few deals")
    page.evaluate("window.scrollTo(0, 120); window.kept = document.querySelector('#funnel-table')")
    rep = new_page(anna)
    rep.goto(f"/board/{sales.pk}/")
    moved = rep.evaluate(
        """async ([deal, stage, version]) => (await fetch(`/api/v1/deals/${deal}/moves/`, {
            method: "POST", body: JSON.stringify({ stage, before: null, version }),
            headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf },
        })).status""",
        [deals[0].pk, stages[1].pk, deals[0].version],
    )
    assert moved in (200, 201)
    expect(page.locator(f"#entered-{stages[1].pk}")).to_have_text("1", timeout=15_000)
    expect(page.locator(".hint")).to_have_text("Open: 2 of 3, few deals")
    assert page.evaluate("document.activeElement.id") == f"part-{stages[0].pk}-open"
    assert page.evaluate("window.scrollY") == 120
    assert page.evaluate("document.querySelector('#funnel-table').open && !document.querySelector('#times-table').open")
    # The page was changed, not replaced: nothing can have flickered.
    assert page.evaluate("window.kept === document.querySelector('#funnel-table')")


def test_a_hidden_report_catches_up_when_looked_at_again(sales, stages, anna, clara, new_page):
    deal = make_deal("Deal", by=anna)
    page = new_page(clara)
    page.goto(report(sales))
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    look = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(look, True)
    move_deal(deal_id=deal.pk, to_stage=stages[2].pk, by=anna)
    page.evaluate(look, False)
    expect(page.locator(f"#entered-{stages[2].pk}")).to_have_text("1", timeout=15_000)


def test_the_address_holds_the_question(golden, admin, new_page):
    page = new_page(admin)
    page.goto(report(golden, as_of="2026-04-11"))
    page.get_by_role("link", name="per deal").click()
    page.get_by_role("link", name="visited only").click()
    expect(page).to_have_url(re.compile(f"pipeline={golden.pk}&as_of=2026-04-11&per=deal&count=visited"))
    page.get_by_label("The period counts").select_option("entered")
    expect(page).to_have_url(re.compile("cohort=entered"))
    assert "count=visited" in page.url and "per=deal" in page.url and "as_of=2026-04-11" in page.url and "owner" not in page.url
    shown = page.locator("#times-table").inner_text()
    page.reload()
    assert page.locator("#times-table").inner_text() == shown
    page.go_back()
    expect(page.get_by_role("link", name="visited only")).to_have_attribute("aria-current", "true")
    assert "cohort" not in page.url


def test_an_instant_stays_an_instant(golden, admin, new_page):
    page = new_page(admin)
    page.goto(f"{reverse('analytics')}?pipeline={golden.pk}&as_of={GOLDEN_AT:%Y-%m-%dT%H:%M:%SZ}")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("as_of=2026-04-11T09%3A00%3A00Z"))
    expect(page.locator(".report-says")).to_contain_text("as of 11 April 2026, 12:00")


def test_paper_shows_the_figures_and_none_of_the_controls(golden, admin, new_page):
    page = new_page(admin)
    page.goto(report(golden, as_of="2026-04-11"))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator("[data-report-filters]")).to_be_hidden()
    expect(page.locator(".report-says")).to_contain_text("All deals")
    expect(page.locator("#funnel-table table")).to_be_visible()
    expect(page.locator("#glossary dl")).to_be_visible()
