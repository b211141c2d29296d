"""COPY into PostgreSQL from memory: the fast door for rows by the thousand."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

NULL = "\\N"
SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})


def _field(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(SPECIAL)
    return str(value)


def copy_lines(table: str, columns: Sequence[str], lines: str) -> None:
    """COPY text that is already in PostgreSQL's form."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', io.StringIO(lines))


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of plain values (text, numbers, dates, None) into the table of `model`."""
    copy_lines(model._meta.db_table, columns, "".join("\t".join(map(_field, row)) + "\n" for row in rows))


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Take that many ids from the table's sequence."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [f'"{model._meta.db_table}"', count])
        return [row[0] for row in cursor.fetchall()]


def reserve_range(model: type[models.Model], count: int) -> range:
    """Ids in one piece, so that what is loaded can be asked for as a range."""
    sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval({sequence})")
        first = cursor.fetchone()[0]
        cursor.execute(f"SELECT setval({sequence}, %s)", [first + count - 1])
    return range(first, first + count)
