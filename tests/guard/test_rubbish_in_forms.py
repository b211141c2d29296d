"""Rubbish in every field of every form and body: never a fault of ours, and nothing half-done."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.guard.hearing import EVERYTHING, Ear, ear
from tests.guard.rights import Row
from tests.guard.rubbish import MARKUP, TEXTS, VALUES, rows, send, taken_back
from tests.guard.world import World, world
from tests.pipeline.invariants import check_invariants

__all__ = ["ear", "world"]

# Beside what the table sends; and what to send in fields that nobody listed, but that are read.
OTHERS = {"value", "before", "version", "new_reason", "lost_reason"}
FEW_TEXTS = ["", "a\0b", MARKUP, "NaN", "9" * 19]
FEW_VALUES = [None, [], {"a": 1}, "\ud800", "a\0b", "9" * 400]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "row"), list(rows("POST", "PATCH")))
def test_no_value_of_any_field_breaks_us(name: str, row: Row, world: World, ear: Ear) -> None:
    client = world.browser("admin", raise_request_exception=False)
    path, good = world.path(name, row), world.body(row)
    is_api = path.startswith("/api/")
    ear.take()
    with taken_back():
        assert send(client, row, path, good).status_code < 500
    read = ear.take()
    listed = {field for field in {*good, *OTHERS} if field in read or EVERYTHING in read or (is_api and field in good)}
    tries = [(field, value) for field in sorted(listed) for value in (VALUES if is_api else TEXTS)]
    tries += [(field, value) for field in sorted(read - listed - {EVERYTHING}) for value in (FEW_VALUES if is_api else FEW_TEXTS)]
    faults, changes = [], _changes()
    for field, value in [*tries, ("no such field", MARKUP)]:
        with taken_back():
            answer = send(client, row, path, good | {field: value})
            if answer.status_code >= 500:
                faults.append((field, repr(value)[:60], answer.status_code))
            before, changes = changes, _changes()  # those taken back count too
            if changes != before and answer.status_code < 500:
                check_invariants()
                changes = _changes()
    assert faults == []


def _changes() -> int:
    """Writes to the histories of deals in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname ~ '^pipeline_(deal|stage)'"
        )
        return int(cursor.fetchone()[0])
