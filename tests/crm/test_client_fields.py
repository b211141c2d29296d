"""Fields of contacts and companies edited in place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Company, Contact, Event, Tag, User
from crm.services.clients import save_client
from pipeline.models import Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def contact_of(user: User, name: str = "Ivan Petrov", **fields: Any) -> Contact:
    return save_client(model=Contact, by=user, name=name, **fields)


def edit(client: Client, record: Any, field: str, value: Any, **more: Any) -> HttpResponse:
    text = value if isinstance(value, str) else json.dumps(value)
    return client.post(reverse(f"{record._meta.model_name}_fields", args=[record.pk]), {"field": field, "value": text, **more})


def test_words_are_no_telephone_number(anna: User, client: Client) -> None:
    contact = save_client(model=Contact, by=anna, name="Vera", phones=["ask at the desk"])
    client.force_login(anna)
    door = reverse("contact_fields", args=[contact.pk])
    answer = client.post(door, {"field": "phones", "value": json.dumps([{"number": "ask at the desk"}, {"number": "abc"}])})
    assert answer.status_code == 422
    assert "abc" in answer.content.decode()
    both = json.dumps([{"number": "ask at the desk"}, {"number": "+7 912 345-67-89"}])
    assert client.post(door, {"field": "phones", "value": both}).status_code == 200  # what a file brought stays
    answer = client.post(reverse("new_contact"), {"name": "Petr", "phones.0.number": "no phone"})
    assert "phones" in answer.context["form"].errors
    assert not Contact.objects.filter(name="Petr").exists()


def test_each_field_is_saved_by_itself(anna: User, boris: User, client: Client) -> None:
    contact = contact_of(anna)
    client.force_login(anna)
    for field, value in (
        ("name", "  Пётр \u200b Иванов "),
        ("position", "CFO"),
        ("company", "Вектор"),
        ("emails", [{"address": "P@example.com", "label": "home"}, {"address": "w@example.com", "label": ""}]),
        ("phones", [{"number": "8 (912) 345-67-89", "label": "Дача"}]),
        ("addresses", [{"street": "Советская, 1", "city": "Тверь", "label": "home"}]),
        ("links", [{"url": "t.me/petr", "label": "other"}]),
        ("tags", ["VIP", "выставка"]),
        ("consent", "given"),
        ("consent_source", "договор"),
        ("do_not_contact", "yes"),
        ("do_not_contact_source", "сказал по телефону"),
    ):
        answer = edit(client, contact, field, value)
        assert answer.status_code == 200, (field, answer.content.decode())
    contact.refresh_from_db()
    assert (contact.name, contact.position, contact.company.name) == ("Пётр Иванов", "CFO", "Вектор")
    assert (contact.email, contact.phone, contact.city) == ("p@example.com", "+79123456789", "Тверь")
    assert contact.phones[0]["label"] == "Дача"
    assert contact.tags == ["VIP", "выставка"]
    assert (contact.consent, contact.consent_source) == ("given", "договор")
    assert (contact.do_not_contact, contact.do_not_contact_source) == (True, "сказал по телефону")
    html = answer.content.decode()
    assert 'value="8 (912) 345-67-89"' in html
    assert 'href="tel:+79123456789"' in html
    assert 'href="mailto:p@example.com"' in html
    assert "notice-danger" in html
    assert "сказал по телефону" in html
    assert Event.objects.filter(type="contact.edited").count() == 12


def test_a_colleagues_edit_is_never_overwritten_silently(anna: User, clara: User, client: Client) -> None:
    contact = contact_of(anna, email="a@example.com")
    seen = [{"address": "a@example.com", "label": "work"}]
    client.force_login(anna)
    save_client(model=Contact, by=clara, pk=contact.pk, email="clara@example.com", position="CEO")
    mine = [{"address": "mine@example.com", "label": "work"}]
    answer = edit(client, contact, "emails", mine, was=json.dumps(seen))
    html = answer.content.decode()
    assert answer.status_code == 412
    assert 'value="clara@example.com"' in html
    assert "<bdi>mine@example.com</bdi>" in html
    contact.refresh_from_db()
    assert contact.email == "clara@example.com"
    # Hers being seen now, mine takes its place.
    stands = [{"address": "clara@example.com", "label": "work"}]
    assert edit(client, contact, "emails", mine, was=json.dumps(stands)).status_code == 200
    # Another field is nobody's conflict.
    assert edit(client, contact, "name", "Ivan", was="Ivan Petrov").status_code == 200
    contact.refresh_from_db()
    assert (contact.name, contact.position, contact.email) == ("Ivan", "CEO", "mine@example.com")


def test_what_was_seen_of_each_kind_of_field_is_compared(anna: User, boris: User, client: Client) -> None:
    company = save_client(model=Company, by=anna, name="Вектор")
    contact = contact_of(anna, company=company, tags=["VIP"], do_not_contact=True)
    client.force_login(anna)
    for field, value, seen, wrong in (
        ("company", "Сектор", str(company.pk), ""),
        ("tags", ["B"], '["VIP"]', "[]"),
        ("do_not_contact", "", "yes", ""),
        ("owner", str(boris.pk), str(anna.pk), ""),
    ):
        # Already so is no conflict: only what differs from both is.
        if field != "do_not_contact":
            assert edit(client, contact, field, value, was=wrong).status_code == 412, field
        assert edit(client, contact, field, value, was=seen).status_code == 200, field


def test_undo_brings_consent_back_with_its_date_and_source(anna: User, client: Client) -> None:
    contact = contact_of(anna, consent="given", consent_source="form")
    client.force_login(anna)
    back = client.get(reverse("contact", args=[contact.pk])).context["back"]["consent"]
    edit(client, contact, "consent", "refused", was="given")
    assert edit(client, contact, "consent", back, was="refused").status_code == 200
    again = Contact.objects.get(pk=contact.pk)
    assert (again.consent, again.consent_at, again.consent_source) == ("given", contact.consent_at, "form")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sort_name", "x"),
        ("team", "1"),
        ("custom", "{}"),
        ("name", ""),
        ("name", "x" * 201),
        ("emails", "{"),
        ("emails", "7"),
        ("emails", '["no mail"]'),
        ("emails", "[" * 5000),
        ("links", '["javascript:alert(1)"]'),
        ("owner", "999999999"),
        ("owner", "x"),
        ("consent", "yes"),
        ("consent", "{"),
        ("consent", '{"consent": 7}'),
        ("consent", '{"consent": "given", "consent_at": "2026-99-99T00:00:00Z"}'),
        ("do_not_contact", '{"do_not_contact": "x"}'),
        ("website", "example.com"),
        ("name", "x" * 20_001),
    ],
)
def test_nonsense_is_refused_in_words(anna: User, client: Client, field: str, value: str) -> None:
    contact = contact_of(anna)
    client.force_login(anna)
    assert edit(client, contact, field, value).status_code == 422
    assert not Event.objects.filter(type="contact.edited").exists()


def test_only_who_may_change_edits_and_only_who_sees_finds(
    anna: User, boris: User, clara: User, stages: list[Stage], client: Client
) -> None:
    contact = contact_of(boris)
    client.force_login(anna)
    assert edit(client, contact, "name", "X").status_code == 404
    make_deal(by=anna, contact=contact)
    assert edit(client, contact, "name", "X").status_code == 403
    client.force_login(clara)
    assert edit(client, contact, "name", "X").status_code == 200


def test_a_company_one_does_not_see_stays_with_its_contact(anna: User, boris: User, client: Client) -> None:
    hidden = save_client(model=Company, by=boris, name="Hidden")
    contact = contact_of(anna)
    Contact.objects.filter(pk=contact.pk).update(company=hidden)
    client.force_login(anna)
    html = edit(client, contact, "position", "CEO").content.decode()
    assert "Hidden" not in html
    contact.refresh_from_db()
    assert contact.company == hidden


def test_a_contact_moves_to_another_company_by_name(anna: User, client: Client) -> None:
    old = save_client(model=Company, by=anna, name="Вектор")
    contact = contact_of(anna, company=old)
    save_client(model=Company, by=anna, name="Сектор")
    client.force_login(anna)
    for typed, meant in (("ВЕКТОР", "Вектор"), ("сектор", "Сектор"), ("", None)):
        assert edit(client, contact, "company", typed).status_code == 200
        contact = Contact.objects.select_related("company").get(pk=contact.pk)
        assert (contact.company and contact.company.name) == meant


def test_giving_a_client_away_says_that_it_is_gone(anna: User, denis: User, client: Client) -> None:
    contact = contact_of(anna)
    client.force_login(anna)
    html = edit(client, contact, "owner", str(denis.pk)).content.decode()
    contact.refresh_from_db()
    assert (contact.owner, contact.team) == (denis, denis.team)
    assert "no longer see" in html
    assert "data-post" not in html


def test_the_fields_cost_the_same_however_many_rows(anna: User, client: Client) -> None:
    Tag.objects.create(name="VIP", colour="violet")
    contact = contact_of(anna, tags=["VIP"])
    client.force_login(anna)

    def cost(value: list[str]) -> int:
        with CaptureQueriesContext(connection) as told:
            assert edit(client, contact, "emails", value).status_code == 200
        return len(told)

    assert cost(["a@example.com"]) == cost([f"a{n}@example.com" for n in range(15)])
