"""One person opens the board again and again: prints {role: figures} as JSON."""

from __future__ import annotations

import gzip
import json
import time
from statistics import median
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from crm.models import Role, User  # noqa: E402
from pipeline.models import Pipeline  # noqa: E402

TURNS = 16


def main() -> None:
    path = f"/board/{Pipeline.objects.get(name='Load').pk}/"
    figures = {}
    for role in Role.values:
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.filter(role=role, is_active=True, email__endswith="load.example").order_by("pk")[0])
        figures[role] = _measure(client, path)
    print(json.dumps(figures))


def _measure(client: Client, path: str) -> dict[str, Any]:
    for _warm in range(5):
        response = client.get(path)
        assert response.status_code == 200, response.status_code
    server, processor, sql = [], [], []
    for _turn in range(TURNS):
        started, spent = time.perf_counter(), time.process_time()
        client.get(path)
        server.append(time.perf_counter() - started)
        processor.append(time.process_time() - spent)
    for _turn in range(TURNS // 2):
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        sql.append(sum(float(query["time"]) for query in captured))
    return {
        "statements": len(captured),
        "bytes": len(response.content),
        "compressed": len(gzip.compress(response.content, 6)),
        "cards": response.content.count(b"data-deal-id"),
        "server_ms": median(server) * 1000,
        "processor_ms": median(processor) * 1000,
        "sql_ms": median(sql) * 1000,
    }


if __name__ == "__main__":
    main()
