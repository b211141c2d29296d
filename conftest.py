"""Loaded before any test module: Django, whose settings for tests start the throw-away services."""

import os

import django

from tests import services

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()


def pytest_unconfigure() -> None:
    """Stop what `services.start` started."""
    services.stop()
