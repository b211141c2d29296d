"""The door in a real browser: first run, signing in and the demo's list of people."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page

from crm import first_run
from crm.demo import DEMO_LOGINS, DEMO_PASSWORD
from crm.models import Organisation, Role, User
from tests.accessibility import check_accessibility
from tests.factories import PASSWORD, make_user

NewPage = Callable[..., Page]


def path_of(line: str) -> str:
    return re.sub(f"^.*{re.escape(settings.BASE_URL)}", "", line)


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)])
def test_first_admin_comes_in_through_the_link(new_page: NewPage, language: str, width: int, dark: bool) -> None:
    page = new_page(language=language, width=width, dark=dark)
    page.goto("/board/")
    assert page.url.endswith("/accounts/login/?next=/board/") and page.locator("form [name=email]").count() == 0
    check_accessibility(page)
    page.goto(path_of(first_run.ready_lines()[0]))
    check_accessibility(page)
    assert page.input_value("[name=language]") == language
    assert page.input_value("[name=time_zone]") == page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    for name, value in {"name": "Olga", "email": "olga@voronka.example", "password": "password", "organisation": "<b>Ромашка</b>"}.items():
        page.fill(f"[name={name}]", value)
    page.click(".door-panel form .btn-primary")
    page.wait_for_selector(".field-error")
    assert page.input_value("[name=organisation]") == "<b>Ромашка</b>" and page.input_value("[name=password]") == ""
    check_accessibility(page)
    page.fill("[name=password]", "a long one 77")
    page.click(".door-panel form .btn-primary")
    page.wait_for_url("**/settings/**")
    assert User.objects.get().role == Role.ADMIN and Organisation.current().name == "<b>Ромашка</b>"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_signing_in_by_hand_and_out_again(new_page: NewPage, language: str) -> None:
    anna = make_user("Anna Arlova")
    page = new_page(language=language)
    page.goto("/profile/")
    page.fill("[name=email]", anna.email)
    page.fill("[name=password]", "not hers")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert page.input_value("[name=email]") == anna.email
    check_accessibility(page)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile/")
    check_accessibility(page)
    page.click("[popovertarget=person-menu] >> visible=true")
    page.click("form[action='/accounts/logout/'] button")
    page.wait_for_url("**/accounts/login/**")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_press_on_a_person_of_the_demo_lets_one_in(new_page: NewPage, width: int) -> None:
    Organisation.objects.create(id=1, has_sample_data=True)
    for login in DEMO_LOGINS:
        User.objects.create_user(login.email, DEMO_PASSWORD, name=login.name, role=login.role)
    page = new_page(width=width)
    page.goto("/accounts/login/?next=/profile/")
    check_accessibility(page)
    page.click("button[value='clara@demo.example']")
    page.wait_for_url("**/profile/")
    assert page.locator("[name=name]").input_value() == "Clara Chen"
