"""The test database: copied from the last migrated one, and cleaned quickly after tests whose rows were committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from tests import template_database


@pytest.fixture(scope="session", autouse=True)
def quick_cleaning() -> Iterator[None]:
    """Empty the tables in one statement after a committed test, and keep what the migrations filled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_tables)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let the test database be a copy of the migrated one; where there is none yet, others wait until we have made it."""
    if not template_database.is_possible():
        return
    making.enter_context(template_database.one_at_a_time())
    if template := template_database.load():
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = template
        making.close()
    else:
        making.callback(lambda: template_database.save(connection.settings_dict["NAME"]))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Note which tables the migrations filled, once the test database is made."""
    making.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{name}")')
            if cursor.fetchone()[0]:
                KEPT_TABLES.add(name)


making = ExitStack()
KEPT_TABLES: set[str] = {"django_migrations"}


def _empty_tables(_case: TransactionTestCase) -> None:
    with connection.cursor() as cursor:
        names = [f'"{name}"' for name in connection.introspection.table_names(cursor) if name not in KEPT_TABLES]
        if names:
            cursor.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
