"""The accessibility check itself: silent on a sound page, plain about a broken one, under the product's own policy."""

import pytest
from playwright.sync_api import Page

from tests.accessibility import check_accessibility

pytestmark = pytest.mark.usefixtures("stages")


def test_sign_in_has_no_barriers(page: Page) -> None:
    answer = page.goto("/accounts/login/")
    assert answer is not None
    assert "script-src" in answer.headers["content-security-policy"]
    check_accessibility(page)


def test_a_barrier_is_named_with_its_place(page: Page) -> None:
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('main, form').insertAdjacentHTML('beforeend', '<button id=\"mute\"></button>')")
    with pytest.raises(AssertionError, match=r'button-name.*\n.*<button id="mute">'):
        check_accessibility(page)
    check_accessibility(page, allow=("button-name",))
