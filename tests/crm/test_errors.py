"""What people and programs are told when a request goes wrong, and what every answer carries."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from config.urls import handler400, handler403, handler404, handler429, handler500, urlpatterns
from crm.models import User
from pipeline.models import Deal, Stage
from tests.browser import ROOT
from tests.factories import make_deal
from tests.pipeline.test_api import client_of

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500"]

TEN_MEGABYTES = "ж" * 5 * 1024 * 1024
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def break_down(request: HttpRequest) -> HttpResponse:
    """A view with a fault of ours."""
    raise RuntimeError("a fault of ours")


def wait_for_a_lock(request: HttpRequest) -> HttpResponse:
    """A view that meets a lock of somebody else, as PostgreSQL tells of it."""
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'canceling statement due to lock timeout' USING ERRCODE = '55P03'; END $$")
    return HttpResponse()


urlpatterns = [*urlpatterns, path("broken/", break_down), path("api/v1/broken/", break_down), path("locked/", wait_for_a_lock)]


@pytest.fixture
def database_away(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[None]:
    """PostgreSQL can't be reached: connections go to a socket on which nobody listens."""
    with django_db_blocker.unblock():
        connection.close()
        host, connection.settings_dict["HOST"] = connection.settings_dict["HOST"], str(tmp_path)
        yield
        connection.settings_dict["HOST"] = host
        connection.close()


