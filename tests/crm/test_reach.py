"""Several e-mails, phones, addresses, links and tags; consent and the wish to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.errors import Changed, Refused
from crm.models import ApiKey, Company, Contact, Event, Organisation, Tag, User
from crm.queries.reach import find_by_email, find_by_phone
from crm.services.clients import save_client

pytestmark = pytest.mark.django_db


def contact_of(user: User, name: str = "Ivan Petrov", **fields: Any) -> Contact:
    return save_client(model=Contact, by=user, name=name, **fields)


def reread(client: Any) -> Any:
    return type(client).objects.get(pk=client.pk)


def api(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {ApiKey.issue(user=user, name='test')[1]}")
    return client


def test_lists_are_read_and_their_first_is_the_main_one(anna: User) -> None:
    contact = contact_of(
        anna,
        emails=["Ivan@Example.COM", {"address": "home@example.com", "label": "home"}, " ivan@example.com ", ""],
        phones=[{"number": "8 495 123-45-67", "label": "Приёмная"}, "8 912 345-67-89"],
        addresses=[{"city": "Тверь", "street": "Советская, 1"}],
        links=["t.me/ivan", {"url": "https://example.com/ivan", "label": "other"}],
    )
    contact = reread(contact)
    assert contact.emails == [{"address": "ivan@example.com", "label": "work"}, {"address": "home@example.com", "label": "home"}]
    assert contact.phones == [{"number": "+74951234567", "label": "Приёмная"}, {"number": "+79123456789", "label": "mobile"}]
    assert (contact.email, contact.phone, contact.city) == ("ivan@example.com", "+74951234567", "Тверь")
    assert [link["url"] for link in contact.links] == ["https://t.me/ivan", "https://example.com/ivan"]


def test_the_main_one_alone_can_be_given(anna: User) -> None:
    contact = contact_of(anna, email="A@example.com", phone="8 912 345-67-89", city="Тверь")
    assert (contact.emails[0]["address"], contact.phones[0]["number"]) == ("a@example.com", "+79123456789")

    def edit(**values: Any) -> Contact:
        return save_client(model=Contact, by=anna, pk=contact.pk, **values)

    edit(emails=[*contact.emails, {"address": "b@example.com", "label": "home"}])
    assert [row["address"] for row in edit(email="b@example.com").emails] == ["b@example.com", "a@example.com"]
    assert edit(email="c@example.com").emails == [
        {"address": "c@example.com", "label": "home"},
        {"address": "a@example.com", "label": "work"},
    ]
    assert [row["address"] for row in edit(email="").emails] == ["a@example.com"]
    assert edit(city="Клин").city == "Клин"
    assert edit(city="").addresses == []


def test_numbers_are_read_as_the_organisations_country_dials(anna: User) -> None:
    Organisation.objects.create(id=1, country="DE")
    assert contact_of(anna, phone="030 901820").phone == "+4930901820"


@pytest.mark.parametrize(
    "values",
    [
        {"emails": ["no mail"]},
        {"emails": "a@example.com"},
        {"emails": [7]},
        {"emails": [{"address": "a@example.com", "colour": "red"}]},
        {"emails": [{"address": 7}]},
        {"emails": [f"a{n}@example.com" for n in range(21)]},
        {"phones": ["1" * 61]},
        {"links": ["javascript:alert(1)"]},
        {"links": ["javascript://example.com/%0aalert(1)"]},
        {"addresses": [{"city": "Т" * 201}]},
        {"tags": ["x" * 41]},
        {"tags": "vip"},
        {"tags": [str(n) for n in range(31)]},
        {"consent": "yes"},
        {"name": "\u200b"},
    ],
)
def test_bad_entries_are_refused(anna: User, values: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        contact_of(anna, **values)
    assert not Contact.objects.exists()


@pytest.mark.parametrize("field", ["emails", "phones", "addresses", "links"])
def test_the_database_holds_lists_alone(anna: User, field: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.create(name="X", **{field: {}})


def test_different_lists_edited_by_two_merge_and_the_same_one_is_guarded(anna: User) -> None:
    contact = contact_of(anna, email="a@example.com")
    seen = contact.emails
    save_client(model=Contact, by=anna, pk=contact.pk, was={"phones": []}, phones=["8 912 345-67-89"])
    save_client(model=Contact, by=anna, pk=contact.pk, was={"emails": seen}, emails=["b@example.com"])
    with pytest.raises(Changed) as changed:
        save_client(model=Contact, by=anna, pk=contact.pk, was={"emails": seen}, emails=["c@example.com"])
    assert changed.value.current == {"emails": [{"address": "b@example.com", "label": "work"}]}
    assert reread(contact).phone == "+79123456789"
    save_client(model=Contact, by=anna, pk=contact.pk, was={"emails": seen}, emails=["B@example.com"])  # the same as the colleague's


def test_tags_keep_the_case_of_the_list_and_new_ones_join_it(anna: User) -> None:
    Tag.objects.create(name="VIP", colour="violet")
    contact = contact_of(anna, tags=["vip", "#Выставка 2026", " vip ", "ВЫСТАВКА 2026"])
    assert contact.tags == ["VIP", "Выставка 2026"]
    assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "Выставка 2026"}
    assert list(Contact.objects.tagged("VIP")) == [contact]
    assert not Contact.objects.tagged("vip").exists()


def test_consent_is_dated_and_an_opt_out_is_no_consent(anna: User) -> None:
    contact = contact_of(anna)
    assert (contact.consent, contact.consent_at, contact.do_not_contact) == ("unknown", None, False)

    def edit(**values: Any) -> Contact:
        return save_client(model=Contact, by=anna, pk=contact.pk, **values)

    told = edit(do_not_contact=True, do_not_contact_source="said so on the phone")
    assert told.do_not_contact_at is not None
    assert (told.consent, told.consent_at) == ("unknown", None)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    given = edit(consent="given", consent_at=at, consent_source="form on the website")
    assert (given.consent_at, given.consent_source) == (at, "form on the website")
    assert edit(consent="refused").consent_at != at
    gone = edit(consent="unknown", do_not_contact=False)
    assert (gone.consent_at, gone.consent_source, gone.do_not_contact_at, gone.do_not_contact_source) == (None, "", None, "")
    assert edit(consent_source="nobody").consent_source == ""


def test_edits_are_told_with_old_and_new_lists(anna: User) -> None:
    contact = contact_of(anna, email="a@example.com")
    save_client(model=Contact, by=anna, pk=contact.pk, emails=["b@example.com"], tags=["VIP"])
    changes = Event.objects.get(type="contact.edited").payload["changes"]
    assert changes == {
        "emails": [[{"address": "a@example.com", "label": "work"}], [{"address": "b@example.com", "label": "work"}]],
        "tags": [[], ["VIP"]],
    }


def test_people_are_found_by_any_address_or_number(anna: User, boris: User) -> None:
    contact = contact_of(anna, emails=["a@example.com", "b@example.com"], phones=["8 495 123-45-67", "8 912 345-67-89"])
    mine = Contact.objects.visible_to(anna)
    assert list(find_by_email(mine, " B@Example.com ")) == [contact]
    assert list(find_by_phone(mine, "+7 (912) 345 67 89", region="DE")) == [contact]
    assert list(find_by_phone(mine, "89123456789", region="RU")) == [contact]
    assert not find_by_phone(mine, "912 345 67 80", region="RU")
    assert not find_by_email(mine, "")
    assert not find_by_email(Contact.objects.visible_to(boris), "b@example.com")
    with CaptureQueriesContext(connection) as told:
        assert find_by_email(mine, "b@example.com").first() == contact
    assert len(told) == 1


def test_an_address_is_looked_up_in_its_index(anna: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crm_contact (name, position, emails, owner_id, created_at, is_sample)"
            " SELECT 'C ' || n, '', jsonb_build_array(jsonb_build_object('address', 'c' || n || '@example.com', 'label', 'work')),"
            " %s, now(), false FROM generate_series(1, 5000) n",
            [anna.pk],
        )
        cursor.execute("ANALYZE crm_contact")
    plan = find_by_email(Contact.objects.all(), "c77@example.com").explain()
    assert "contact_by_email" in plan


def test_the_api_reads_and_writes_lists_and_their_first(anna: User, boris: User) -> None:
    client = api(anna)
    made = client.post(
        "/api/v1/contacts/",
        {"name": "Мария", "email": "M@example.com", "phones": [{"number": "8 912 345-67-89", "label": "mobile"}], "tags": ["vip"]},
        format="json",
    )
    assert made.status_code == 201
    assert made.json()["emails"] == [{"address": "m@example.com", "label": "work"}]
    assert (made.json()["phone"], made.json()["email"], made.json()["tags"]) == ("+79123456789", "m@example.com", ["vip"])
    address = f"/api/v1/contacts/{made.json()['id']}/"
    edited = client.patch(address, {"emails": [*made.json()["emails"], "n@example.com"], "consent": "given"}, format="json")
    assert [row["address"] for row in edited.json()["emails"]] == ["m@example.com", "n@example.com"]
    assert edited.json()["consent_at"]
    assert client.patch(address, {"emails": [{"adress": "x@example.com"}]}, format="json").status_code == 422
    assert client.patch(address, {"consent": "maybe"}, format="json").status_code == 400
    assert api(boris).patch(address, {"email": "x@example.com"}, format="json").status_code == 404
    company = client.post("/api/v1/companies/", {"name": "Vektor", "city": "Тверь", "email": "info@example.com"}, format="json").json()
    assert (company["city"], company["addresses"][0]["city"], company["email"]) == ("Тверь", "Тверь", "info@example.com")
    assert Company.objects.get().email == "info@example.com"
