"""Loaded before any test module: Django, whose settings for tests start the throw-away services."""

import os

import django
from hypothesis import settings as hypothesis_settings

from tests import services

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
# No test is a matter of how busy the machine is.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


def pytest_unconfigure() -> None:
    """Stop what `services.start` started."""
    services.stop()
