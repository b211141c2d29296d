"""The list of tasks: whose one sees, what it is filtered by, what is done to many, and what it costs."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.bulk import Chosen
from crm.filtering.reader import Reader
from crm.filtering.tree import read_tree
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import Company, Contact, Priority, Repeat, Task, User
from crm.queries.lists import read_list
from crm.services.bulk_changes import change_many, undo_many
from crm.services.tasks import add_task, finish_task
from crm.services.views import pin_view, save_view
from pipeline.models import Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)  # noon in Moscow
EVERYTHING = {"view": "all"}


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def asked_by(user: User, **given: Any) -> Asked:
    kind = list_kind("task")
    assert kind
    filter = {"filter": json.dumps(given.pop("filter"))} if "filter" in given else {}
    return Asked.read(kind, given | filter, Reader.of(user))


def titles(user: User, **given: Any) -> list[str]:
    return [row.record.title for row in read_list(asked_by(user, **given)).rows]


def found(user: User, field: str, op: str, value: Any = None) -> set[str]:
    asked = {"field": field, "op": op} | ({} if value is None else {"value": value})
    return set(titles(user, filter=asked))


def test_it_begins_with_ones_own_open_tasks_in_order(anna: User, boris: User) -> None:
    for title, days in (("Later", 3), ("Late", -2), ("Soon", 0)):
        add_task(title=title, due_at=NOON + timedelta(days=days, hours=1), by=anna)
    finish_task(task_id=add_task(title="Done", due_at=NOON, by=anna).pk, by=anna)
    add_task(title="Given", due_at=NOON, by=anna, assignee=boris)
    add_task(title="His", due_at=NOON, by=boris)
    assert titles(anna) == ["Late", "Soon", "Later"]
    assert titles(anna, view="due") == ["Late", "Soon"]
    assert titles(anna, view="given") == ["Given"]
    assert titles(anna, view="done") == ["Done"]
    assert set(titles(anna, view="all")) == {"Late", "Soon", "Later", "Done", "Given"}
    assert titles(anna, filter={}) == titles(anna, view="all")


def test_everybody_sees_their_own_and_what_is_about_their_records(
    anna: User, boris: User, clara: User, denis: User, admin: User, stages: list[Stage]
) -> None:
    add_task(title="About a deal", due_at=NOON, by=anna, record="deal", record_id=make_deal(by=anna).pk)
    add_task(title="About nothing", due_at=NOON, by=anna)
    both = {"About a deal", "About nothing"}
    seen = {user: set(titles(user, **EVERYTHING)) for user in (anna, boris, clara, denis, admin)}
    assert seen == {anna: both, boris: set(), clara: {"About a deal"}, denis: set(), admin: both}
    User.objects.filter(pk=admin.pk).update(is_active=False)
    admin.refresh_from_db()
    assert titles(admin, **EVERYTHING) == []


def test_every_field_filters(anna: User, boris: User, denis: User, stages: list[Stage]) -> None:
    company = Company.objects.create(name="Vektor", owner=anna, team=anna.team)
    contact = Contact.objects.create(name="Vera", owner=anna, team=anna.team)
    deal = make_deal(by=anna)
    add_task(title="C", due_at=NOON - timedelta(days=1), by=anna, record="company", record_id=company.pk, priority=Priority.HIGH)
    add_task(title="P", due_at=NOON + timedelta(hours=1), by=anna, record="contact", record_id=contact.pk, remind=15, note="By phone")
    add_task(title="D", due_at=NOON + timedelta(days=2), by=anna, record="deal", record_id=deal.pk, repeat=Repeat.WEEKLY, assignee=boris)
    finish_task(task_id=add_task(title="N", due_at=NOON, by=anna).pk, by=anna)
    assert found(anna, "state", "is", "overdue") == {"C"}
    assert found(anna, "state", "any_of", ["today", "planned"]) == {"P", "D"}
    assert found(anna, "state", "is_not", "open") == found(anna, "state", "is", "done") == {"N"}
    assert found(anna, "due", "is", "today") == {"P", "N"}
    assert found(anna, "due", "next", 3) == {"P", "N", "D"}
    assert found(anna, "done", "filled") == {"N"}
    assert found(anna, "assignee", "is", "me") == {"C", "P", "N"}
    assert found(anna, "assignee", "is", boris.pk) == {"D"}
    assert found(boris, "created_by", "is", anna.pk) == {"D"}
    assert found(anna, "priority", "is", "high") == {"C"}
    assert found(anna, "repeat", "is", "weekly") == found(anna, "repeat", "filled") == {"D"}
    assert found(anna, "remind", "is", True) == {"P"}
    assert found(anna, "note", "contains", "phone") == {"P"}
    assert found(anna, "about", "any_of", ["deal", "company"]) == {"C", "D"}
    assert found(anna, "about", "empty") == {"N"}
    assert found(anna, "company", "is", company.pk) == {"C"}
    assert found(anna, "contact", "is", contact.pk) == {"P"}
    assert found(anna, "deal", "is", deal.pk) == {"D"}
    assert found(anna, "deal", "is_not", deal.pk) == {"C", "P", "N"}
    assert found(denis, "deal", "is", deal.pk) == set()


def test_today_is_the_readers_own(anna: User, boris: User) -> None:
    """At nine in the evening in Los Angeles a task of tomorrow's Moscow morning is due today."""
    User.objects.filter(pk=anna.pk).update(time_zone="America/Los_Angeles")
    anna.refresh_from_db()
    for user in (anna, boris):
        add_task(title="Call", due_at=datetime(2026, 11, 26, 5, tzinfo=UTC), by=user)
    with time_machine.travel(datetime(2026, 11, 25, 18, tzinfo=UTC), tick=False):
        assert (found(anna, "state", "is", "today"), found(anna, "due", "is", "today")) == ({"Call"}, {"Call"})
        assert (found(boris, "state", "is", "today"), found(boris, "due", "is", "today")) == (set(), set())


