"""Live streams over the real web server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from crm import live
from crm.models import Contact, User
from crm.services.clients import save_client
from crm.services.inquiries import close_inquiries
from crm.services.messages import record_message
from pipeline.models import Stage
from pipeline.services.moves import move_deal
from tests.browser import Stack
from tests.factories import make_deal, make_pipeline

pytestmark = pytest.mark.django_db(transaction=True)


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@contextmanager
def stream(stack: Stack, pipeline_id: int | str, user: User | None, seconds: float = 10) -> Iterator[HTTPResponse]:
    """An open stream, which gives up waiting after some seconds."""
    connection = HTTPConnection(urlsplit(stack.url).netloc, timeout=seconds)
    connection.request("GET", f"/events/pipeline/{pipeline_id}/", headers={"Cookie": session_of(user)} if user else {})
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def heard(response: HTTPResponse) -> Iterator[tuple[str, Any]]:
    """The events of a stream as (name, data)."""
    name = ""
    while line := response.readline().decode().strip("\n\r"):
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])
            response.readline()


@pytest.fixture
def opened(live_stack: Stack, anna: User, stages: list[Stage]) -> Iterator[Callable[[], tuple[str, Any]]]:
    """Anna's stream after its greeting; each call gives the next event."""
    with stream(live_stack, stages[0].pipeline_id, anna) as response:
        events = heard(response)
        assert next(events)[0] == "hello"
        yield lambda: next(events)


def test_nobody_gets_no_stream(live_stack: Stack, stages: list[Stage]) -> None:
    with stream(live_stack, stages[0].pipeline_id, None) as response:
        assert response.status == 204


def test_a_move_is_told_as_stages_and_nothing_else(
    opened: Callable[[], tuple[str, Any]], anna: User, denis: User, stages: list[Stage]
) -> None:
    deal = make_deal(by=denis)
    notice = opened()
    # Whoever has just left may still be counted among those whose re-reads are spread.
    assert notice == ("changed", {"stages": [stages[0].pk], "origin": "", "spread": notice[1]["spread"]})
    assert notice[1]["spread"] in range(20, 200, 20)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=denis, origin="tab-1")
    notice = opened()
    assert notice == ("changed", {"stages": [stages[0].pk, stages[1].pk], "origin": "tab-1", "spread": notice[1]["spread"]})


def test_one_stream_watches_several_pipelines(live_stack: Stack, anna: User, denis: User, stages: list[Stage]) -> None:
    other = make_pipeline("Renewals").stages.order_by("position")[0]
    with stream(live_stack, f"{stages[0].pipeline_id},{other.pipeline_id}", anna) as response:
        events = heard(response)
        assert next(events)[0] == "hello"
        for stage in (stages[1], other):
            make_deal(by=denis, stage=stage)
            assert next(events)[1]["stages"] == [stage.pk]


def test_a_change_that_is_rolled_back_is_not_told(opened: Callable[[], tuple[str, Any]], denis: User, stages: list[Stage]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        live.publish(f"pipeline:{stages[0].pipeline_id}", stages=[1])
        raise RuntimeError
    make_deal(by=denis, stage=stages[2])
    assert opened()[1]["stages"] == [stages[2].pk]


def test_many_changes_come_together(opened: Callable[[], tuple[str, Any]], anna: User, stages: list[Stage]) -> None:
    for _turn in range(30):
        live.publish(f"pipeline:{stages[0].pipeline_id}", stages=[stages[1].pk])
    live.publish(f"pipeline:{stages[0].pipeline_id}", stages=[stages[3].pk])
    notices = [opened()]
    while stages[3].pk not in notices[-1][1]["stages"]:
        notices.append(opened())
    assert len(notices) <= 4


def test_after_a_break_of_redis_everybody_looks_again(opened: Callable[[], tuple[str, Any]]) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.client_kill_filter(_type="pubsub")
    assert opened()[0] == "refresh"


def test_a_new_inquiry_is_told_to_whose_day_it_is(opened: Callable[[], tuple[str, Any]], anna: User, denis: User) -> None:
    for owner in (denis, anna):
        contact = save_client(model=Contact, by=owner, name="Vera")
        record_message(channel="chat", direction="in", record="contact", record_id=contact.pk, body="Price?", by=owner)
        if owner == anna:
            assert opened() == ("told", {})
    close_inquiries(record="contact", record_id=contact.pk, by=anna)
    assert opened() == ("told", {})


def test_a_kick_ends_the_stream(opened: Callable[[], tuple[str, Any]], anna: User) -> None:
    live.kick(anna.pk)
    with pytest.raises(StopIteration):
        opened()
