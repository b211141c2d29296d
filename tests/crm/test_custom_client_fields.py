"""Custom fields of contacts and companies: in the form of a new one, on their pages, and as columns of their lists."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from crm.models import Company, Contact, User
from crm.services.clients import save_client
from crm.services.custom_fields import add_field

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(anna: User) -> Client:
    client = Client()
    client.force_login(anna)
    return client


@pytest.fixture
def fields(admin: User) -> None:
    for kind in ("contact", "company"):
        add_field(kind=kind, type="choices", labels={"en": "Needs"}, options=["Design", "Print"], by=admin)
        add_field(kind=kind, type="number", labels={"en": "Staff"}, is_required=True, by=admin)
        add_field(kind=kind, type="money", labels={"en": "Budget"}, by=admin)
        add_field(kind=kind, type="person", labels={"en": "Helper"}, by=admin)


@pytest.mark.parametrize(("folder", "model"), [("contacts", Contact), ("companies", Company)])
def test_a_new_one_is_asked_for_what_is_required(fields: None, hers: Client, folder: str, model: Any, anna: User) -> None:
    page = hers.get(f"/{folder}/new/").content.decode()
    assert 'name="custom.staff"' in page and 'name="custom.needs"' in page
    refused = hers.post(f"/{folder}/new/", {"name": "New", "custom.needs": "print", "custom.staff": ""})
    assert refused.status_code == 422 and "has to be filled in" in refused.content.decode() and 'value="print"' in refused.content.decode()
    refused = hers.post(f"/{folder}/new/", {"name": "New", "custom.staff": "many", "custom.budget": "€20k"})
    assert refused.status_code == 422 and 'value="many"' in refused.content.decode() and not model.objects.exists()
    sent = {"name": "New", "custom.needs": "print,design", "custom.staff": "1,200", "custom.budget": "€20k", "custom.helper": str(anna.pk)}
    assert hers.post(f"/{folder}/new/", sent).status_code == 302
    assert model.objects.get().custom == {
        "needs": ["design", "print"],
        "staff": "1200",
        "budget": {"amount": "20000.00", "currency": "EUR"},
        "helper": anna.pk,
    }


@pytest.mark.parametrize(("folder", "model"), [("contacts", Contact), ("companies", Company)])
def test_values_are_edited_on_the_page(fields: None, hers: Client, anna: User, boris: User, folder: str, model: Any) -> None:
    client = save_client(model=model, by=anna, name="Vektor", custom={"staff": "5"})
    path = f"/{folder}/{client.pk}/"
    assert 'name="custom.staff"' in hers.get(path).content.decode()
    send = lambda field, value, was: hers.post(f"{path}fields/", {"field": field, "value": value, "was": was}).status_code  # noqa: E731
    assert send("custom.needs", "print", "") == 200
    assert send("custom.staff", "6", json.dumps("5")) == 200
    assert send("custom.staff", "7", json.dumps("5")) == 412
    assert send("custom.staff", "", json.dumps("6")) == 422
    assert send("custom.rocket", "1", "") == 422
    other = Client()
    other.force_login(boris)
    assert other.post(f"{path}fields/", {"field": "custom.staff", "value": "9"}).status_code == 404
    client.refresh_from_db()
    assert client.custom == {"staff": "6", "needs": ["print"]}