def test_columns_views_and_pins_work_as_in_every_list(anna: User, boris: User, client: Client) -> None:
    add_task(title="Call", due_at=NOON + timedelta(hours=1), by=anna, priority=Priority.HIGH)
    mine = {"field": "priority", "op": "is", "value": "high"}
    view = save_view(kind="task", name="Important", by=anna, is_shared=True, filter=mine, columns=["title", "assignee"])
    pin_view(ref=str(view.pk), by=anna)
    client.force_login(anna)
    page = client.get(reverse("tasks"), {"view": view.pk})
    assert [head.column.key for head in page.context["heads"]] == ["title", "assignee"]
    assert f"/tasks/?view={view.pk}" in page.content.decode()
    assert 'aria-label="Done: Call"' in page.content.decode()
    client.force_login(boris)
    assert client.get(reverse("tasks"), {"view": view.pk}).context["page"].rows == []


@pytest.mark.parametrize("action", ["done", "put-off", "assignee"])
def test_many_are_changed_and_put_back(anna: User, boris: User, denis: User, client: Client, action: str) -> None:
    tasks = [add_task(title=f"{day}", due_at=NOON - timedelta(days=day), by=anna, repeat=Repeat.WEEKLY, remind=5) for day in (1, 2)]
    his = add_task(title="His", due_at=NOON, by=denis)
    before = list(Task.objects.order_by("pk").values())
    kind, values = list_kind("task"), {"done": {}, "put-off": {"days": 1}, "assignee": {"assignee": boris.pk}}[action]
    assert kind
    chosen = Chosen(kind, Reader.of(anna), ids=(*(task.pk for task in tasks), his.pk))
    change, _job = change_many(action=action, chosen=chosen, values=values, by=anna)
    assert (change.counts["changed"], change.counts["refused"]) == (2, 1)
    changed = list(Task.objects.filter(pk__in=[task.pk for task in tasks]))
    if action == "done":
        assert all(task.is_done for task in changed)
        assert Task.objects.count() == 5  # each called for its next
    elif action == "put-off":
        assert {task.due_at for task in changed} == {NOON + timedelta(days=1)}
    else:
        assert {task.assignee for task in changed} == {boris}
    undo_many(change_id=change.pk, by=anna)
    assert list(Task.objects.order_by("pk").values()) == before


def test_what_somebody_has_changed_since_stays(anna: User, clara: User) -> None:
    task = add_task(title="Call", due_at=NOON, by=anna)
    kind = list_kind("task")
    assert kind
    change, _job = change_many(action="put-off", chosen=Chosen(kind, Reader.of(anna), ids=(task.pk,)), values={"days": 1}, by=anna)
    Task.objects.filter(pk=task.pk).update(due_at=NOON + timedelta(days=5))
    undone, _job = undo_many(change_id=change.pk, by=anna)
    assert undone.counts["kept"] == 1
    task.refresh_from_db()
    assert task.due_at == NOON + timedelta(days=5)


