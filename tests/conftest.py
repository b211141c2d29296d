"""Fixtures for every test: database, Redis, browser."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from tests.browser import browser, language, live_stack, new_page, page, page_faults, playwright
from tests.cast import admin, anna, boris, clara, denis, north, robot, sales, south, stages
from tests.database import django_db_modify_db_settings, django_db_setup, quick_cleaning

__all__ = [
    "admin",
    "anna",
    "boris",
    "browser",
    "clara",
    "denis",
    "django_db_modify_db_settings",
    "django_db_setup",
    "language",
    "live_stack",
    "new_page",
    "north",
    "page",
    "page_faults",
    "playwright",
    "quick_cleaning",
    "robot",
    "sales",
    "south",
    "stages",
]


@pytest.fixture
def redis_client() -> Iterator[redis.Redis]:
    """The Redis of this test, empty at its start."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
