"""The journal as outbox: nothing lost, nothing told twice, with and without Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import broker, events, tasks
from crm.models import Event, User
from pipeline.models import Stage
from pipeline.services.moves import move_deal
from tests.factories import make_deal


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Event]]:
    """Every `deal.*` event that a subscriber is told of."""
    told: list[Event] = []
    monkeypatch.setattr(events, "_subscribers", [("deal.*", told.append)])
    yield told


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An address where nobody listens."""
    broker.client.cache_clear()
    monkeypatch.setattr(broker, "_quiet_until", 0.0)
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        yield
    broker.client.cache_clear()
    monkeypatch.setattr(broker, "_quiet_until", 0.0)


@pytest.mark.django_db
def test_an_event_is_dispatched_once(anna: User, stages: list[Stage], heard: list[Event]) -> None:
    make_deal(by=anna)
    event = Event.objects.get()
    assert events.dispatch(event.pk) is True
    assert events.dispatch(event.pk) is False
    assert [told.type for told in heard] == ["deal.created"]


@pytest.mark.django_db
def test_what_an_event_causes_names_it_and_a_loop_ends(anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    def bounce(event: Event) -> None:
        target = stages[1] if event.depth % 2 == 0 else stages[0]
        move_deal(deal_id=event.record_id, to_stage=target.pk, by=anna)

    monkeypatch.setattr(events, "_subscribers", [("deal.*", bounce)])
    make_deal(by=anna)
    for _turn in range(6):
        event = Event.objects.undispatched().order_by("id").first()
        if event.depth == events.MAX_DEPTH:
            with pytest.raises(events.ChainTooLong):
                events.dispatch(event.pk)
        else:
            events.dispatch(event.pk)
    assert list(Event.objects.order_by("id").values_list("depth", flat=True)) == [0, 1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_that_fails_leaves_nothing_behind_and_is_asked_again(
    anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    deal = make_deal(by=anna)

    def move_then_fail(event: Event) -> None:
        move_deal(deal_id=event.record_id, to_stage=stages[1].pk, by=anna)
        raise RuntimeError("killed half-way")

    monkeypatch.setattr(events, "_subscribers", [("deal.created", move_then_fail)])
    Event.objects.update(at=timezone.now() - timedelta(minutes=1))
    tasks.sweep_events()
    deal.refresh_from_db()
    assert (deal.stage, Event.objects.undispatched().count()) == (stages[0], 1)
    monkeypatch.setattr(events, "_subscribers", [])
    tasks.sweep_events()
    assert not Event.objects.undispatched().exists()


@pytest.mark.django_db(transaction=True)
def test_moves_work_without_redis_and_the_sweeper_catches_up(anna: User, stages: list[Stage], no_redis: None, heard: list[Event]) -> None:
    deal = make_deal(by=anna)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    assert Event.objects.undispatched().count() == 2
    Event.objects.update(at=timezone.now() - timedelta(minutes=1))
    tasks.sweep_events()
    assert [told.type for told in heard] == ["deal.created", "deal.moved"]


@pytest.mark.django_db(transaction=True)
def test_many_events_need_one_task_and_none_is_overheard(
    anna: User, stages: list[Stage], redis_client: redis.Redis, heard: list[Event]
) -> None:
    deal = make_deal(by=anna)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    assert redis_client.llen("celery") == 1
    tasks.dispatch_events()
    assert [told.type for told in heard] == ["deal.created", "deal.moved"]
    move_deal(deal_id=deal.pk, to_stage=stages[2].pk, by=anna)
    assert redis_client.llen("celery") == 2


@pytest.mark.django_db(transaction=True)
def test_what_nobody_listens_to_is_marked_together(anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_subscribers", [])
    for _turn in range(5):
        make_deal(by=anna)
    with CaptureQueriesContext(connection) as captured:
        tasks.dispatch_events()
    assert (len(captured), Event.objects.undispatched().count()) == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_tell_of_each_event_once(anna: User, stages: list[Stage], heard: list[Event]) -> None:
    for _turn in range(20):
        make_deal(by=anna)
    start = Barrier(2)

    def sweep() -> None:
        start.wait()
        tasks.dispatch_events()
        connection.close()

    sweepers = [Thread(target=sweep) for _each in range(2)]
    for sweeper in sweepers:
        sweeper.start()
    for sweeper in sweepers:
        sweeper.join()
    assert sorted(told.pk for told in heard) == sorted(Event.objects.values_list("pk", flat=True))
    assert not Event.objects.undispatched().exists()


def test_the_broker_takes_what_is_announced() -> None:
    assert broker.publish("nobody", "{}") is True
    assert settings.CELERY_BROKER_URL.startswith("redis")
