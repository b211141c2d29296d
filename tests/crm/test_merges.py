"""One of two and two of one: nothing is lost on the way there, and the way back leads to the letter where it began."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.errors import Forbidden, Refused
from crm.filtering.reader import Reader
from crm.filtering.tree import read_tree
from crm.models import (
    Attachment,
    BulkChange,
    Call,
    Company,
    Contact,
    DuplicatePair,
    Event,
    ExternalId,
    Meeting,
    Merge,
    Note,
    Notification,
    Snooze,
    Task,
    User,
)
from crm.references import references_to
from crm.rows import check_now
from crm.services.clients import save_client
from crm.services.merges import merge_clients, unmerge_clients
from pipeline.models import Deal, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db

NEW = {"crm_merge", "crm_searchnews", "crm_duplicatepair", "django_session"}


def tables() -> dict[str, list[Any]]:
    """Every row of every table as the database writes it, but for the events and the merge that tell of the way."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table not in NEW:
                where = "WHERE type NOT LIKE '%%merged'" if model is Event else ""
                cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t {where} ORDER BY 1')
                found[table] = cursor.fetchall()
    return found


WORDS = st.sampled_from(["", "Пётр", "Вектор", "x@y.example", "+79161234567", "Ёж «в тумане»", "1.10"])
LISTS = st.lists(st.sampled_from(["a@b.example", "c@d.example", "e@f.example"]), unique=True, max_size=3)
CLIENT = st.fixed_dictionaries(
    {
        "website": st.sampled_from(["", "https://a.example", "https://b.example"]),
        "emails": LISTS,
        "tags": st.lists(st.sampled_from(["hot", "old", "vip"]), unique=True, max_size=3),
        "custom": st.dictionaries(st.sampled_from(["size", "since", "note"]), st.one_of(WORDS, st.booleans(), st.none()), max_size=3),
        "consent": st.sampled_from(["unknown", "given", "refused"]),
        "do_not_contact": st.booleans(),
        "has_owner": st.booleans(),
        # What is about it, and whether the other has the same.
        "about": st.sets(
            st.sampled_from(["note", "call", "task", "meeting", "guest", "file", "snooze", "number", "notice", "deal", "person"])
        ),
    }
)
CHOICES = st.dictionaries(
    st.sampled_from(["name", "website", "position", "owner", "custom.size", "custom.note"]), st.sampled_from(["gone", "kept"])
)


def make_client(model: type[Company] | type[Contact], name: str, given: dict[str, Any], by: User, stage: Stage) -> Any:
    now = timezone.now()
    fields = {
        "emails": [{"address": address, "label": "work"} for address in given["emails"]],
        "tags": given["tags"],
        "custom": given["custom"],
        "consent": given["consent"],
        "consent_source": "" if given["consent"] == "unknown" else "letter",
        "do_not_contact": given["do_not_contact"],
        "owner": by if given["has_owner"] else None,
        "team": by.team,
    }
    extra = {"website": given["website"]} if model is Company else {"position": given["website"][:20]}
    client = model.objects.create(name=name, **fields, **extra)
    kind, about = model._meta.model_name or "", given["about"]
    at = {"record": kind, "record_id": client.pk}
    if "note" in about:
        Note.objects.create(body="n", author=by, **at)
    if "call" in about:
        Call.objects.create(direction="out", outcome="reached", at=now, author=by, **at)
    if "task" in about:
        Task.objects.create(title="t", due_at=now, assignee=by, created_by=by, **at)
    if "meeting" in about:
        Meeting.objects.create(title="m", starts_at=now, ends_at=now + timedelta(hours=1), zone="UTC", **at)
    if "guest" in about and model is Contact:
        shared, _ = Meeting.objects.get_or_create(
            title="shared", defaults={"starts_at": now, "ends_at": now + timedelta(hours=1), "zone": "UTC"}
        )
        shared.contacts.add(client)
    if "file" in about:
        Attachment.objects.create(name="f", size=1, content_type="text/plain", sha256="0" * 64, uploaded_by=by, **at)
    if "snooze" in about:
        Snooze.objects.create(user=by, until=now, **at)
    if "number" in about:
        ExternalId.objects.create(system="hubspot", key=str(client.pk), **at)
    if "notice" in about:
        Notification.objects.create(user=by, kind="x", key=f"{kind}{client.pk}", at=now, **at)
    if "deal" in about:
        make_deal("A deal", by=by, stage=stage, **{kind: client})
    if "person" in about and model is Company:
        Contact.objects.create(name="Someone", company=client, owner=by)
    return client


