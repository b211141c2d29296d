"""What a load balancer, an operator and Prometheus are told."""

import pytest
import redis
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from config import heartbeat
from crm import broker


def test_process_is_healthy_without_asking_the_database(client: Client) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_the_worker_beats(client: Client, redis_client: redis.Redis) -> None:
    heartbeat.renew()
    assert client.get("/readyz").json() == {"status": "ok", "degraded": []}
    assert 0 < redis_client.ttl(heartbeat.KEY) <= heartbeat.LIVES_SECONDS


@pytest.mark.django_db
def test_degraded_without_a_worker(client: Client, redis_client: redis.Redis) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded", "degraded": ["worker"]})


@pytest.mark.django_db
def test_degraded_without_redis(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = redis.Redis(unix_socket_path="/nonexistent/redis.sock")
    monkeypatch.setattr(broker, "client", lambda: nowhere)
    heartbeat.renew()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded", "degraded": ["redis", "worker"]})


@pytest.mark.django_db
def test_unavailable_without_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: BaseDatabaseWrapper) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "degraded": ["database"]})


@pytest.mark.django_db
def test_metrics_count_requests_by_page(client: Client) -> None:
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'voronka_request_seconds_count{method="GET",page="healthz",status="200"}' in text
    assert 'voronka_up{part="database"} 1.0' in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", [{"REMOTE_ADDR": "93.184.216.34"}, {"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_FOR": "93.184.216.34"}]
)
def test_metrics_are_hidden_from_strangers(client: Client, address: dict[str, str]) -> None:
    assert client.get("/metrics", **address).status_code == 404


@pytest.mark.django_db
def test_metrics_ask_for_the_token_where_one_is_set(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "secret")
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="93.184.216.34", headers={"Authorization": "Bearer secret"}).status_code == 200
