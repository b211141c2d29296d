"""Notes and tasks about deals: rights, next steps, the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from crm.errors import Refused
from crm.models import Event, Organisation, Task, User
from crm.services.meetings import plan_meeting
from crm.services.notes import add_note
from crm.services.tasks import add_task, delete_task, edit_task, finish_task, restore_task
from pipeline.models import Deal, Stage
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db


def test_the_earliest_open_task_is_the_next_step_in_the_organisations_zone(anna: User, stages: list[Stage]) -> None:
    Organisation.objects.create(time_zone="Asia/Vladivostok")
    deal = make_deal(by=anna)
    late = datetime(2030, 1, 1, 20, tzinfo=UTC)  # already the second in Vladivostok
    later = add_task(title="Call again", due_at=late + timedelta(days=5), by=anna, record="deal", record_id=deal.pk)
    task = add_task(title="Call", due_at=late, by=anna, record="deal", record_id=deal.pk)
    assert Deal.objects.get().next_step_on.isoformat() == "2030-01-02"
    finish_task(task_id=task.pk, by=anna)
    assert Deal.objects.get().next_step_on.isoformat() == "2030-01-07"
    edit_task(task_id=later.pk, by=anna, due_at=late)
    assert Deal.objects.get().next_step_on.isoformat() == "2030-01-02"
    finish_task(task_id=later.pk, by=anna)
    assert Deal.objects.get().next_step_on is None
    check_invariants()


def test_a_task_is_done_once(anna: User, stages: list[Stage]) -> None:
    task = add_task(title="Call", due_at=timezone.now(), by=anna)
    first = finish_task(task_id=task.pk, by=anna).done_at
    assert finish_task(task_id=task.pk, by=anna).done_at == first
    assert Event.objects.filter(type="task.done").count() == 1


def test_foreign_records_take_no_notes_and_tasks(anna: User, boris: User, clara: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    with pytest.raises(Http404):
        add_note(record="deal", record_id=deal.pk, body="hello", by=boris)
    with pytest.raises(Http404):
        add_task(title="Call", due_at=timezone.now(), by=boris, record="deal", record_id=deal.pk)
    task = add_task(title="Call", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    with pytest.raises(Http404):
        finish_task(task_id=task.pk, by=boris)
    finish_task(task_id=task.pk, by=clara)


def test_empty_and_endless_texts_are_refused(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    for body in ("  ", "x" * 10_001):
        with pytest.raises(Refused):
            add_note(record="deal", record_id=deal.pk, body=body, by=anna)
    with pytest.raises(Refused):
        add_task(title="x" * 201, due_at=timezone.now(), by=anna)


def test_tasks_and_clients_through_the_api(anna: User, boris: User, stages: list[Stage]) -> None:
    api, other = client_of(anna), client_of(boris)
    deal = make_deal(by=anna)
    made = api.post(
        "/api/v1/tasks/", {"title": "Call", "due_at": "2030-01-01T10:00:00Z", "record": "deal", "record_id": deal.pk}, format="json"
    )
    assert made.status_code == 201, made.content
    path = f"/api/v1/tasks/{made.json()['id']}/"
    assert other.get(path).status_code == other.patch(path, {"title": "x"}, format="json").status_code == 404
    assert api.post(f"{path}done/").json()["done_at"] is not None
    assert Task.objects.get().is_done
    company = api.post("/api/v1/companies/", {"name": "Vektor"}, format="json").json()
    contact = api.post("/api/v1/contacts/", {"name": "Ivan", "company": company["id"]}, format="json")
    assert contact.status_code == 201
    assert other.get("/api/v1/companies/").json()["results"] == []
    assert other.post("/api/v1/contacts/", {"name": "Ivan", "company": company["id"]}, format="json").status_code == 400
    assert api.patch(f"/api/v1/companies/{company['id']}/", {"website": "javascript:alert(1)"}, format="json").status_code == 400
    assert api.patch(f"/api/v1/companies/{company['id']}/", {"city": "Тверь"}, format="json").json()["city"] == "Тверь"


def test_whoever_sees_a_deal_sees_its_company(anna: User, boris: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, company="Vektor")
    api = client_of(boris)
    assert api.get(f"/api/v1/companies/{deal.company_id}/").status_code == 404
    Deal.objects.filter(pk=deal.pk).update(owner=boris)
    assert api.get(f"/api/v1/companies/{deal.company_id}/").status_code == 200


def test_a_repeated_task_whose_place_is_taken_stays_deleted_with_words(anna: User) -> None:
    first = add_task(title="Report", due_at=timezone.now() + timedelta(days=1), by=anna, repeat="weekly")
    finish_task(task_id=first.pk, by=anna)
    seal = delete_task(task_id=Task.objects.get(previous=first).pk, by=anna)
    finish_task(task_id=first.pk, by=anna, done=False)
    finish_task(task_id=first.pk, by=anna)
    with pytest.raises(Refused, match="brought back"):
        restore_task(seal=seal, by=anna)
    assert Task.objects.count() == 2


@pytest.mark.parametrize("year", [1, 1985, 2201, 9999])
def test_nobody_means_such_a_year(anna: User, year: int) -> None:
    at = datetime(year, 12, 31, 12, tzinfo=UTC)
    with pytest.raises(Refused, match="1990 and 2200"):
        add_task(title="Report", due_at=at, by=anna)
    with pytest.raises(Refused, match="1990 and 2200"):
        plan_meeting(title="Talk", starts_at=at, ends_at=at + timedelta(hours=1), by=anna)
    task = add_task(title="Report", due_at=timezone.now(), by=anna)
    Task.objects.filter(pk=task.pk).update(due_at=at, repeat="daily")  # from before there was a limit
    finish_task(task_id=task.pk, by=anna)
    assert Task.objects.filter(done_at=None).exists() == (year < 2000)