@pytest.mark.parametrize("kind", ["company", "contact"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=CLIENT, other=CLIENT, choices=CHOICES)
def test_merge_and_back_is_the_identity(
    kind: str, one: dict[str, Any], other: dict[str, Any], choices: dict[str, str], admin: User, stages: list[Stage]
) -> None:
    model = {"company": Company, "contact": Contact}[kind]
    with transaction.atomic():
        kept, gone = (make_client(model, name, given, admin, stages[0]) for name, given in (("Kept", one), ("Gone", other)))
        before = tables()
        merge = merge_clients(kind=kind, kept_id=kept.pk, gone_id=gone.pk, by=admin, choices=choices)
        assert not model.objects.filter(pk=gone.pk).exists()
        united = model.objects.get(pk=kept.pk)
        assert {each["address"] for each in united.emails} == {*one["emails"], *other["emails"]}
        assert united.do_not_contact == (one["do_not_contact"] or other["do_not_contact"])
        assert all(table["record_id"] != gone.pk for table in Note.objects.filter(record=kind).values("record_id"))
        assert unmerge_clients(merge_id=merge.pk, by=admin).left == []
        after = tables()
        assert after == before
        transaction.set_rollback(True)


def test_everything_about_it_goes_over(anna: User, stages: list[Stage]) -> None:
    everything = {"note", "call", "task", "meeting", "guest", "file", "snooze", "number", "notice", "deal"}
    fields = {"website": "", "emails": [], "tags": [], "custom": {}, "consent": "unknown", "do_not_contact": False, "has_owner": True}
    kept = save_client(model=Contact, by=anna, name="Пётр")
    gone = make_client(Contact, "Петр", fields | {"about": everything}, anna, stages[0])
    merge_clients(kind="contact", kept_id=kept.pk, gone_id=gone.pk, by=anna)
    for model in (Note, Call, Task, Meeting, Attachment, Snooze, ExternalId, Notification):
        assert model.objects.filter(record="contact", record_id=kept.pk).count() == 1, model
    assert Deal.objects.get().contact == kept
    assert list(Meeting.objects.get(title="shared").contacts.all()) == [kept]
    told = Event.objects.get(type="contact.merged")
    assert (told.record_id, told.payload["gone"], told.payload["name"]) == (kept.pk, gone.pk, "Петр")


def test_a_later_change_stays_and_is_named(anna: User) -> None:
    kept = save_client(model=Company, by=anna, name="Вектор")
    gone = save_client(model=Company, by=anna, name="Вектор ООО", website="https://vektor.example", tags=["vip"])
    merge = merge_clients(kind="company", kept_id=kept.pk, gone_id=gone.pk, by=anna, choices={"name": "gone"})
    save_client(model=Company, by=anna, pk=kept.pk, name="Вектор Плюс")
    undone = unmerge_clients(merge_id=merge.pk, by=anna)
    assert undone.left == ["name"]
    kept.refresh_from_db()
    assert (kept.name, kept.website, kept.tags) == ("Вектор Плюс", "", [])
    gone.refresh_from_db()
    assert (gone.name, gone.website, gone.tags) == ("Вектор ООО", "https://vektor.example", ["vip"])
    with pytest.raises(Http404):
        unmerge_clients(merge_id=merge.pk, by=anna)


def test_merges_are_undone_from_the_last(anna: User) -> None:
    first, second, third = (save_client(model=Company, by=anna, name=name) for name in "ABC")
    early = merge_clients(kind="company", kept_id=second.pk, gone_id=first.pk, by=anna)
    late = merge_clients(kind="company", kept_id=third.pk, gone_id=second.pk, by=anna)
    with pytest.raises(Refused, match="merged on"):
        unmerge_clients(merge_id=early.pk, by=anna)
    unmerge_clients(merge_id=late.pk, by=anna)
    unmerge_clients(merge_id=early.pk, by=anna)
    assert Company.objects.count() == 3 and not Merge.objects.standing().exists()


def test_only_who_may_change_both_merges_them(anna: User, boris: User, denis: User, stages: list[Stage]) -> None:
    mine, his = save_client(model=Company, by=anna, name="A"), save_client(model=Company, by=denis, name="B")
    with pytest.raises(Http404):
        merge_clients(kind="company", kept_id=mine.pk, gone_id=his.pk, by=anna)
    make_deal(by=anna, company=his)  # now she sees it
    with pytest.raises(Forbidden):
        merge_clients(kind="company", kept_id=mine.pk, gone_id=his.pk, by=anna)
    with pytest.raises(Refused):
        merge_clients(kind="company", kept_id=mine.pk, gone_id=mine.pk, by=anna)
    assert Company.objects.count() == 2
    twin = save_client(model=Company, by=anna, name="A")
    merge = merge_clients(kind="company", kept_id=mine.pk, gone_id=twin.pk, by=anna)
    with pytest.raises(Http404):
        unmerge_clients(merge_id=merge.pk, by=boris)


def test_rows_keep_every_digit(anna: User) -> None:
    """Numbers in custom values come back as they were written, not as Python rounds them."""
    kept, gone = save_client(model=Company, by=anna, name="A"), save_client(model=Company, by=anna, name="B")
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE crm_company SET custom = '{"n": 1.10000000000000000001, "z": 2.50}' WHERE id = %s""", [gone.pk])
        merge = merge_clients(kind="company", kept_id=kept.pk, gone_id=gone.pk, by=anna)
        unmerge_clients(merge_id=merge.pk, by=anna)
        cursor.execute("SELECT custom::text FROM crm_company WHERE id = %s", [gone.pk])
        assert json.loads(cursor.fetchone()[0], parse_float=str) == {"n": "1.10000000000000000001", "z": "2.50"}


def test_api_merges_undoes_and_the_old_address_leads_on(client: Client, anna: User, denis: User) -> None:
    kept, gone = (
        save_client(model=Contact, by=anna, name="Пётр"),
        save_client(model=Contact, by=anna, name="Петр", phone="+7 916 123-45-67"),
    )
    client.force_login(anna)
    asked = {"kind": "contact", "kept": kept.pk, "gone": gone.pk, "choices": {"name": "gone"}}
    made = client.post("/api/v1/merges/", asked, content_type="application/json")
    assert made.status_code == 201, made.content
    assert Contact.objects.get().name == "Петр"
    answer = client.get(f"/contacts/{gone.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/contacts/{kept.pk}/")
    client.force_login(denis)
    assert client.get(f"/contacts/{gone.pk}/").status_code == 404
    assert client.post(f"/api/v1/merges/{made.json()['id']}/undo/").status_code == 404
    client.force_login(anna)
    undone = client.post(f"/api/v1/merges/{made.json()['id']}/undo/").json()
    assert undone == {"kept": kept.pk, "restored": gone.pk, "left": []}
    assert client.get(f"/contacts/{gone.pk}/").status_code == 200


@pytest.mark.parametrize(("is_merged", "left"), [(True, []), (False, ["company"])])
def test_a_company_that_is_gone_meanwhile_bars_no_way_back(admin: User, is_merged: bool, left: list[str]) -> None:
    gone_company, other = save_client(model=Company, by=admin, name="X"), save_client(model=Company, by=admin, name="Y")
    home = save_client(model=Company, by=admin, name="Home")
    kept = save_client(model=Contact, by=admin, name="A", company=home)
    gone = save_client(model=Contact, by=admin, name="B", company=gone_company)
    merge = merge_clients(kind="contact", kept_id=kept.pk, gone_id=gone.pk, by=admin)
    merge_clients(kind="company", kept_id=other.pk, gone_id=gone_company.pk, by=admin)
    if not is_merged:
        other.delete()
    assert unmerge_clients(merge_id=merge.pk, by=admin).left == left
    check_now()
    gone.refresh_from_db()
    assert (gone.company, Contact.objects.get(pk=kept.pk).company) == (other if is_merged else None, home)


def test_what_a_dropped_row_belonged_to_may_be_gone(admin: User) -> None:
    kept, gone = (save_client(model=Contact, by=admin, name=name) for name in "AB")
    now = timezone.now()
    meeting = Meeting.objects.create(title="Talk", starts_at=now, ends_at=now + timedelta(hours=1), zone="UTC")
    meeting.contacts.set([kept, gone])
    merge = merge_clients(kind="contact", kept_id=kept.pk, gone_id=gone.pk, by=admin)
    meeting.delete()
    unmerge_clients(merge_id=merge.pk, by=admin)
    check_now()
    assert Contact.objects.count() == 2


def test_no_table_is_read_whole_for_one_record(admin: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            INSERT INTO crm_event (type, record, record_id, payload, at, depth, dispatched_at)
            SELECT 'contact.edited', 'contact', n, '{}', now(), 0, now() FROM generate_series(1, 20000) n
        """)
        cursor.execute(
            """
            INSERT INTO crm_notification (user_id, kind, key, record, record_id, words, at)
            SELECT %s, 'mention', 'k' || n, 'contact', n, '{}', now() FROM generate_series(1, 20000) n
            """,
            [admin.pk],
        )
        cursor.execute("ANALYZE crm_event, crm_notification")
    plans = {reference.key: reference.rows(5).order_by("pk").explain() for reference in references_to("contact", Contact)}
    assert "event_by_record" in plans["crm.event.record"]
    assert "notification_about" in plans["crm.notification.record"]


