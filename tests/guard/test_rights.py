"""The table of rights, walked: every address, every reader, every method; what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from crm.models import Team
from tests.guard.rights import READERS, ROUTES, Row
from tests.guard.world import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db

ROWS = [pytest.param(name, row, id=f"{row.method} {name}") for name, rows in ROUTES.items() for row in rows]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes() -> Iterator[str]:
    """The names of all addresses, as the resolver knows them."""

    def walk(resolver: URLResolver) -> Iterator[URLPattern]:
        for pattern in resolver.url_patterns:
            yield from walk(pattern) if isinstance(pattern, URLResolver) else [pattern]

    for pattern in walk(get_resolver()):
        yield pattern.name or str(pattern.pattern)


def ask(client: Client, world: World, name: str, row: Row, ids: dict[str, int] | None = None, **headers: str) -> HttpResponse:
    """The request of a row."""
    path = world.path(name, row, ids) + row.query.format(**(ids or world.ids))
    if row.method == "GET":
        return client.get(path, headers=headers)
    return client.generic(row.method, path, *_encoded(client, world.body(row, ids), path.startswith("/api/")), headers=headers)


def _encoded(client: Client, body: dict[str, Any], is_json: bool) -> tuple[bytes, str]:
    content_type = "application/json" if is_json else "application/x-www-form-urlencoded"
    encoded = client._encode_json(body, content_type) if is_json else "&".join(f"{key}={value}" for key, value in body.items())
    return encoded.encode(), content_type


def written() -> dict[str, int]:
    """Rows written to each table in this transaction, also those taken back; sessions aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE relname <> 'django_session'")
        return dict(cursor.fetchall())


def open_team(reader: str) -> None:
    """The one reader for whom the others' ways must change first."""
    if reader == "open boris":
        Team.objects.filter(name="North").update(is_open=True)


def letter(answer: HttpResponse) -> str:
    """What the reader got, as the table writes it."""
    if answer.status_code == 302:
        return "d" if answer.headers["Location"].startswith("/accounts/login/") else "r"
    return {401: "k", 403: "x", 404: "-", 400: "b"}.get(answer.status_code, "." if answer.status_code < 300 else str(answer.status_code))


def test_every_address_has_its_row() -> None:
    assert set(routes()) - set(ROUTES) == set(), "add rows to tests/guard/rights.py"
    assert set(ROUTES) - set(routes()) == set(), "these addresses are gone"


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_each_reader_gets_what_the_table_says(name: str, row: Row, world: World) -> None:
    got, wrote = [], {}
    for reader in READERS:
        with transaction.atomic():
            open_team(reader)
            before = written()
            answer = ask(world.browser(reader), world, name, row)
            got.append(letter(answer))
            if row.method == "GET" or got[-1] not in (".", "r"):  # a form that was taken sends on to another page
                wrote |= {f"{table} for {reader}": n for table, n in written().items() if n != before.get(table, 0)}
            transaction.set_rollback(True)
    assert " ".join(got) == row.who
    assert wrote == {}


API_ROWS = [row for row in ROWS if row.values[0].startswith(("api", "schema"))]


@pytest.mark.parametrize(("name", "row"), API_ROWS)
def test_a_key_gets_what_its_person_gets(name: str, row: Row, world: World) -> None:
    got = []
    for reader in READERS:
        with transaction.atomic():
            open_team(reader)
            headers = {} if reader == "nobody" else {"Authorization": f"Bearer {world.keys[reader]}"}
            got.append(letter(ask(Client(), world, name, row, **headers)))
            transaction.set_rollback(True)
    # A key of somebody switched off is refused even where none is needed.
    assert got == [*row.who.split()[:-1], "k"]


@pytest.mark.parametrize("name", ROUTES)
def test_other_methods_are_refused(name: str, world: World) -> None:
    """Also for an admin, and before anything is looked up."""
    rows = ROUTES[name]
    client = world.browser("admin")
    refused = (405, 302) if rows[0].who.split()[0] == "r" else (405,)  # a mere redirect asks for no method
    before = written()
    for method in METHODS:
        if method not in {row.method for row in rows}:
            assert ask(client, world, name, Row(method, "", rows[0].path)).status_code in refused, method
    assert written() == before


@pytest.mark.parametrize(("name", "row"), [row for row in ROWS if "- " in row.values[1].who])
def test_a_foreign_record_and_none_at_all_are_told_apart_by_nobody(name: str, row: Row, world: World) -> None:
    """Same status, same words."""
    reader = "dora" if "." in row.who[2:12] else "boris"
    client = world.browser(reader)
    missing = world.ids | {
        "deal": 10**9,
        "company": 10**9,
        "contact": 10**9,
        "task": 10**9,
        "note": 10**9,
        "quote": 10**9,
        "job": 10**9,
        "export": 10**9,
        "import": 10**9,
    }
    foreign, none = ask(client, world, name, row), ask(client, world, name, row, missing)
    assert (foreign.status_code, _words(foreign, world.ids)) == (none.status_code, _words(none, missing))


def _words(answer: HttpResponse, ids: dict[str, int]) -> str:
    """The answer without what differs anyway: the token of forms and the ids of the address."""
    text = answer.content.decode()
    for name in ("deal", "company", "contact", "task", "note", "job", "export", "import", "call", "message", "file"):
        text = text.replace(f"/{ids[name]}/", "/N/")
    return "\n".join(line for line in text.splitlines() if "csrf" not in line.lower())
