"""What a load balancer, an operator and Prometheus ask."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import os

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from config import heartbeat, metrics
from crm import broker

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def show_health(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def show_readiness(request: HttpRequest) -> HttpResponse:
    """503 without the database; else 200, naming what is away though people can work."""
    if not database_answers():
        return JsonResponse({"status": "unavailable", "degraded": ["database"]}, status=503)
    degraded = missing_helpers()
    return JsonResponse({"status": "degraded" if degraded else "ok", "degraded": degraded})


@require_safe
@never_cache
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text for peers of the own network, or with METRICS_TOKEN as bearer."""
    if not _may_read_metrics(request):
        return HttpResponse(status=404)
    degraded = missing_helpers()
    up = {"database": database_answers(), "redis": "redis" not in degraded, "worker": "worker" not in degraded}
    return HttpResponse(metrics.exposition(up), content_type=CONTENT_TYPE_LATEST)


def database_answers() -> bool:
    """Whether PostgreSQL takes a statement from us."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False


def missing_helpers() -> list[str]:
    """Those of Redis and the worker that are away: moves still work, what follows them waits."""
    try:
        broker.client().ping()
        return [] if heartbeat.is_beating() else ["worker"]
    except (redis.RedisError, OSError):
        return ["redis", "worker"]


def _may_read_metrics(request: HttpRequest) -> bool:
    token = os.environ.get("METRICS_TOKEN", "")
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    # A proxy of the own network forwards strangers: only who comes straight from there may read.
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_private
    except ValueError:
        return False
