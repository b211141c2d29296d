"""The database or Redis goes away in the middle of a move: a clear answer, nothing half-done, nothing lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from django.conf import settings
from django.db import close_old_connections, connection
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from config.home import Home
from config.processes import wait_until
from config.servers import Redis
from crm import broker, events, tasks
from crm.live import PREFIX
from crm.models import Event, User
from pipeline.models import Deal, Stage
from pipeline.services.moves import move_deal
from tests import services
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants

pytestmark = pytest.mark.django_db(transaction=True)


def by_page(client: Client, deal: Deal, stage: Stage) -> HttpResponse:
    return client.post(reverse("deal_moves", args=[deal.pk]), {"stage": stage.pk, "version": deal.version}, HTTP_HX_REQUEST="true")


def by_api(client: Client, deal: Deal, stage: Stage) -> HttpResponse:
    return client.post(f"/api/v1/deals/{deal.pk}/moves/", {"stage": stage.pk, "version": deal.version}, content_type="application/json")


def apart(act: Callable[[], Any]) -> Any:
    """Run in a thread of its own, which leaves no connection behind."""
    try:
        return act()
    finally:
        connection.close()


def asked(move: Callable[..., HttpResponse], *about: object) -> HttpResponse:
    """A request as the server treats its connection: looked at before, given up afterwards where it has died."""
    close_old_connections()
    try:
        return move(*about)
    finally:
        close_old_connections()


@pytest.fixture
def outside() -> Iterator[psycopg2.extensions.connection]:
    """A second connection to the database, in a transaction of its own."""
    beside = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    yield beside
    beside.close()


def kill_whoever_waits(outside: psycopg2.extensions.connection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND %s = ANY(pg_blocking_pids(pid))",
            [outside.info.backend_pid],
        )
        return cursor.fetchone() is not None


@pytest.mark.parametrize("move", [by_page, by_api])
@pytest.mark.parametrize("held", ["pipeline_stage IN EXCLUSIVE MODE", "crm_event IN EXCLUSIVE MODE"])
def test_a_move_whose_connection_dies_is_told_so_and_leaves_nothing(
    anna: User, stages: list[Stage], outside: psycopg2.extensions.connection, move: Callable[..., HttpResponse], held: str
) -> None:
    """Killed while it waits for the column, and after it has written everything but the event."""
    deal = make_deal(by=anna, stage=stages[0])
    client = Client()
    client.force_login(anna)

    def act() -> list[HttpResponse]:
        return [asked(move, client, deal, stages[1]) for _attempt in range(2)]

    with outside.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {held}")
    with ThreadPoolExecutor(1) as pool:
        moves = pool.submit(apart, act)
        assert wait_until(lambda: kill_whoever_waits(outside), 10)
        outside.rollback()
        killed, again = moves.result(20)
    assert killed.status_code == 503
    assert "Nothing was changed; try again shortly." in killed.content.decode()
    assert again.status_code in (200, 201)
    deal.refresh_from_db()
    assert (deal.stage, deal.version, deal.visits.count()) == (stages[1], 1, 2)
    assert Event.objects.filter(type="deal.moved").count() == 1
    check_invariants()


def test_a_connection_that_died_between_two_moves_is_opened_anew(
    anna: User, stages: list[Stage], outside: psycopg2.extensions.connection
) -> None:
    deal = make_deal(by=anna, stage=stages[0])
    client = Client()
    client.force_login(anna)

    def act() -> HttpResponse:
        with connection.cursor() as ours, outside.cursor() as cursor:
            ours.execute("SELECT pg_backend_pid()")
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", ours.fetchone())
        return asked(by_page, client, deal, stages[1])

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(apart, act).result(20).status_code == 200


@pytest.fixture
def own_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A Redis of this test alone, which it may stop; nobody waits after a failure before asking again."""
    folder = Path(settings.DATA_DIR) / "own-redis"
    folder.mkdir()
    services.open_way(folder)
    server = Redis(Home.prepare(folder), throw_away=True, log=lambda _name, _line: None)
    monkeypatch.setattr(broker, "PAUSE_SECONDS", 0.0)
    server.start()
    server.wait()
    with override_settings(REDIS_URL=server.url):
        broker.client.cache_clear()
        yield server
    broker.client.cache_clear()
    server.stop()


def test_redis_stops_and_comes_back_while_cards_move(
    anna: User, stages: list[Stage], own_redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moves go on, what happened meanwhile is dispatched by the sweeper once, and notices flow again."""
    told: list[Event] = []
    monkeypatch.setattr(events, "_subscribers", [("deal.moved", told.append)])
    deal = make_deal(by=anna, stage=stages[0])

    def is_told(act: Callable[[], object]) -> bool:
        with redis.Redis.from_url(own_redis.url) as listener, listener.pubsub(ignore_subscribe_messages=True) as channel:
            channel.psubscribe(f"{PREFIX}*")
            channel.get_message(timeout=5)
            act()
            return channel.get_message(timeout=5) is not None

    assert is_told(lambda: move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna))
    own_redis.stop()
    for stage in (stages[2], stages[1], stages[3]):
        move_deal(deal_id=deal.pk, to_stage=stage.pk, by=anna)
    own_redis.start()
    own_redis.wait()
    assert is_told(lambda: move_deal(deal_id=deal.pk, to_stage=stages[0].pk, by=anna))
    Event.objects.update(at=timezone.now() - timedelta(minutes=1))
    tasks.sweep_events()
    tasks.sweep_events()
    moved = Event.objects.filter(type="deal.moved").order_by("id")
    assert [event.pk for event in told] == [event.pk for event in moved] and len(told) == 5
    deal.refresh_from_db()
    assert (deal.stage, deal.version) == (stages[0], 5)
    check_invariants()
