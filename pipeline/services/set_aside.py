"""Setting indexes, row constraints and triggers aside while millions of rows arrive, and putting every one of them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, models, transaction

# Row constraints last: foreign keys need nothing of this table, and the exclusion brings an index of its own.
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('u', 'x', 'f')
ORDER BY array_position(ARRAY['u', 'x', 'f'], contype::text), conname
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
ORDER BY 1
"""


@contextmanager
def set_aside(tables: Sequence[type[models.Model]], *, phase: Callable[[str], None]) -> Iterator[None]:
    """Within the running transaction, load without them; all are back, checked against every row, when the block ends.

    Triggers are silent meanwhile: whoever loads keeps their promises by a query of their own.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("setting constraints aside needs a transaction that takes it back on failure")
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        # Tables with checks still waiting for the commit can't be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(CONSTRAINTS, [names])
        constraints = cursor.fetchall()
        cursor.execute(INDEXES, [names])
        indexes = cursor.fetchall()
        for name in names:
            cursor.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        for table, name, _definition in reversed(constraints):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _name, definition in indexes:
            cursor.execute(definition)
        phase("indexes")
        for table, name, definition in constraints:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            if definition.startswith("EXCLUDE"):
                phase("exclusion")
        phase("foreign keys")
        for name in names:
            cursor.execute(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
