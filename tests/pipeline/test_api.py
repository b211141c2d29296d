"""The API of deals: shapes, rights, refusals, repeated requests."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from crm.models import ApiKey, Event, User
from pipeline.models import Deal, Pipeline, Stage
from tests.factories import make_deal, make_pipeline

pytestmark = pytest.mark.django_db


def client_of(user: User) -> APIClient:
    """Another program that uses a key of this person."""
    _row, key = ApiKey.issue(user=user, name="test")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


@pytest.fixture
def api(anna: User) -> APIClient:
    return client_of(anna)


def post(client: APIClient, path: str, data: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", data, format="json", headers=headers)


def test_without_a_key_nothing_is_told(sales: Pipeline) -> None:
    assert APIClient().get("/api/v1/deals/").status_code == 401
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Bearer vk_nonsense")
    assert client.get("/api/v1/deals/").status_code == 401


def test_revoked_key_and_disabled_user_are_shut_out(api: APIClient, anna: User) -> None:
    assert api.get("/api/v1/deals/").status_code == 200
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert api.get("/api/v1/deals/").status_code == 401


def test_deal_is_created_listed_and_read(api: APIClient, anna: User, stages: list[Stage]) -> None:
    made = post(api, "deals/", {"title": "Vektor", "stage": stages[0].pk, "amount": "300000.00"})
    assert made.status_code == 201
    deal = made.json()
    assert (deal["owner"], deal["currency"], deal["version"], deal["outcome"], deal["rank"]) == (anna.pk, "EUR", 0, "", "0")
    assert api.get(f"/api/v1/deals/?stage={stages[0].pk}").json()["results"] == [deal]
    assert api.get(f"/api/v1/deals/{deal['id']}/").json() == deal
    assert set(api.get("/api/v1/pipelines/").json()) == {"results", "next", "previous"}
    assert [stage["name"] for stage in api.get(f"/api/v1/stages/?pipeline={stages[0].pipeline_id}").json()["results"]] == [
        s.name for s in stages
    ]


def test_foreign_deals_are_not_found_by_any_door(api: APIClient, denis: User, stages: list[Stage]) -> None:
    deal = make_deal(by=denis)
    assert api.get("/api/v1/deals/").json()["results"] == []
    assert api.get(f"/api/v1/deals/{deal.pk}/").status_code == 404
    assert api.get(f"/api/v1/deals/{deal.pk}/visits/").status_code == 404
    assert api.patch(f"/api/v1/deals/{deal.pk}/", {"title": "mine"}, format="json").status_code == 404
    assert post(api, f"deals/{deal.pk}/moves/", {"stage": stages[1].pk}).status_code == 404
    assert post(api, f"deals/{deal.pk}/outcomes/", {"outcome": "won"}).status_code == 404
    deal.refresh_from_db()
    assert (deal.title, deal.version) == ("A deal", 0)


def test_move_answers_the_deal_and_a_stale_one_409(api: APIClient, anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    moved = post(api, f"deals/{deal.pk}/moves/", {"stage": stages[1].pk, "before": None, "version": 0})
    assert (moved.status_code, moved.json()["stage"], moved.json()["version"]) == (201, stages[1].pk, 1)
    late = post(api, f"deals/{deal.pk}/moves/", {"stage": stages[2].pk, "version": 0})
    assert (late.status_code, late.json()["code"], late.json()["current"]["stage"]) == (409, "stale", stages[1].pk)
    visits = api.get(f"/api/v1/deals/{deal.pk}/visits/").json()["results"]
    assert [(visit["stage"], visit["exit"]) for visit in visits] == [(stages[0].pk, "moved"), (stages[1].pk, "")]


def test_outcomes(api: APIClient, anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    assert post(api, f"deals/{deal.pk}/outcomes/", {"outcome": "lost"}).status_code == 422
    lost = post(api, f"deals/{deal.pk}/outcomes/", {"outcome": "lost", "lost_reason": "price", "version": 0})
    assert (lost.status_code, lost.json()["outcome"], lost.json()["lost_reason"]) == (201, "lost", "price")
    late = post(api, f"deals/{deal.pk}/outcomes/", {"outcome": "won", "version": 0})
    assert (late.status_code, late.json()["current"]["rank"]) == (409, None)
    again = post(api, f"deals/{deal.pk}/outcomes/", {"outcome": "reopened", "version": 1})
    assert (again.json()["outcome"], again.json()["version"]) == ("", 2)


def test_foreign_stage_is_refused_in_words(api: APIClient, anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    other = make_pipeline("Partners").stages.first()
    refused = post(api, f"deals/{deal.pk}/moves/", {"stage": other.pk})
    assert (refused.status_code, refused.json()) == (422, {"reasons": ["This stage belongs to another pipeline."]})
    api.credentials(HTTP_AUTHORIZATION=api._credentials["HTTP_AUTHORIZATION"], HTTP_ACCEPT_LANGUAGE="ru")
    assert post(api, f"deals/{deal.pk}/moves/", {"stage": other.pk}).status_code == 422


@pytest.mark.parametrize(
    "bad",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": "x", "amount": "-1"},
        {"title": "x", "amount": "1e40"},
        {"title": "x", "amount": "NaN"},
        {"title": "x", "currency": "rubles"},
        {"title": "x", "stage": 10**30},
        {"title": "x", "owner": 999999},
        {"title": "x", "company": 999999},
        {"title": "x", "version": 7},
        {"title": "x", "rank": "1"},
        {"title": "x\x00y"},
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(api: APIClient, stages: list[Stage], bad: dict[str, Any]) -> None:
    answer = post(api, "deals/", {"stage": stages[0].pk, **bad})
    assert answer.status_code in (400, 422), answer.content
    assert not Deal.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"null", b"\xff\xfe"])
def test_rubbish_bodies_are_refused(api: APIClient, anna: User, stages: list[Stage], body: bytes) -> None:
    deal = make_deal(by=anna)
    for path in ("deals/", f"deals/{deal.pk}/moves/", f"deals/{deal.pk}/outcomes/"):
        assert api.generic("POST", f"/api/v1/{path}", body, content_type="application/json").status_code == 400


def test_the_same_request_twice_is_done_once(api: APIClient, anna: User, stages: list[Stage]) -> None:
    first = post(api, "deals/", {"title": "once", "stage": stages[0].pk}, **{"Idempotency-Key": "k1"})
    second = post(api, "deals/", {"title": "once", "stage": stages[0].pk}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert Deal.objects.count() == 1
    other = post(api, "deals/", {"title": "other", "stage": stages[0].pk}, **{"Idempotency-Key": "k1"})
    assert other.status_code == 422
    refused = post(api, f"deals/{first.json()['id']}/outcomes/", {"outcome": "lost"}, **{"Idempotency-Key": "k2"})
    assert refused.status_code == 422  # and forgotten: the mended request may use the key
    assert post(api, f"deals/{first.json()['id']}/outcomes/", {"outcome": "won"}, **{"Idempotency-Key": "k2"}).status_code == 201


def test_edits_of_different_fields_merge_and_of_one_collide(api: APIClient, anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    etag = api.get(f"/api/v1/deals/{deal.pk}/").headers["ETag"]
    path = f"/api/v1/deals/{deal.pk}/"
    assert api.patch(path, {"amount": "5.00"}, format="json", headers={"If-Match": etag}).status_code == 200
    late = api.patch(path, {"amount": "6.00"}, format="json", headers={"If-Match": etag})
    assert (late.status_code, late.json()["current"]["amount"]) == (412, "5.00")
    assert api.patch(path, {"title": "renamed"}, format="json").json()["amount"] == "5.00"
    assert api.patch(path, {"stage": stages[1].pk}, format="json").status_code == 400
    assert list(deal.terms_history.order_by("id").values_list("amount", flat=True)) == [1000, 5]


def test_filters_of_a_wrong_kind_are_errors(api: APIClient, sales: Pipeline) -> None:
    assert api.get("/api/v1/deals/?stage=abc").status_code == 400
    assert api.get("/api/v1/deals/?outcome=maybe").status_code == 400


def test_the_schema_describes_it(api: APIClient) -> None:
    schema = api.get("/api/v1/schema/?format=json")
    assert schema.status_code == 200
    assert {"/api/v1/deals/", "/api/v1/deals/{id}/moves/", "/api/v1/deals/{id}/outcomes/", "/api/v1/deals/{id}/visits/"} <= set(
        schema.json()["paths"]
    )
