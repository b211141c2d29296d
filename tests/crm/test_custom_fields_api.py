"""The API of custom fields and of their values."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from crm.models import ApiKey, Company, CustomField, User
from crm.services.custom_fields import add_field, archive_field
from pipeline.models import Deal, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {ApiKey.issue(user=user, name='test')[1]}")
    return client


@pytest.fixture
def api(anna: User) -> APIClient:
    return client_of(anna)


@pytest.fixture
def office(admin: User) -> APIClient:
    return client_of(admin)


def test_definitions_are_read_by_everybody(api: APIClient, admin: User) -> None:
    field = add_field(kind="deal", type="choice", labels={"en": "Level", "ru": "Уровень"}, options=["Gold"], is_required=True, by=admin)
    add_field(kind="contact", type="text", labels={"en": "Size"}, by=admin)
    shown = {
        "id": field.pk,
        "kind": "deal",
        "key": "level",
        "type": "choice",
        "labels": {"en": "Level", "ru": "Уровень"},
        "options": [{"key": "gold", "labels": {"en": "Gold"}, "removed": False}],
        "is_required": True,
        "position": 0,
        "archived": False,
    }
    assert api.get("/api/v1/custom-fields/", {"kind": "deal"}).json()["results"] == [shown]
    assert api.get(f"/api/v1/custom-fields/{field.pk}/").json() == shown
    assert len(api.get("/api/v1/custom-fields/").json()["results"]) == 2
    assert api.get("/api/v1/custom-fields/", {"kind": "rocket"}).status_code == 400


def test_an_admin_shapes_them(office: APIClient, api: APIClient) -> None:
    sent = {"kind": "company", "type": "choices", "labels": {"en": "Needs"}, "options": [{"en": "Design"}, {"ru": "Печать"}]}
    assert api.post("/api/v1/custom-fields/", sent, format="json").status_code == 403
    made = office.post("/api/v1/custom-fields/", sent, format="json", headers={"Idempotency-Key": "k"})
    assert office.post("/api/v1/custom-fields/", sent, format="json", headers={"Idempotency-Key": "k"}).json() == made.json()
    assert (made.status_code, made.json()["key"], CustomField.objects.count()) == (201, "needs", 1)
    path = f"/api/v1/custom-fields/{made.json()['id']}/"
    assert office.patch(path, {"labels": {"en": "Wants"}, "is_required": True, "archived": True}, format="json").json()["archived"]
    assert not office.patch(path, {"archived": False}, format="json").json()["archived"]
    assert len(office.post(f"{path}options/", {"labels": {"en": "Signs"}}, format="json").json()["options"]) == 3
    changed = office.patch(f"{path}options/design/", {"labels": {"en": "Drawing"}, "removed": True}, format="json").json()["options"]
    assert changed[-1] == {"key": "design", "labels": {"en": "Drawing"}, "removed": True}
    assert office.patch(f"{path}options/iron/", {"removed": True}, format="json").status_code == 404
    for body, status in (
        ({"labels": {}}, 422),
        ({"labels": {"de": "x"}}, 422),
        ({"labels": "x"}, 400),
        ({"key": "other"}, 400),
        ({"type": "text"}, 400),
        ({"archived": "maybe"}, 400),
    ):
        assert office.patch(path, body, format="json").status_code == status, body
    for method, address in (("patch", path), ("post", f"{path}options/"), ("patch", f"{path}options/signs/")):
        assert getattr(api, method)(address, {"labels": {"en": "x"}}, format="json").status_code == 403


def test_values_are_created_merged_and_taken_away(api: APIClient, admin: User, stages: list[Stage]) -> None:
    for type, name in (("number", "Seats"), ("money", "Budget"), ("yes_no", "Urgent")):
        add_field(kind="deal", type=type, labels={"en": name}, by=admin)
    custom: dict[str, Any] = {"seats": 7, "urgent": False}
    made = api.post("/api/v1/deals/", {"title": "x", "stage": stages[0].pk, "custom": custom}, format="json")
    assert (made.status_code, made.json()["custom"]) == (201, {"seats": "7", "urgent": False})
    path = f"/api/v1/deals/{made.json()['id']}/"
    budget = {"amount": 100, "currency": "eur"}
    answer = api.patch(path, {"custom": {"budget": budget, "urgent": None}}, format="json")
    assert answer.json()["custom"] == {"seats": "7", "budget": {"amount": "100.00", "currency": "EUR"}}
    # What was read can be sent back, an archived field's value with it.
    archive_field(field_id=CustomField.objects.get(key="seats").pk, by=admin)
    assert api.patch(path, {"title": "y", "custom": answer.json()["custom"]}, format="json").status_code == 200
    for wrong in ({"rocket": 1}, {"seats": "8"}, {"budget": 5}, {"urgent": "yes"}):
        refused = api.patch(path, {"title": "z", "custom": wrong}, format="json")
        assert refused.status_code == 422 and refused.json()["reasons"], wrong
    for wrong in ([], "x", None, 7):
        assert api.patch(path, {"custom": wrong}, format="json").status_code in (400, 422), wrong
    stale = api.patch(path, {"custom": {"urgent": True}}, format="json", headers={"If-Match": answer.headers["ETag"]})
    assert stale.status_code == 412
    assert api.get(path).json()["custom"] == answer.json()["custom"]
    assert Deal.objects.get().title == "y"


def test_clients_have_values_too(api: APIClient, admin: User, denis: User) -> None:
    add_field(kind="company", type="number", labels={"en": "Staff"}, by=admin)
    add_field(kind="contact", type="choice", labels={"en": "Level"}, options=["Gold"], by=admin)
    company = api.post("/api/v1/companies/", {"name": "Vektor", "custom": {"staff": "12"}}, format="json").json()
    contact = api.post("/api/v1/contacts/", {"name": "Petr", "custom": {"level": "gold"}}, format="json").json()
    assert (company["custom"], contact["custom"]) == ({"staff": "12"}, {"level": "gold"})
    assert api.patch(f"/api/v1/companies/{company['id']}/", {"custom": {"staff": None}}, format="json").json()["custom"] == {}
    assert api.post("/api/v1/companies/", {"name": "Other", "custom": {"level": "gold"}}, format="json").status_code == 422
    assert not Company.objects.filter(name="Other").exists()
    assert client_of(denis).patch(f"/api/v1/contacts/{contact['id']}/", {"custom": {}}, format="json").status_code == 404


def test_lists_of_deals_carry_values_at_no_further_cost(
    api: APIClient, admin: User, anna: User, stages: list[Stage], django_assert_max_num_queries: Any
) -> None:
    add_field(kind="deal", type="number", labels={"en": "Seats"}, by=admin)
    for turn in range(5):
        make_deal(by=anna, custom={"seats": turn})
    with django_assert_max_num_queries(3):
        found = api.get("/api/v1/deals/").json()["results"]
    assert [deal["custom"] for deal in found] == [{"seats": str(turn)} for turn in range(5)]
