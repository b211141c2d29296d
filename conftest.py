"""Loaded before any test module: starts the throw-away services, then Django, which reads their addresses."""

import os

import django

from tests import services

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
services.start()
django.setup()


def pytest_unconfigure() -> None:
    """Stop what `services.start` started."""
    services.stop()
