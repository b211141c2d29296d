"""A real server and a real browser for the tests that look at pages."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, sync_playwright

from config.processes import Child, wait_until

ROOT = Path(__file__).resolve().parent.parent
CHROMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROME_ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--force-color-profile=srgb",
]


@dataclass(frozen=True)
class Stack:
    """The running server under test."""

    url: str
    lines: list[str]


@pytest.fixture(scope="session")
def live_stack(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stack]:
    """The product's own web server on a free port, on the test database and Redis."""
    port = free_port()
    url = settings.LIVE_URL = f"http://127.0.0.1:{port}"
    with django_db_blocker.unblock():
        database = connection.settings_dict["NAME"]
        connection.close()
    environment = os.environ | {
        "DATABASE_URL": _database_url(database),
        "REDIS_URL": settings.REDIS_URL,
        "BASE_URL": url,
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONUNBUFFERED": "1",
    }
    lines: list[str] = []
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "config.asgi:application",
        "--port",
        str(port),
        "--timeout-graceful-shutdown",
        "1",
        "--log-level",
        "warning",
    ]
    server = Child("web", command, environment=environment, folder=ROOT, log=lambda _, line: lines.append(line))
    server.start()
    try:
        if not wait_until(lambda: not server.alive or answers(f"{url}/healthz"), 30) or not server.alive:
            pytest.fail("The web server did not start:\n" + "\n".join(lines[-30:]))
        yield Stack(url=url, lines=lines)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, started with the first browser test."""
    # Playwright's sync API keeps an event loop in this thread; our own ORM calls beside it are still synchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for the session."""
    program = find_chrome()
    if program is None:
        message = "No Chromium found: install it (Debian: apt install chromium) or set VORONKA_CHROME to its program."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    chromium = playwright.chromium.launch(executable_path=program, args=CHROME_ARGUMENTS + sandbox)
    yield chromium
    chromium.close()


@pytest.fixture
def page_faults() -> list[str]:
    """What went wrong in the pages of this test; it must be empty at the end (clear it where a fault is meant)."""
    return []


@pytest.fixture
def new_page(live_stack: Stack, browser: Browser, transactional_db: None, page_faults: list[str]) -> Iterator[Callable[..., Page]]:
    """Open a page as a person: `new_page(anna, language="ru", width=390, dark=True, touch=True)`."""
    contexts: list[BrowserContext] = []

    def open_page(
        user: Any = None, *, language: str = "en", width: int = 1440, height: int = 900, dark: bool = False, touch: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=live_stack.url,
            locale={"ru": "ru-RU", "en": "en-US"}[language],
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_stack.url}])
        page = context.new_page()
        watch(page, live_stack.url, page_faults)
        if user is not None:
            login(page, user)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert page_faults == [], "\n".join(page_faults)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """An English page on a laptop's screen, nobody signed in."""
    return new_page()


@pytest.fixture(params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    """Runs the test once in each language of the product."""
    return str(request.param)


def login(page: Page, user: Any) -> None:
    """Give the page's browser a session of this user, without walking through the form."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": settings.LIVE_URL}])


def watch(page: Page, origin: str, faults: list[str]) -> None:
    """Collect script errors, policy violations and requests to foreign servers."""

    def hear(message: ConsoleMessage) -> None:
        # A refused request (409, 422) is the server's answer, not a fault of the page.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            faults.append(f"console: {message.text}")

    def look(request: Request) -> None:
        if not request.url.startswith((origin, "data:", "blob:", "about:")):
            faults.append(f"foreign request: {request.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", look)


def find_chrome() -> str | None:
    """The Chromium to use: VORONKA_CHROME, else one installed on the machine."""
    return os.environ.get("VORONKA_CHROME") or next(filter(None, map(shutil.which, CHROMES)), None)


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether this address answers 200."""
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def _database_url(name: str) -> str:
    return urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path="/" + quote(name)))


__all__ = ["browser", "language", "live_stack", "login", "new_page", "page", "page_faults", "playwright"]
