"""The table of rights, walked: every address, every reader, every method; what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from crm.models import ApiKey, BulkChange, Contact, InboundHook, Job, Role, Team, User
from crm.services.attachments import add_file
from crm.services.calls import log_call
from crm.services.custom_fields import add_field
from crm.services.meetings import plan_meeting
from crm.services.messages import record_message
from crm.services.notes import add_note
from crm.services.notifications import notify
from crm.services.tasks import add_task
from crm.services.views import save_view
from pipeline.models import ChecklistItem, ContactRole, LostReason, Product, Source, Stage
from pipeline.services.competitors import add_rival
from pipeline.services.deal_people import put_person
from pipeline.services.line_items import add_item
from pipeline.services.quotes import create_quote
from tests.factories import make_deal, make_import, make_user
from tests.guard.rights import READERS, ROUTES, Row

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n"
ROWS = [pytest.param(name, row, id=f"{row.method} {name}") for name, rows in ROUTES.items() for row in rows]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes() -> Iterator[str]:
    """The names of all addresses, as the resolver knows them."""

    def walk(resolver: URLResolver) -> Iterator[URLPattern]:
        for pattern in resolver.url_patterns:
            yield from walk(pattern) if isinstance(pattern, URLResolver) else [pattern]

    for pattern in walk(get_resolver()):
        yield pattern.name or str(pattern.pattern)


@pytest.fixture
def people(anna: User, boris: User, clara: User, south: Team, admin: User) -> dict[str, User]:
    dora = make_user("Dora Dale", role=Role.MANAGER, team=south)
    inactive = make_user("Ivan Ilin", role=Role.ADMIN)
    return {"anna": anna, "boris": boris, "open boris": boris, "clara": clara, "dora": dora, "admin": admin, "inactive": inactive}


@pytest.fixture
def ids(anna: User, admin: User, stages: list[Stage]) -> dict[str, int]:
    """Records of Anna's."""
    deal = make_deal("Anna's deal", by=anna, company="Vektor")
    contact = Contact.objects.create(name="Petr", company=deal.company, owner=anna, team=anna.team)
    put_person(deal_id=deal.pk, contact=contact, role=None, by=anna)
    task = add_task(title="Call", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    note = add_note(record="deal", record_id=deal.pk, body="Hello", by=anna)
    began = timezone.now() - timedelta(hours=1)
    meeting = plan_meeting(title="Demo", starts_at=began, ends_at=began + timedelta(hours=2), by=anna, record="deal", record_id=deal.pk)
    item = add_item(deal_id=deal.pk, values={"name": "Licence", "price": Decimal(100)}, by=anna)
    check = ChecklistItem.objects.create(pipeline=deal.pipeline, name="Needs asked")
    notification = notify(user=anna, kind="test", key="test", record="deal", record_id=deal.pk)
    about = {"record": "deal", "record_id": deal.pk, "by": anna}
    return {
        "hook": InboundHook.objects.create(name="Site", hash="0" * 64).pk,
        "call": log_call(**about).pk,
        "message": record_message(**about, channel="chat", direction="in", body="Hello")[0].pk,
        "file": add_file(**about, name="dot.png", chunks=[PNG]).pk,
        "notification": notification.pk,
        "view": save_view(kind="deal", name="Anna's", by=anna).pk,
        "anna": anna.pk,
        "meeting": meeting.pk,
        "item": item.pk,
        "quote": create_quote(deal_id=deal.pk, language="en", by=anna).pk,
        "competitor": add_rival(deal_id=deal.pk, competitor="Acme", by=anna).competitor_id,
        "check": check.pk,
        "product": Product.objects.create(name="Licence", currency="EUR").pk,
        "deal": deal.pk,
        "company": deal.company_id,
        "contact": contact.pk,
        "task": task.pk,
        "note": note.pk,
        "import": make_import(by=anna).pk,
        "bulk": BulkChange.objects.create(kind="contact", action="owner", by=anna, last_id=0, finished_at=timezone.now()).pk,
        "job": Job.objects.create(kind="test", owner=anna).pk,
        "export": Job.objects.create(kind="export", owner=anna, params={"kind": "contact", "format": "csv", "name": "a.csv"}).pk,
        "pipeline": stages[0].pipeline_id,
        "stage": stages[0].pk,
        "next": stages[1].pk,
        "field": add_field(kind="deal", type="choice", labels={"en": "Level"}, options=["Gold", "Silver"], by=admin).pk,
        "source": Source.objects.create(name="Website").pk,
        "reason": LostReason.objects.create(name="Price").pk,
        "role": ContactRole.objects.create(name="Signs").pk,
    }


def ask(client: Client, name: str, row: Row, ids: dict[str, int], **headers: str) -> HttpResponse:
    """The request of a row."""
    path = reverse(name, kwargs={key: value.format(**ids) for key, value in row.path.items()}) + row.query.format(**ids)
    body = {key: None if value is None else value.format(**ids) for key, value in row.body.items()}
    is_json = path.startswith("/api/")
    if row.method == "GET":
        return client.get(path, headers=headers)
    return client.generic(row.method, path, *_encoded(client, body, is_json), headers=headers)


def _encoded(client: Client, body: dict[str, Any], is_json: bool) -> tuple[bytes, str]:
    content_type = "application/json" if is_json else "application/x-www-form-urlencoded"
    encoded = client._encode_json(body, content_type) if is_json else "&".join(f"{key}={value}" for key, value in body.items())
    return encoded.encode(), content_type


def written() -> dict[str, int]:
    """Rows written to each table in this transaction, also those taken back; sessions aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE relname <> 'django_session'")
        return dict(cursor.fetchall())


def sign_in(reader: str, people: dict[str, User]) -> Client:
    client = Client()
    if reader != "nobody":
        client.force_login(people[reader])
    if reader == "inactive":
        User.objects.filter(pk=people[reader].pk).update(is_active=False)
    if reader == "open boris":
        Team.objects.filter(name="North").update(is_open=True)
    return client


def letter(answer: HttpResponse) -> str:
    """What the reader got, as the table writes it."""
    if answer.status_code == 302:
        return "d" if answer.headers["Location"].startswith("/accounts/login/") else "r"
    return {401: "k", 403: "x", 404: "-", 400: "b"}.get(answer.status_code, "." if answer.status_code < 300 else str(answer.status_code))


def test_every_address_has_its_row() -> None:
    assert set(routes()) - set(ROUTES) == set(), "add rows to tests/guard/rights.py"
    assert set(ROUTES) - set(routes()) == set(), "these addresses are gone"


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_each_reader_gets_what_the_table_says(name: str, row: Row, people: dict[str, User], ids: dict[str, int]) -> None:
    got, wrote = [], {}
    for reader in READERS:
        with transaction.atomic():
            client = sign_in(reader, people)
            before = written()
            answer = ask(client, name, row, ids)
            got.append(letter(answer))
            if row.method == "GET" or got[-1] not in (".", "r"):  # a form that was taken sends on to another page
                wrote |= {f"{table} for {reader}": n for table, n in written().items() if n != before.get(table, 0)}
            transaction.set_rollback(True)
    assert " ".join(got) == row.who
    assert wrote == {}


API_ROWS = [row for row in ROWS if row.values[0].startswith(("api", "schema"))]


@pytest.mark.parametrize(("name", "row"), API_ROWS)
def test_a_key_gets_what_its_person_gets(name: str, row: Row, people: dict[str, User], ids: dict[str, int]) -> None:
    got = []
    for reader in READERS:
        with transaction.atomic():
            headers = {}
            if reader != "nobody":
                headers["Authorization"] = f"Bearer {ApiKey.issue(user=people[reader], name='test')[1]}"
            sign_in(reader, people)
            got.append(letter(ask(Client(), name, row, ids, **headers)))
            transaction.set_rollback(True)
    # A key of somebody switched off is refused even where none is needed.
    assert got == [*row.who.split()[:-1], "k"]


@pytest.mark.parametrize("name", ROUTES)
def test_other_methods_are_refused(name: str, people: dict[str, User], ids: dict[str, int]) -> None:
    """Also for an admin, and before anything is looked up."""
    rows = ROUTES[name]
    client = sign_in("admin", people)
    refused = (405, 302) if rows[0].who.split()[0] == "r" else (405,)  # a mere redirect asks for no method
    before = written()
    for method in METHODS:
        if method not in {row.method for row in rows}:
            assert ask(client, name, Row(method, "", rows[0].path), ids).status_code in refused, method
    assert written() == before


@pytest.mark.parametrize(("name", "row"), [row for row in ROWS if "- " in row.values[1].who])
def test_a_foreign_record_and_none_at_all_are_told_apart_by_nobody(
    name: str, row: Row, people: dict[str, User], ids: dict[str, int]
) -> None:
    """Same status, same words."""
    reader = "dora" if "." in row.who[2:12] else "boris"
    client = sign_in(reader, people)
    missing = ids | {
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
    foreign, none = ask(client, name, row, ids), ask(client, name, row, missing)
    assert (foreign.status_code, _words(foreign, ids)) == (none.status_code, _words(none, missing))


def _words(answer: HttpResponse, ids: dict[str, int]) -> str:
    """The answer without what differs anyway: the token of forms and the ids of the address."""
    text = answer.content.decode()
    for name in ("deal", "company", "contact", "task", "note", "job", "export", "import", "call", "message", "file"):
        text = text.replace(f"/{ids[name]}/", "/N/")
    return "\n".join(line for line in text.splitlines() if "csrf" not in line.lower())
