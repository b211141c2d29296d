"""One person moves cards: prints statements, bytes, the server's time and that of the same statements in plain SQL."""

from __future__ import annotations

import json
import time
from statistics import median

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from crm.models import Role, User  # noqa: E402
from pipeline.models import Deal, Pipeline  # noqa: E402

TURNS = 60


class Undo(Exception):
    """Ends a transaction without its changes."""


def main() -> None:
    admin = User.objects.filter(role=Role.ADMIN, email__endswith="load.example")[0]
    first, second = Pipeline.objects.get(name="Load").stages.order_by("position")[:2]
    deals = list(Deal.objects.open().filter(stage=first).order_by("rank").values_list("pk", flat=True)[: 2 * TURNS + 5])
    target = Deal.objects.open().filter(stage=second).order_by("rank").values_list("pk", flat=True)[5]
    client = Client(HTTP_HX_REQUEST="true", SERVER_NAME="127.0.0.1")
    client.force_login(admin)
    server, plain, answer = [], [], b""
    for turn in range(TURNS):
        path, data = reverse("deal_moves", args=[deals[turn]]), {"stage": second.pk, "before": target, "version": ""}
        started = time.perf_counter()
        response = client.post(path, data)
        server.append(time.perf_counter() - started)
        assert response.status_code == 200, (response.status_code, response.content[:300])
        answer = response.content
        statements = _statements(client, deals[TURNS + turn], second.pk, target)
        plain.append(_replay(statements))
    print(
        json.dumps(
            {
                "statements": len(statements),
                "bytes": len(answer),
                "server_ms": median(server) * 1000,
                "sql_ms": median(plain) * 1000,
            }
        )
    )


def _statements(client: Client, deal: int, stage: int, before: int) -> list[str]:
    """What the server sends for a move, which is then taken back."""
    try:
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            response = client.post(reverse("deal_moves", args=[deal]), {"stage": stage, "before": before})
            assert response.status_code == 200
            raise Undo
    except Undo:
        return [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK"))]


def _replay(statements: list[str]) -> float:
    """Seconds that the same statements take through the bare driver, in one committed transaction."""
    raw = connection.connection
    raw.autocommit = False
    started = time.perf_counter()
    with raw.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()
    raw.commit()
    elapsed = time.perf_counter() - started
    raw.autocommit = True
    return elapsed


if __name__ == "__main__":
    main()
