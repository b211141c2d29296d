"""Contacts and companies: pages, forms, rights, edits that meet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Company, Contact, Event, User
from crm.services.clients import save_client
from crm.services.notes import add_note, delete_note
from crm.services.tasks import add_task
from pipeline.models import Stage
from pipeline.services.outcomes import close_deal
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def company_of(user: User, name: str = "Vektor", **fields: Any) -> Company:
    return save_client(model=Company, by=user, name=name, **fields)


def contact_of(user: User, name: str = "Ivan Petrov", **fields: Any) -> Contact:
    return save_client(model=Contact, by=user, name=name, **fields)


def read(client: Client, user: User, name: str, *args: int, **query: Any) -> str:
    client.force_login(user)
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


# Pages


def test_what_is_not_theirs_is_not_found(anna: User, boris: User, client: Client) -> None:
    company, contact = company_of(anna), contact_of(anna)
    client.force_login(boris)
    for name, pk in (("company", company.pk), ("contact", contact.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 404
        assert client.post(reverse(name, args=[pk]), {"name": "Mine"}).status_code in (404, 405)
    company.refresh_from_db()
    assert company.name == "Vektor"


def test_seen_through_a_deal_means_read_only(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    company = company_of(boris)
    make_deal(by=anna, company=company)
    html = read(client, anna, "company", company.pk)
    assert "read-only" in html
    assert html.count("readonly") >= 2
    assert client.post(reverse("company_fields", args=[company.pk]), {"field": "name", "value": "Mine"}).status_code == 403


def test_a_company_is_given_to_colleagues_not_to_its_people(anna: User, boris: User, client: Client) -> None:
    company = company_of(anna)
    save_client(model=Contact, by=anna, name="Marigold", company=company)
    html = read(client, anna, "company", company.pk)
    (owners,) = re.findall(r'<select class="input" name="owner".*?</select>', html)
    assert f'<option value="{anna.pk}" selected>' in owners and boris.name in owners and "Marigold" not in owners


def test_a_company_shows_its_deals_and_what_happened(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    company = company_of(anna, city="Тверь")
    open_deal = make_deal("Running", by=anna, company=company, amount=1500)
    won = make_deal("Finished", by=anna, company=company, amount=700)
    close_deal(deal_id=won.pk, outcome="won", by=anna)
    make_deal("Elsewhere", by=anna)
    hidden = make_deal("Boris has it", by=boris, company=company)
    add_note(record="company", record_id=company.pk, body="They <b>prefer</b> mail", by=anna)
    gone = add_note(record="company", record_id=company.pk, body="A mistake", by=anna)
    delete_note(note_id=gone.pk, by=anna)
    add_task(title="Send a card", due_at=timezone.now(), by=anna, record="company", record_id=company.pk)
    save_client(model=Company, by=anna, pk=company.pk, city="Клин")
    html = read(client, anna, "company", company.pk)
    assert re.findall(r'<li data-deal-id="(\d+)"', html) == [str(open_deal.pk), str(won.pk)]
    assert stages[0].name in html
    assert hidden.title not in html
    assert "They &lt;b&gt;prefer&lt;/b&gt; mail" in html
    assert "A mistake" not in html
    assert html.count("Send a card") >= 2  # the step, and the timeline
    assert "Тверь → Клин" in html


def test_pages_cost_the_same_however_much_happened(anna: User, stages: list[Stage], client: Client) -> None:
    company = company_of(anna)
    client.force_login(anna)

    def cost() -> int:
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse("company", args=[company.pk])).status_code == 200
        return len(told)

    def happen(number: int) -> None:
        make_deal(f"Deal {number}", by=anna, company=company)
        contact_of(anna, f"Person {number}", company=company)
        add_note(record="company", record_id=company.pk, body="A note", by=anna)
        add_task(title="A task", due_at=timezone.now(), by=anna, record="company", record_id=company.pk)

    happen(0)
    before = cost()
    for number in range(1, 7):
        happen(number)
    assert cost() == before
    assert before <= 23


# Adding


def test_a_contact_is_added_with_its_company(anna: User, client: Client) -> None:
    client.force_login(anna)
    filled = {
        "name": "Мария Ким",
        "emails.0.address": "maria@example.com",
        "emails.3.address": "Home@example.com",
        "emails.3.label": "home",
        "phones.0.number": "+7 999 1234567",
        "phones.1.number": " ",
        "position": "CFO",
        "company": "Новая",
        "owner": anna.pk,
    }
    answer = client.post(reverse("new_contact"), filled)
    contact = Contact.objects.get()
    assert answer.headers["Location"] == reverse("contact", args=[contact.pk])
    assert (contact.name, contact.email, contact.phone, contact.position) == ("Мария Ким", "maria@example.com", "+79991234567", "CFO")
    assert contact.emails[1] == {"address": "home@example.com", "label": "home"}
    assert (contact.company.name, contact.company.owner, contact.owner, contact.team) == ("Новая", anna, anna, anna.team)
    # The same company's name again is the same company.
    client.post(reverse("new_contact"), {"name": "Иван Ким", "company": "новая", "owner": anna.pk})
    assert Company.objects.count() == 1
    assert sorted(Event.objects.values_list("type", flat=True)) == ["company.created", "contact.created", "contact.created"]


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(anna: User, client: Client) -> None:
    client.force_login(anna)
    answer = client.post(reverse("new_contact"), {"name": "", "emails.0.address": "no mail", "company": "Vektor", "owner": anna.pk})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_name_error"' in html
    assert 'id="id_emails_error"' in html
    assert 'value="no mail"' in html
    assert 'value="Vektor"' in html
    assert not Contact.objects.exists()
    assert not Company.objects.exists()
    for website in ("javascript:alert(1)", "x" * 300):
        answer = client.post(reverse("new_company"), {"name": "Bad", "website": website})
        assert answer.status_code == 422
    client.post(reverse("new_company"), {"name": "x" * 201})
    assert not Company.objects.exists()


def test_suggested_names_are_those_one_sees(anna: User, boris: User, client: Client) -> None:
    company_of(anna, "Вектор")
    company_of(boris, "Вектор-2")
    client.force_login(anna)
    assert client.get(reverse("company_suggestions"), {"text": "век"}).json() == {"names": ["Вектор"]}
    assert client.get(reverse("company_suggestions")).json() == {"names": []}


def test_nothing_without_signing_in(client: Client) -> None:
    for name in ("contacts", "companies", "new_contact", "new_company", "company_suggestions"):
        assert client.get(reverse(name)).status_code == 302
