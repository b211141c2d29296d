"""The product's own Prometheus figures: requests by kind of page, and what is up."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

# With several web processes each writes its figures into this folder, and whoever is asked adds them up.
SHARED_FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
registry = CollectorRegistry()
REQUESTS = Histogram(
    "voronka_request_seconds",
    "Time to answer a request",
    ["method", "page", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)


class MetricsMiddleware:
    """Times every request under the name of its page (not its address: that would be without end)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Measure from here to the answer."""
        began = time.perf_counter()
        response = self.get_response(request)
        page = request.resolver_match.view_name if request.resolver_match else ""
        method = request.method if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"
        REQUESTS.labels(method, page or "other", str(response.status_code)).observe(time.perf_counter() - began)
        return response


@dataclass(frozen=True, eq=False)
class PartsUp(Collector):
    """Which parts answer right now; made anew for every reading, so no process has to keep it."""

    up: dict[str, bool]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One figure per part."""
        family = GaugeMetricFamily("voronka_up", "Whether this part answers", labels=["part"])
        for part, answers in self.up.items():
            family.add_metric([part], float(answers))
        yield family


def exposition(up: dict[str, bool]) -> bytes:
    """All figures in Prometheus' text format; `up` says which parts answer right now."""
    now = CollectorRegistry()
    now.register(PartsUp(up))
    if SHARED_FOLDER and Path(SHARED_FOLDER).is_dir():
        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared, path=SHARED_FOLDER)
        return generate_latest(shared) + generate_latest(now)
    return generate_latest(registry) + generate_latest(now)
