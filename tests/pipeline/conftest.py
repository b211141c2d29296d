"""Fixtures for the tests of pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from pipeline.services.demo import Filled, fill_demo


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[Filled]:
    """The demo, filled once for all tests of a module and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        filled = fill_demo()
        with connection.cursor() as cursor:  # asked once here, or every test would ask again at its end
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield filled
        transaction.set_rollback(True)
