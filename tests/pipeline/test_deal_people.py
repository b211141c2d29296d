"""The people of a deal and their roles."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from crm.errors import Forbidden
from crm.models import ApiKey, Contact, Event, User
from crm.services.clients import save_client
from pipeline.models import ContactRole, DealContact, Stage
from pipeline.services.deal_people import put_person, remove_person
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def role() -> ContactRole:
    return ContactRole.objects.create(name="Signs", labels={"ru": "Подписывает"})


def test_people_get_roles_other_roles_and_leave(anna: User, stages: list[Stage], role: ContactRole, client: Client) -> None:
    deal = make_deal(by=anna, company="Vektor")
    contact = save_client(model=Contact, by=anna, name="Пётр", company="Vektor")
    client.force_login(anna)
    html = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert '<option value="Пётр"></option>' in html
    html = client.post(reverse("deal_people", args=[deal.pk]), {"name": "пётр", "role": ""}).content.decode()
    assert reverse("contact", args=[contact.pk]) in html
    client.post(reverse("deal_person", args=[deal.pk, contact.pk]), {"role": role.pk})
    assert DealContact.objects.get().role == role
    client.post(reverse("deal_people", args=[deal.pk]), {"name": "Пётр", "role": role.pk})  # twice is once
    assert DealContact.objects.count() == 1
    page = client.get(reverse("contact", args=[contact.pk])).content.decode()
    assert deal.title in page
    assert "Signs" in page
    html = client.post(reverse("deal_person_removal", args=[deal.pk, contact.pk])).content.decode()
    assert "data-told" in html
    assert not DealContact.objects.exists()
    told = Event.objects.filter(type__startswith="deal.contact_").order_by("id").values_list("type", flat=True)
    assert list(told) == ["deal.contact_added", "deal.contact_role_changed", "deal.contact_removed"]


def test_nobody_of_that_name_and_old_roles_are_refused(
    anna: User, boris: User, stages: list[Stage], role: ContactRole, client: Client
) -> None:
    deal = make_deal(by=anna)
    save_client(model=Contact, by=boris, name="Secret")
    save_client(model=Contact, by=anna, name="Known")
    client.force_login(anna)
    for name in ("Secret", "", "Nobody"):
        assert client.post(reverse("deal_people", args=[deal.pk]), {"name": name}).status_code == 422
    assert client.post(reverse("deal_people", args=[deal.pk]), {"name": "Known", "role": "999999"}).status_code == 404
    ContactRole.objects.update(archived_at="2026-01-01T00:00Z")
    assert client.post(reverse("deal_people", args=[deal.pk]), {"name": "Known", "role": role.pk}).status_code == 422
    assert not DealContact.objects.exists()


def api_of(user: User) -> Client:
    return Client(headers={"Authorization": f"Bearer {ApiKey.issue(user=user, name='test')[1]}"})


def test_a_program_keeps_the_people_of_a_deal(anna: User, boris: User, stages: list[Stage], role: ContactRole) -> None:
    deal = make_deal(by=anna)
    petr = save_client(model=Contact, by=anna, name="Petr")
    hidden = save_client(model=Contact, by=boris, name="Secret")
    api, address = api_of(anna), f"/api/v1/deals/{deal.pk}/contacts/"
    said = api.post(address, {"contact": petr.pk, "role": role.pk}, content_type="application/json")
    assert (said.status_code, said.json()) == (201, {"contact": petr.pk, "name": "Petr", "role": role.pk, "role_name": "Signs"})
    assert api.post(address, {"contact": hidden.pk}, content_type="application/json").status_code == 400
    assert api.get(address).json()["results"] == [said.json()]
    assert api_of(boris).get(address).status_code == 404
    assert api_of(boris).delete(f"{address}{petr.pk}/").status_code == 404
    assert api.delete(f"{address}{petr.pk}/").status_code == 204
    assert api.delete(f"{address}{petr.pk}/").status_code == 422
    assert api.get(address).json()["results"] == []


def test_tags_of_a_deal_are_edited_in_place_and_by_programs(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    client.force_login(anna)
    address = reverse("deal_fields", args=[deal.pk])
    html = client.post(address, {"field": "tags", "value": '["VIP", "vip", "Fair"]', "was": "[]"}).content.decode()
    assert 'data-was="[&quot;VIP&quot;,&quot;Fair&quot;]"' in html
    stale = client.post(address, {"field": "tags", "value": '["Mine"]', "was": "[]"})
    assert stale.status_code == 412
    assert "Mine" in stale.content.decode()
    client.force_login(boris)
    assert client.post(address, {"field": "tags", "value": "[]"}).status_code == 404
    api = api_of(anna)
    answer = api.patch(f"/api/v1/deals/{deal.pk}/", {"tags": ["fair", "New"]}, content_type="application/json")
    assert answer.json()["tags"] == ["Fair", "New"]
    deal.refresh_from_db()
    assert deal.tags == ["Fair", "New"]


def test_programs_look_people_up_by_any_of_their_numbers(anna: User, boris: User) -> None:
    phones = [{"number": "+79161234567"}, {"number": "+7 916 765-43-21"}]
    petr = save_client(model=Contact, by=anna, name="Petr", phones=phones, emails=[{"address": "a@b.example"}, {"address": "c@d.example"}])
    save_client(model=Contact, by=anna, name="Other", phone="+79160000000")
    for query in ("phone=89167654321", "phone=%2B79161234567", "email=C@d.example"):
        assert [found["id"] for found in api_of(anna).get(f"/api/v1/contacts/?{query}").json()["results"]] == [petr.pk]
        assert api_of(boris).get(f"/api/v1/contacts/?{query}").json()["results"] == []
        assert api_of(anna).get(f"/api/v1/companies/?{query}").json()["results"] == []


def test_whoever_sees_the_deal_sees_its_people(anna: User, boris: User, clara: User, denis: User, stages: list[Stage]) -> None:
    deal = make_deal(by=clara, owner=anna)
    contact = save_client(model=Contact, by=boris, name="Of Boris")
    assert not Contact.objects.visible_to(anna).filter(pk=contact.pk).exists()
    put_person(deal_id=deal.pk, contact=contact, role=None, by=clara)
    assert Contact.objects.visible_to(anna).filter(pk=contact.pk).exists()
    assert not Contact.objects.visible_to(denis).filter(pk=contact.pk).exists()
    with pytest.raises(Forbidden):
        save_client(model=Contact, by=anna, pk=contact.pk, name="Mine")
    remove_person(deal_id=deal.pk, contact_id=contact.pk, by=anna)
    assert not Contact.objects.visible_to(anna).filter(pk=contact.pk).exists()
