"""Whole rows in and out of the database as it writes them itself, to the last digit."""

from __future__ import annotations

from django.db import connection, models


def read_row(model: type[models.Model], pk: int) -> str:
    """The row as JSON in text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t)::text FROM {_table(model)} t WHERE id = %s", [pk])
        return str(cursor.fetchone()[0])


def write_row(model: type[models.Model], row: str) -> None:
    """Put a row back under its own number."""
    names = ", ".join(_columns(model))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {_table(model)} ({names}) SELECT {names} FROM jsonb_populate_record(NULL::{_table(model)}, %s)", [row])


def write_columns(model: type[models.Model], pk: int, row: str, columns: list[str]) -> None:
    """Give some columns of a row the values of another."""
    names = ", ".join(map(_quoted, columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(model)} SET ({names}) = (SELECT {names} FROM jsonb_populate_record(NULL::{_table(model)}, %s)) WHERE id = %s",
            [row, pk],
        )


def check_now() -> None:
    """Ask at once whether everything points at what there is, and not only at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _columns(model: type[models.Model]) -> list[str]:
    return [_quoted(field.column) for field in model._meta.concrete_fields if not field.generated]


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