@pytest.mark.parametrize(("field", "rows"), [("emails", 11), ("tags", 16)])
def test_no_merge_makes_a_list_that_could_not_be_edited(anna: User, field: str, rows: int) -> None:
    def many(whose: str) -> list[Any]:
        return [f"{whose}{number}@x.example" if field == "emails" else f"{whose}{number}" for number in range(rows)]

    kept, gone = (save_client(model=Contact, by=anna, name=name, **{field: many(name)}) for name in "ab")
    with pytest.raises(Refused, match=f": {2 * rows}, and at most"):
        merge_clients(kind="contact", kept_id=kept.pk, gone_id=gone.pk, by=anna)
    assert Contact.objects.count() == 2


def test_a_filter_that_names_a_merged_company_follows_it(anna: User) -> None:
    first, second, third = (save_client(model=Company, by=anna, name=name) for name in ("Вектор", "Вектор ООО", "Вектор Плюс"))
    person = save_client(model=Contact, by=anna, name="Пётр", company=first)
    reader = Reader.of(anna)
    tree = read_tree({"field": "company", "op": "is", "value": first.pk}, kind="contact", reader=reader)
    merge_clients(kind="company", kept_id=second.pk, gone_id=first.pk, by=anna)
    merge_clients(kind="company", kept_id=third.pk, gone_id=second.pk, by=anna)
    assert list(Contact.objects.filter(tree.condition(reader))) == [person]
    assert "Вектор Плюс" in tree.words(reader)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (DuplicatePair, {"kind": "deal", "a": 1, "b": 2, "reasons": [], "score": 1}),
        (DuplicatePair, {"kind": "contact", "a": 1, "b": 2, "reasons": [], "score": 1, "state": "lost"}),
        (BulkChange, {"kind": "contact", "action": "owner", "last_id": 1}),
        (BulkChange, {"kind": "contact", "action": "owner", "last_id": 1, "ids": [1], "query": "text="}),
    ],
)
def test_the_database_takes_no_state_that_nobody_knows(anna: User, model: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**fields, **({"by": anna} if model is BulkChange else {}))
