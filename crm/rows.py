"""Whole rows in and out of the database as it writes them itself, to the last digit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models import NOT_PROVIDED

KEPT = "crm_removedrow"


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


def take_rows(model: type[models.Model], ids: Sequence[int], *, removal: int) -> None:
    """Copy rows to those that are kept of a removal, and take them out; what points to them must be out by the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {KEPT} (removal_id, label, row_id, row)"
            f" SELECT %s, %s, id, to_jsonb(t) FROM {_table(model)} t WHERE id = ANY(%s) ORDER BY id",
            [removal, model._meta.label_lower, list(ids)],
        )
        cursor.execute(f"DELETE FROM {_table(model)} WHERE id = ANY(%s)", [list(ids)])


def put_rows(model: type[models.Model], *, removal: int) -> list[int]:
    """Put the rows of a table back that are kept of a removal; which. One whose place another has taken meanwhile stays out."""
    names = ", ".join(_columns(model))
    # PostgreSQL can't step back from what is checked at the commit; such rows stand in no other's place anyway.
    is_deferred = any(getattr(constraint, "deferrable", None) for constraint in model._meta.constraints)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_table(model)} ({names}) SELECT {', '.join(f't.{name}' for name in _columns(model))} FROM {KEPT} kept,"
            f" jsonb_populate_record(NULL::{_table(model)}, %s::jsonb || kept.row) t"
            " WHERE kept.removal_id = %s AND kept.label = %s ORDER BY kept.id"
            f"{'' if is_deferred else ' ON CONFLICT DO NOTHING'} RETURNING id",
            [json.dumps(_defaults(model)), removal, model._meta.label_lower],
        )
        return [row[0] for row in cursor.fetchall()]


def point_rows(model: type[models.Model], key: models.ForeignKey[Any, Any], *, removal: int, reference: str) -> list[int]:
    """Let rows point again to what came back with a removal, where they point to nothing; which."""
    column = _quoted(key.column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(model)} AS t SET {column} = link.target_id FROM crm_removedlink AS link"
            f" WHERE link.removal_id = %s AND link.reference = %s AND t.id = link.row_id AND t.{column} IS NULL"
            f" AND EXISTS (SELECT FROM {_table(key.related_model)} WHERE id = link.target_id) RETURNING t.id",
            [removal, reference],
        )
        return [row[0] for row in cursor.fetchall()]


def point_kept_rows(model: type[models.Model], key: models.ForeignKey[Any, Any], *, removal: int, reference: str) -> None:
    """The same for rows that are out themselves: they will point to it when they come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {KEPT} AS kept SET row = kept.row || jsonb_build_object(%s::text, link.target_id) FROM crm_removedlink AS link"
            " WHERE link.removal_id = %s AND link.reference = %s"
            " AND kept.label = %s AND kept.row_id = link.row_id AND kept.row->%s = 'null'",
            [key.column, removal, reference, model._meta.label_lower, key.column],
        )


def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """What columns hold that came with a later version than the row."""
    return {str(field.column): value for field in model._meta.concrete_fields if not field.null if (value := _default(field)) is not None}


def _default(field: models.Field[Any, Any]) -> Any:
    value = field.default if field.default is not NOT_PROVIDED else field.db_default
    value = value() if value in (dict, list) else value
    return value if isinstance(value, str | int | bool | dict | list) else None


def _columns(model: type[models.Model]) -> list[str]:
    return [_quoted(field.column) for field in model._meta.concrete_fields if not field.generated]


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
