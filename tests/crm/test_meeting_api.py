"""Meetings and repeating tasks as other programs see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Company, Contact, Meeting, Task, User
from crm.services.clients import save_client
from pipeline.models import Stage
from tests.factories import make_deal
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db
AT = {"starts_at": "2030-03-01T10:00:00Z", "ends_at": "2030-03-01T11:30:00Z"}


def test_a_meeting_is_planned_changed_called_off_and_told_of(anna: User, boris: User, denis: User, stages: list[Stage]) -> None:
    api, other, stranger = client_of(anna), client_of(boris), client_of(denis)
    deal = make_deal(by=anna)
    person = save_client(model=Contact, by=anna, name="Petr")
    asked = {"title": "Demo", **AT, "record": "deal", "record_id": deal.pk, "colleagues": [anna.pk, boris.pk], "contacts": [person.pk]}
    made = api.post("/api/v1/meetings/", asked, format="json")
    assert made.status_code == 201, made.content
    path = f"/api/v1/meetings/{made.json()['id']}/"
    assert made.json()["contacts"] == [person.pk]
    # Boris comes, and so sees it, but not Anna's contact; Denis sees nothing.
    seen = other.get(path).json()
    assert (sorted(seen["colleagues"]), seen["contacts"], seen["remind"]) == (sorted([anna.pk, boris.pk]), [], 15)
    assert stranger.get(path).status_code == stranger.patch(path, {"title": "x"}, format="json").status_code == 404
    assert stranger.get("/api/v1/meetings/").json()["results"] == []
    assert other.patch(path, {"title": "Long demo", "contacts": []}, format="json").json()["title"] == "Long demo"
    assert api.get(path).json()["contacts"] == [person.pk], "those out of sight stay"
    assert api.patch(path, {"ends_at": AT["starts_at"]}, format="json").status_code == 422
    assert api.patch(path, {"record": "company"}, format="json").status_code == 400
    assert api.post(f"{path}outcome/", {"outcome": "held"}, format="json").status_code == 422, "it has not begun"
    past = timezone.now() - timedelta(hours=3)
    api.patch(path, {"starts_at": past.isoformat(), "ends_at": (past + timedelta(hours=1)).isoformat()}, format="json")
    told = api.post(f"{path}outcome/", {"outcome": "held", "note": "A trial"}, format="json").json()
    assert (told["outcome"], told["outcome_note"]) == ("held", "A trial")
    assert told["outcome_at"]
    assert api.post(f"{path}cancellation/").json()["cancelled_at"]
    assert api.get("/api/v1/meetings/?cancelled=false").json()["results"] == []
    assert api.post(f"{path}restoration/").json()["cancelled_at"] is None
    # Whoever leaves it is answered once more.
    assert other.patch(path, {"colleagues": [anna.pk]}, format="json").json()["colleagues"] == [anna.pk]
    assert other.get(path).status_code == 404


def test_meetings_are_narrowed_by_time_person_and_record(anna: User, boris: User, stages: list[Stage]) -> None:
    api = client_of(anna)
    company = save_client(model=Company, by=anna, name="Vektor")
    api.post("/api/v1/meetings/", {"title": "Demo", **AT, "record": "company", "record_id": company.pk}, format="json")
    api.post("/api/v1/meetings/", {"title": "Lunch", **AT, "colleagues": [anna.pk, boris.pk]}, format="json")

    def titles(query: str) -> list[str]:
        return [row["title"] for row in api.get("/api/v1/meetings/", query_params=asked(query)).json()["results"]]

    def asked(query: str) -> dict[str, str]:
        return dict(pair.split("=") for pair in query.split("&") if pair)

    assert titles("") == ["Demo", "Lunch"]
    assert titles(f"record=company&record_id={company.pk}") == ["Demo"]
    assert titles(f"colleague={boris.pk}") == ["Lunch"]
    assert titles("start=2030-03-01T11:29Z&end=2030-03-02T00:00Z") == ["Demo", "Lunch"]
    assert titles("start=2030-03-01T11:30Z") == titles("end=2030-03-01T10:00Z") == []


def test_a_page_of_meetings_costs_the_same_however_full(anna: User, boris: User, stages: list[Stage]) -> None:
    api = client_of(anna)

    def cost() -> int:
        with CaptureQueriesContext(connection) as told:
            assert api.get("/api/v1/meetings/").status_code == 200
        return len(told)

    def plan(count: int) -> None:
        for number in range(count):
            api.post("/api/v1/meetings/", {"title": f"Demo {number}", **AT, "colleagues": [anna.pk, boris.pk]}, format="json")

    plan(1)
    first = cost()
    plan(8)
    assert cost() == first
    assert Meeting.objects.count() == 9


@pytest.mark.parametrize(
    ("field", "value"),
    [("priority", "urgent"), ("repeat", "hourly"), ("remind", -1), ("remind", 10**9), ("repeat_until", "soon"), ("note", "x" * 10_001)],
)
def test_a_task_keeps_its_details_and_refuses_nonsense(anna: User, field: str, value: Any) -> None:
    api = client_of(anna)
    details = {"priority": "high", "note": "By phone", "remind": 60, "repeat": "weekly", "repeat_until": "2030-06-01"}
    made = api.post("/api/v1/tasks/", {"title": "Report", "due_at": "2030-03-01T10:00:00Z", **details}, format="json")
    assert made.status_code == 201, made.content
    assert {name: made.json()[name] for name in details} == details
    path = f"/api/v1/tasks/{made.json()['id']}/"
    assert api.patch(path, {field: value}, format="json").status_code in (400, 422)
    assert api.post(f"{path}done/").status_code == api.post(f"{path}done/").status_code == 200
    following = Task.objects.get(previous=made.json()["id"])
    assert following.due_at == Task.objects.get(pk=made.json()["id"]).due_at + timedelta(weeks=1)
    assert api.patch(path, {"repeat": ""}, format="json").json()["repeat_until"] is None