@pytest.fixture
def visitor() -> Client:
    """A browser with a session cookie, whose owner the database would have to tell."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "s" * 32
    return client


@pytest.mark.parametrize("cookie", [None, "ru"])
@pytest.mark.parametrize("address", ["/", "/board/", "/deals/1/", "/analytics/", "/settings/", "/accounts/login/", "/nowhere/"])
def test_database_away_is_told_on_every_page(database_away: None, visitor: Client, address: str, cookie: str | None) -> None:
    if cookie:
        visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    response = visitor.get(address, follow=True, headers={"Accept-Language": "ru"})
    # Without a language cookie the first question about the person comes in a middleware, with one in the view.
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    page = response.content.decode()
    assert '<html lang="ru"' in page and 'data-status="503"' in page
    assert "<script src=" in page and "_side" not in page


def test_database_away_is_told_to_scripts_and_programs(database_away: None, visitor: Client) -> None:
    response = visitor.post("/deals/1/moves/", {"stage": "1"}, headers={"X-Requested-With": "fetch", "HX-Request": "true"})
    assert (response.status_code, response["HX-Reswap"]) == (503, "none")
    assert b"<html" not in response.content and b"data-reason" in response.content
    for headers in ({"Authorization": "Bearer key"}, {}):
        response = visitor.get("/api/v1/deals/", headers=headers)
        assert (response.status_code, list(response.json())) == (503, ["detail"])
        assert "database" in response.json()["detail"]


def test_database_away_leaves_what_needs_none(database_away: None, visitor: Client) -> None:
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/static/css/base.css").status_code == 200


@pytest.mark.django_db(transaction=True)
@override_settings(ROOT_URLCONF="tests.crm.test_errors")
def test_a_lock_of_somebody_else_is_not_called_an_outage(anna: User) -> None:
    client = signed_in(anna)
    response = client.get("/locked/")
    assert response.status_code == 503
    assert "Somebody else is changing the same thing" in response.content.decode()


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.crm.test_errors")
def test_our_own_fault_says_so_without_asking_the_database(anna: User, django_assert_num_queries: Any) -> None:
    client = signed_in(anna)
    client.raise_request_exception = False
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"  # else the person's own language is looked up first
    with django_assert_num_queries(0):
        response = client.get("/broken/")
    page = response.content.decode()
    assert response.status_code == 500
    assert 'data-status="500"' in page and "a fault of ours" not in page and anna.name not in page
    assert client.get("/api/v1/broken/").json() == {"detail": response_words(page)}


def response_words(page: str) -> str:
    """The sentence of an error page."""
    return page.split("<p>")[1].split("</p>")[0].replace("&#x27;", "'")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ru"])
def test_not_found_keeps_the_frame_for_who_is_signed_in(anna: User, language: str) -> None:
    for client, inside in ((signed_in(anna), True), (Client(), False)):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        response = client.get("/nowhere/")
        page = response.content.decode()
        assert response.status_code == 404
        assert f'<html lang="{language}"' in page and 'data-status="404"' in page
        assert ('class="side"' in page) == inside


@pytest.mark.django_db
def test_not_found_speaks_of_no_models(anna: User, denis: User, stages: list[Stage]) -> None:
    deal = make_deal("Secret", by=denis)
    for address in (f"/deals/{deal.pk}/", "/deals/999999/"):
        response = signed_in(anna).get(address, headers={"X-Drawer": "1"})
        text = response.content.decode()
        assert response.status_code == 404
        assert "matches the given query" not in text and "Secret" not in text
        assert "This page doesn" in text and "<html" not in text


@pytest.mark.django_db
def test_unknown_address_of_the_api_is_json(anna: User) -> None:
    response = client_of(anna).get("/api/v1/nowhere/")
    assert (response.status_code, list(response.json())) == (404, ["detail"])


@pytest.mark.django_db
def test_missing_security_token_is_refused_in_words(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    for address, fields in ((f"/deals/{deal.pk}/moves/", {"stage": stages[1].pk}), ("/profile/", {"name": "Anna"})):
        response = client.post(address, fields)
        assert response.status_code == 403
        assert "Reload it and try again" in response.content.decode()
    response = client.post(f"/deals/{deal.pk}/moves/", {"stage": stages[1].pk}, headers={"X-Requested-With": "fetch"})
    assert (response.status_code, b"<html" in response.content, b"data-reason" in response.content) == (403, False, True)
    assert Deal.objects.get().stage == stages[0]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["options", "trace", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["/", "/board/", "/profile/", "/accounts/login/", "/settings/", "/nowhere/"])
def test_pages_take_no_other_methods(admin: User, method: str, address: str) -> None:
    response = getattr(signed_in(admin), method)(address)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
    assert 'data-status="405"' in response.content.decode()


@pytest.mark.django_db
def test_wrong_method_of_a_page_names_the_right_ones(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    response = signed_in(anna).get(f"/deals/{deal.pk}/moves/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert 'data-status="405"' in response.content.decode()
    answer = client_of(anna).put(f"/api/v1/deals/{deal.pk}/")
    assert (answer.status_code, list(answer.json())) == (405, ["detail"])


@pytest.mark.django_db
def test_ten_megabytes_are_too_much(anna: User, stages: list[Stage]) -> None:
    client = signed_in(anna)
    form = {"title": TEN_MEGABYTES, "stage": str(stages[0].pk)}
    address = f"/board/{stages[0].pipeline_id}/deals/"
    response = client.post(address, form)  # multipart
    assert response.status_code == 413
    assert "larger than 2" in response.content.decode()
    response = client.post(address, f"title={TEN_MEGABYTES}", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    response = client_of(anna).post("/api/v1/deals/", {"title": TEN_MEGABYTES, "stage": stages[0].pk}, format="json")
    assert (response.status_code, "larger than 2" in response.json()["detail"]) == (413, True)
    assert not Deal.objects.exists()


@pytest.mark.django_db
def test_too_many_fields_and_foreign_hosts_are_bad_requests(client: Client) -> None:
    response = client.post("/accounts/login/", {f"f{number}": "1" for number in range(2000)})
    assert (response.status_code, 'data-status="400"' in response.content.decode()) == (400, True)
    response = client.get("/accounts/login/", headers={"Host": "evil.example", "Accept-Language": "ru"})
    assert (response.status_code, '<html lang="ru"' in response.content.decode()) == (400, True)
    assert "evil.example" not in response.content.decode()


@pytest.mark.django_db
@override_settings(ACCOUNT_RATE_LIMITS={"login": "1/m/ip"})
def test_too_many_tries_are_told(client: Client) -> None:
    answers = [client.post("/accounts/login/", {"email": "nobody@voronka.example", "password": "guess"}) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert 'data-status="429"' in answers[-1].content.decode()


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.crm.test_errors")
@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("/board/", "testserver", 200),
        ("/nowhere/", "testserver", 404),
        ("/broken/", "testserver", 500),
        ("/board/", "evil.example", 400),
        ("/static/css/base.css", "testserver", 200),
        ("/static/nothing.css", "testserver", 404),
        ("/api/v1/deals/", "testserver", 200),
        ("/api/v1/nowhere/", "testserver", 404),
        ("/healthz", "testserver", 200),
    ],
)
def test_every_answer_carries_the_headers(anna: User, stages: list[Stage], address: str, host: str, status: int) -> None:
    client = signed_in(anna)
    client.raise_request_exception = False
    response = client.get(address, headers={"Host": host})
    assert response.status_code == status
    assert {name: response[name] for name in HEADERS} == HEADERS
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    is_file = address.startswith("/static/css/")
    assert ("no-store" in response["Cache-Control"] or address == "/healthz") != is_file


# What the tests set for themselves, the last by the driver of the browser.
PRIVATE = ("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DJANGO_ALLOW_ASYNC_UNSAFE")


def test_deployment_checks_are_silent(tmp_path: Path) -> None:
    outside = {name: value for name, value in os.environ.items() if name not in PRIVATE}
    answer = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check", "--deploy", "--fail-level", "WARNING"],
        env=outside | {"BASE_URL": "https://crm.example", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


def signed_in(user: User) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(get_user_model().objects.get(pk=user.pk))
    return client
