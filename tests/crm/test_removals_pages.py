"""Deleting on pages, in lists and by the API: what is asked beforehand, the way back, and who sees what was deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Company, Contact, CustomField, Event, Job, Note, Removal, User
from crm.queries.removals import deletions, goes_along
from crm.services import bulk_changes
from crm.services.bulk_changes import bulk_step, undo_many
from crm.services.clients import save_client
from crm.services.removals import remove_record
from crm.services.tasks import add_task
from pipeline.models import Deal, Stage
from pipeline.services.outcomes import close_deal
from tests.crm.test_bulk import change, contacts_of, everything, picked
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db


def test_what_goes_along_is_said_beforehand(client: Client, anna: User, stages: list[Stage]) -> None:
    company = save_client(model=Company, by=anna, name="Вектор <b>")
    contact = save_client(model=Contact, by=anna, name="Пётр", company=company)
    for _each in range(3):
        make_deal(by=anna, contact=contact, company=company)
    for number in range(12):
        Note.objects.create(record="contact", record_id=contact.pk, body=str(number), author=anna)
    add_task(title="Call", due_at=timezone.now(), record="contact", record_id=contact.pk, by=anna)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        along = goes_along("contact", contact.pk)
    assert (along.parts, along.links, len(queries)) == (["12 notes", "1 task"], ["3 deals lose their contact."], 1)
    assert goes_along("company", company.pk).links == ["3 deals lose their company.", "1 contact loses the company."]
    client.force_login(anna)
    asked = client.get(reverse("removal_new", args=["company", company.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "Delete “Вектор &lt;b&gt;”?" in asked and "<html" not in asked
    assert "Delete “Пётр”?" in client.get(reverse("removal_new", args=["contact", contact.pk])).content.decode()


@pytest.mark.parametrize(("kind", "page"), [("contact", "/contacts/"), ("company", "/companies/"), ("deal", "/deals/")])
def test_deleted_on_its_page_and_undone_in_the_list(kind: str, page: str, client: Client, anna: User, stages: list[Stage]) -> None:
    record = make_deal("Пётр", by=anna) if kind == "deal" else contacts_of(anna, 1)[0] if kind == "contact" else None
    record = record or save_client(model=Company, by=anna, name="Вектор")
    client.force_login(anna)
    way = reverse("removal_new", args=[kind, record.pk])
    assert way in client.get(f"{page}{record.pk}/").content.decode()
    answer = client.post(way, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    undo = reverse("removal_undoing", args=[Removal.objects.get().pk])
    assert f'data-undo="{undo}"' in answer.content.decode()
    assert client.get(f"{page}{record.pk}/").status_code == 404
    assert client.post(way).status_code == 404
    assert client.post(undo).headers["Location"] == f"{page}{record.pk}/"
    assert client.get(f"{page}{record.pk}/").status_code == 200
    again = client.post(undo)
    assert again.status_code == 422 and "is back already" in again.content.decode()


def test_whose_it_is_not_has_no_way(client: Client, anna: User, boris: User, clara: User, stages: list[Stage]) -> None:
    his = save_client(model=Company, by=boris, name="His")
    deal = make_deal(by=anna, company=his)
    close_deal(deal_id=deal.pk, outcome="won", by=anna)
    client.force_login(anna)
    for kind, record, page in (("company", his, "companies"), ("deal", deal, "deals")):
        way = reverse("removal_new", args=[kind, record.pk])
        assert way not in client.get(f"/{page}/{record.pk}/").content.decode()
        assert (client.get(way).status_code, client.post(way).status_code) == (403, 403)
    client.force_login(clara)
    asked = client.get(reverse("removal_new", args=["deal", deal.pk]))
    assert "figures of won and lost deals change" in asked.content.decode()
    assert not Removal.objects.exists()


def test_the_drawer_hears_in_words(client: Client, anna: User, stages: list[Stage]) -> None:
    deal = make_deal("Offer", by=anna)
    client.force_login(anna)
    way = reverse("removal_new", args=["deal", deal.pk])
    assert way in client.get(f"/deals/{deal.pk}/", headers={"X-Drawer": "1"}).content.decode()
    told = client.post(way, headers={"HX-Request": "true"}).json()
    assert told["text"] == "Deleted: Offer"
    assert client.post(told["undo"], headers={"HX-Request": "true"}).json()["text"] == "Brought back: Offer"
    assert Deal.objects.filter(pk=deal.pk).exists()


def test_what_was_deleted_is_listed_for_those_who_saw_it(client: Client, anna: User, boris: User, clara: User, denis: User) -> None:
    client.force_login(anna)
    assert "Nothing is deleted" in client.get("/deleted/").content.decode()
    contact, company = contacts_of(anna, 1)[0], save_client(model=Company, by=anna, name="Вектор")
    nobodys = save_client(model=Company, by=clara, name="Nobody's", owner=None)
    for kind, record, by in (("contact", contact, anna), ("company", company, clara), ("company", nobodys, clara)):
        remove_record(kind=kind, record_id=record.pk, by=by)

    def names(user: User, **asked: Any) -> list[str]:
        return [shown.removal.name for shown in deletions(user, **asked).rows]

    assert names(anna) == names(clara) == ["Nobody's", "Вектор", "Contact 0"]
    assert (names(boris), names(denis)) == (["Nobody's"], [])
    assert names(anna, kind="company") == ["Nobody's", "Вектор"]
    assert names(anna, text="вЕКТ") == ["Вектор"]
    with CaptureQueriesContext(connection) as queries:
        names(anna)
    assert len(queries) == 1
    shown = client.get("/deleted/?kind=company").content.decode()
    assert "Вектор" in shown and "Contact 0" not in shown and "Clara Chen" in shown and "kept until" in shown
    assert "Nothing fits" in client.get("/deleted/?text=somebody").content.decode()


def test_pages_of_the_deleted_go_on_by_key(client: Client, admin: User) -> None:
    now = timezone.now()
    Removal.objects.bulk_create(
        Removal(kind="contact", record_id=number, name=f"C{number}", at=now - timedelta(minutes=number // 2)) for number in range(1, 121)
    )
    seen, after = [], ""
    for _page in range(3):
        page = deletions(admin, after=after)
        seen += [shown.removal.name for shown in page.rows]
        after = page.next
    assert len(seen) == len(set(seen)) == 120 and not after
    client.force_login(admin)
    for nonsense in ("x", "WyJub3RoaW5nIiwxXQ", "%00"):
        assert client.get(f"/deleted/?after={nonsense}").status_code == 200
    assert 'href="/deleted/"' in client.get("/settings/").content.decode()


def test_many_are_deleted_and_come_back(client: Client, anna: User, boris: User) -> None:
    mine, his = contacts_of(anna), contacts_of(boris, 1)
    client.force_login(anna)
    url = reverse("list_act", args=["contact", "delete"])
    ids = ",".join(str(record.pk) for record in [*mine, *his])
    assert "for 30 days" in client.get(url, {"ids": ids}).content.decode()
    told = client.post(url, {"ids": ids}).json()
    assert told["text"].startswith("Deleted: 3. Refused: 1.")
    assert list(Contact.objects.all()) == his
    assert Event.objects.filter(type="contact.deleted").count() == 3
    assert client.post(told["undo"], headers={"HX-Request": "true"}).json()["text"] == "Brought back: 3."
    assert Contact.objects.count() == 4


def test_many_deals_come_back_but_for_those_back_already(anna: User, admin: User, stages: list[Stage], monkeypatch: Any) -> None:
    deals = [make_deal(str(number), by=anna, stage=stages[number % 3]) for number in range(6)]
    close_deal(deal_id=deals[5].pk, outcome="won", by=anna)
    monkeypatch.setattr(bulk_changes, "CHUNK", 2)
    before = list(Deal.objects.order_by("pk").values())
    done = change("delete", picked("deal", anna, deals), anna)
    assert (done.counts["changed"], done.counts["refused"]) == (5, 1)
    check_invariants()
    undone, _job = undo_many(change_id=done.pk, by=anna)
    assert (undone.counts["back"], undone.counts["kept"]) == (5, 0)
    assert list(Deal.objects.order_by("pk").values()) == before
    check_invariants()


def test_very_many_are_deleted_in_the_background(client: Client, anna: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 2)
    contacts_of(anna, 5)
    client.force_login(anna)
    told = client.post(reverse("list_act", args=["contact", "delete"]), {"all": "1", "query": ""}).json()
    job = Job.objects.get()
    assert told["progress"] == reverse("job", args=[job.pk])
    while bulk_step(job):
        pass
    assert not Contact.objects.exists() and (job.done, job.total) == (5, 5)
    assert everything("contact", anna).records().count() == 0


def test_what_was_refused_stands_by_its_name(client: Client, anna: User, boris: User, stages: list[Stage]) -> None:
    seen, hidden = contacts_of(boris, 2)
    make_deal(by=anna, contact=seen)
    done = change("delete", picked("contact", anna, [*contacts_of(anna, 1), seen, hidden]), anna)
    client.force_login(anna)
    page = client.get(reverse("bulk_change", args=[done.pk])).content.decode()
    assert f'href="/contacts/{seen.pk}/" dir="auto">Contact 0</a>' in page
    assert f"№ {hidden.pk}" in page and f'href="/contacts/{hidden.pk}/"' not in page


def test_a_field_that_stays_is_named_by_its_label(anna: User) -> None:
    CustomField.objects.create(kind="contact", key="size", labels={"en": "Size"}, type="number", position=1)
    [contact] = contacts_of(anna, 1)
    done = change("field", picked("contact", anna, [contact]), anna, custom={"size": "12"})
    save_client(model=Contact, by=anna, pk=contact.pk, custom={"size": "13"})
    undone, _job = undo_many(change_id=done.pk, by=anna)
    assert undone.counts["kept_reasons"] == {"“Size” stays, because it has changed since.": 1}


def test_api_deletes_and_brings_back(anna: User, denis: User, stages: list[Stage]) -> None:
    api, stranger = client_of(anna), client_of(denis)
    records = {"contacts": contacts_of(anna, 1)[0], "companies": save_client(model=Company, by=anna, name="A"), "deals": make_deal(by=anna)}
    for name, record in records.items():
        url = f"/api/v1/{name}/{record.pk}/"
        assert stranger.delete(url).status_code == 404
        key = {"Idempotency-Key": f"delete-{name}"}
        assert api.delete(url, headers=key).status_code == 204
        assert api.delete(url, headers=key).status_code == 204, "the same request again"
        assert (api.delete(url).status_code, api.get(url).status_code) == (404, 404)
    listed = api.get("/api/v1/removals/").json()["results"]
    assert [(one["kind"], one["record"]) for one in listed] == [
        ("contact", records["contacts"].pk),
        ("company", records["companies"].pk),
        ("deal", records["deals"].pk),
    ]
    assert stranger.get("/api/v1/removals/").json()["results"] == []
    assert [one["kind"] for one in api.get("/api/v1/removals/?kind=deal").json()["results"]] == ["deal"]
    for one in listed:
        url = f"/api/v1/removals/{one['id']}/restore/"
        assert stranger.post(url).status_code == 404
        assert api.post(url).json()["restored_by"] == anna.pk
        again = api.post(url)
        assert again.status_code == 422 and "is back already" in again.json()["reasons"][0]
    assert Deal.objects.count() == Contact.objects.count() == Company.objects.count() == 1


def test_a_deletion_costs_the_same_whatever_lies_there(anna: User, stages: list[Stage]) -> None:
    def cost(count: int) -> int:
        [contact] = contacts_of(anna, 1)
        for _each in range(count):
            Note.objects.create(record="contact", record_id=contact.pk, body="n", author=anna)
            make_deal(by=anna, contact=contact)
        with CaptureQueriesContext(connection) as queries:
            remove_record(kind="contact", record_id=contact.pk, by=anna)
        return len(queries)

    assert cost(2) == cost(9) <= 60
