"""A deal begun from a contact or company: what is filled in, and for whom."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, User
from crm.services.clients import save_client
from pipeline.models import Deal, Stage
from tests.factories import make_pipeline

pytestmark = pytest.mark.django_db
DIALOG = {"X-Part": "dialog"}


@pytest.fixture
def petr(anna: User) -> Contact:
    return save_client(model=Contact, by=anna, name="Petr Volkov", company="Vektor")


def address(client: Contact | Company) -> str:
    return reverse("record_deals", args=[client._meta.model_name, client.pk])


def test_a_contact_brings_their_company(anna: User, petr: Contact, stages: list[Stage], client: Client) -> None:
    client.force_login(anna)
    form = client.get(address(petr) + "?about=Price+of+a+lathe", headers=DIALOG).context["form"]
    assert form["title"].value() == "Price of a lathe"
    assert client.get(address(petr)).context["form"]["title"].value() == "Vektor"
    answer = client.post(address(petr), {"title": "Lathe", "amount": "€20k", "stage": stages[1].pk}, headers=DIALOG)
    deal = Deal.objects.get()
    assert answer.status_code == 201
    assert f'data-made="{reverse("deal", args=[deal.pk])}"' in answer.content.decode()
    assert (deal.title, deal.amount, deal.currency, deal.stage, deal.owner) == ("Lathe", Decimal(20000), "EUR", stages[1], anna)
    assert (deal.contact, deal.company) == (petr, petr.company)


def test_a_company_without_scripts(anna: User, petr: Contact, stages: list[Stage], client: Client) -> None:
    client.force_login(anna)
    assert petr.company
    assert client.post(address(petr.company), {"title": "Lathe", "amount": "", "stage": stages[0].pk}).url == (  # type: ignore[attr-defined]
        reverse("deal", args=[Deal.objects.get().pk])
    )
    assert (Deal.objects.get().company, Deal.objects.get().contact, Deal.objects.get().amount) == (petr.company, None, None)


def test_nothing_typed_is_lost(anna: User, petr: Contact, stages: list[Stage], client: Client) -> None:
    client.force_login(anna)
    answer = client.post(address(petr), {"title": "Lathe", "amount": "a lot", "stage": stages[0].pk}, headers=DIALOG)
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.content.decode()
    assert list(answer.context["form"].errors) == ["amount"]
    assert not Deal.objects.exists()


def test_only_for_those_whom_one_sees_and_only_clients(
    anna: User, boris: User, denis: User, petr: Contact, stages: list[Stage], client: Client
) -> None:
    hidden = save_client(model=Company, by=denis, name="Elsewhere")
    Contact.objects.filter(pk=petr.pk).update(company=hidden)
    client.force_login(boris)
    assert client.post(address(petr), {"title": "Lathe", "stage": stages[0].pk}).status_code == 404
    client.force_login(anna)
    assert client.get(reverse("record_deals", args=["deal", 1])).status_code == 404
    client.post(address(petr), {"title": "Lathe", "stage": stages[0].pk})
    assert Deal.objects.get().company is None


def test_stages_of_several_pipelines_are_told_apart(anna: User, petr: Contact, stages: list[Stage], client: Client) -> None:
    make_pipeline("Renewals", stages=("Due",))
    client.force_login(anna)
    page = client.get(address(petr)).content.decode()
    assert '<optgroup label="Renewals">' in page
    assert '<optgroup label="Sales">' in page


def test_the_page_of_a_client_leads_there(anna: User, petr: Contact, stages: list[Stage], client: Client) -> None:
    client.force_login(anna)
    page = client.get(reverse("contact", args=[petr.pk])).content.decode()
    assert page.count(f'href="{address(petr)}" data-plan') == 2  # in the head of the panel, and as the one next act where it is empty
