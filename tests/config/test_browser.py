"""The browser harness itself: a real page of the real server, with what goes wrong in it noticed."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser import Stack, watch


def test_server_answers_a_real_browser(page: Page) -> None:
    answer = page.goto("/readyz")
    assert answer is not None
    assert answer.status == 200
    assert answer.json()["status"] in ("ok", "degraded")


def test_language_of_the_browser(new_page: Callable[..., Page], language: str) -> None:
    page = new_page(language=language)
    page.goto("/healthz")
    assert page.evaluate("navigator.language").startswith(language)


def test_faults_of_a_page_are_noticed(page: Page, live_stack: Stack, page_faults: list[str]) -> None:
    faults: list[str] = []
    watch(page, "http://nowhere", faults)
    page.goto("/healthz")
    page.evaluate("console.error('broken')")
    assert "console: broken" in faults
    assert any(fault.startswith(f"foreign request: {live_stack.url}") for fault in faults)
    page_faults.clear()  # broken on purpose
