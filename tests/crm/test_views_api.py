"""Filters and views in the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm.models import Company, SavedView, User
from crm.services.clients import save_client
from crm.services.views import save_view
from pipeline.models import Stage
from tests.factories import make_deal
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db
MINE = {"field": "owner", "op": "is", "value": "me"}


def listed(user: User, path: str, **given: Any) -> list[str]:
    query = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in given.items()}
    answer = client_of(user).get(f"/api/v1/{path}/", query)
    assert answer.status_code == 200, answer.content
    return [row.get("title") or row["name"] for row in answer.json()["results"]]


def test_lists_are_narrowed_by_filters_and_views(anna: User, boris: User, clara: User, stages: list[Stage]) -> None:
    save_client(model=Company, by=anna, name="Anna's")
    save_client(model=Company, by=boris, name="Boris's")
    make_deal("Small", by=anna, amount=10)
    make_deal("Large", by=anna, amount=5000, stage=stages[1])
    assert listed(clara, "companies", filter={"field": "owner", "op": "is", "value": anna.pk}) == ["Anna's"]
    assert listed(anna, "deals", filter={"field": "stage", "op": "is", "value": str(stages[1].pk)}) == ["Large"]
    assert listed(boris, "companies", view="mine") == ["Boris's"]
    view = save_view(kind="company", name="B", by=clara, is_shared=True, filter={"field": "name", "op": "begins", "value": "b"})
    assert listed(clara, "companies", view=str(view.pk)) == ["Boris's"]
    assert listed(anna, "companies", view=str(view.pk)) == []
    assert listed(clara, "companies", view=str(view.pk), filter=MINE) == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"filter": "{"}, 400),
        ({"filter": '{"field":"x","op":"is"}'}, 400),
        ({"view": "99"}, 404),
        ({"view": "nothing"}, 404),
        ({"view": "9" * 30}, 404),
    ],
)
def test_what_cannot_be_read_is_an_error_and_not_everything(anna: User, given: dict[str, str], status: int) -> None:
    assert client_of(anna).get("/api/v1/contacts/", given).status_code == status


def test_views_are_kept_changed_and_deleted_by_their_owner(anna: User, boris: User, admin: User) -> None:
    asked = {"kind": "contact", "name": "Mine", "filter": {"all": [MINE]}, "columns": ["name"], "is_shared": True}
    made = client_of(anna).post("/api/v1/views/", asked, content_type="application/json")
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made.json()["filter"] == {"all": [MINE]}
    address = f"/api/v1/views/{pk}/"
    for user, status in ((boris, 403), (admin, 200), (anna, 200)):
        assert client_of(user).patch(address, {"name": f"By {user.name}"}, content_type="application/json").status_code == status
    assert client_of(boris).delete(address).status_code == 403
    assert client_of(anna).delete(address).status_code == 204
    assert client_of(anna).get(address).status_code == 404
    assert SavedView.objects.get(pk=pk).name == "By Anna Arlova"
    for wrong, status in (({"filter": {"field": "x"}}, 422), ({"layout": "pie"}, 400), ({"owner": boris.pk}, 400), ({"kind": "user"}, 422)):
        assert client_of(anna).post("/api/v1/views/", asked | wrong, content_type="application/json").status_code == status


def test_fields_are_told(anna: User, stages: list[Stage]) -> None:
    fields = client_of(anna).get("/api/v1/filter-fields/", {"kind": "deal"}).json()["fields"]
    assert {"title", "stage", "amount", "owner", "next_step"} <= {field["key"] for field in fields}
    assert client_of(anna).get("/api/v1/filter-fields/", {"kind": "user"}).status_code == 400
    assert client_of(anna).get("/api/v1/filter-fields/").status_code == 400