def test_all_that_match_are_those_of_the_list_that_is_looked_at(anna: User) -> None:
    """Without any filter that is every task, not those with which the list begins."""
    open_ = add_task(title="Open", due_at=NOON, by=anna)
    finish_task(task_id=add_task(title="Done", due_at=NOON, by=anna).pk, by=anna)
    kind = list_kind("task")
    assert kind
    chosen = Chosen(kind, Reader.of(anna), asked=asked_by(anna, view="all"))
    change, _job = change_many(action="done", chosen=chosen, values={}, by=anna)
    assert (change.counts["changed"], change.counts["same"]) == (1, 1)
    open_.refresh_from_db()
    assert open_.is_done


def test_a_file_holds_what_the_list_shows(anna: User, client: Client) -> None:
    add_task(title="=1+1", due_at=NOON + timedelta(hours=1), by=anna)
    client.force_login(anna)
    answer = client.post(reverse("list_export", args=["task"]), {"choice": "csv.shown", "query": ""})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")), delimiter=","))  # type: ignore[attr-defined]
    assert rows[1][0] == "'=1+1"
    assert "2026-11-25 13:00" in rows[1][1]


def test_the_api_takes_the_same_filters(anna: User, boris: User, client: Client) -> None:
    add_task(title="High", due_at=NOON, by=anna, priority=Priority.HIGH)
    add_task(title="Normal", due_at=NOON, by=anna)
    client.force_login(anna)

    def names(**query: Any) -> list[str]:
        answer = client.get("/api/v1/tasks/", query)
        assert answer.status_code == 200, answer.content
        return [row["title"] for row in answer.json()["results"]]

    assert names(filter=json.dumps({"field": "priority", "op": "is", "value": "high"})) == ["High"]
    assert names(view="due") == ["High", "Normal"]
    assert client.get("/api/v1/tasks/", {"filter": "{"}).status_code == 400
    fields = {field["key"] for field in client.get("/api/v1/filter-fields/", {"kind": "task"}).json()["fields"]}
    assert {"assignee", "due", "priority", "state", "contact", "company", "deal", "repeat"} <= fields
    client.force_login(boris)
    assert names(view="all") == []


def test_it_costs_the_same_however_long_it_is(anna: User, clara: User, admin: User, stages: list[Stage], client: Client) -> None:
    company, deal = Company.objects.create(name="Vektor", owner=anna, team=anna.team), make_deal(by=anna)
    contact = Contact.objects.create(name="Vera", owner=anna, team=anna.team)

    def grow() -> None:
        for record in (company, contact, deal, None):
            pair = {"record": record._meta.model_name, "record_id": record.pk} if record else {}
            add_task(title="Call", due_at=timezone.now(), by=anna, **pair)

    def cost(user: User, **given: Any) -> int:
        client.force_login(user)
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse("tasks"), given).status_code == 200
        return len(told)

    grow()
    before = {user.pk: cost(user, **EVERYTHING) for user in (anna, clara, admin)}
    for _turn in range(20):
        grow()
    for user in (anna, clara, admin):
        following = read_list(asked_by(user, **EVERYTHING)).next
        assert following
        assert cost(user, **EVERYTHING) == cost(user, **EVERYTHING, after=following) == before[user.pk] <= 13


def test_pages_follow_one_another_without_gap(anna: User) -> None:
    for turn in range(120):
        add_task(title=f"{turn:03}", due_at=NOON + timedelta(hours=turn % 7), by=anna)
    seen: list[str] = []
    after = ""
    while True:
        page = read_list(asked_by(anna), after=after)
        seen += [row.record.title for row in page.rows]
        after = page.next
        if not after:
            break
    expected = Task.objects.order_by("due_at", "pk").values_list("title", flat=True)
    assert seen == list(expected)


def test_a_filter_over_tasks_says_what_is_wrong(anna: User) -> None:
    with pytest.raises(ValueError, match="none of the choices"):
        read_tree({"field": "state", "op": "is", "value": "lost"}, kind="task", reader=Reader.of(anna))
