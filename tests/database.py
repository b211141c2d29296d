"""Quick cleaning after tests whose rows were committed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase


@pytest.fixture(scope="session", autouse=True)
def quick_cleaning() -> Iterator[None]:
    """Empty the tables in one statement after a committed test, and keep what the migrations filled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_tables)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Note which tables the migrations filled, once the test database is made."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{name}")')
            if cursor.fetchone()[0]:
                KEPT_TABLES.add(name)


KEPT_TABLES: set[str] = {"django_migrations"}


def _empty_tables(_case: TransactionTestCase) -> None:
    with connection.cursor() as cursor:
        names = [f'"{name}"' for name in connection.introspection.table_names(cursor) if name not in KEPT_TABLES]
        if names:
            cursor.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
