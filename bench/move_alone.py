"""One person moves cards to and fro: prints {door: figures} as JSON, beside the same statements in plain SQL."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from crm.models import Role, User  # noqa: E402
from pipeline.models import Deal, Pipeline  # noqa: E402

TURNS = 60
FRAME = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


class Undo(Exception):
    """Ends a transaction without its changes."""


def main() -> None:
    client = Client(HTTP_HX_REQUEST="true", SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.filter(role=Role.ADMIN, email__endswith="load.example")[0])
    columns = list(Pipeline.objects.get(name="Load").stages.order_by("position")[:2])
    cards = [list(Deal.objects.open().in_stage(column).order_by("rank").values_list("pk", flat=True)[:3]) for column in columns]
    first, second, target = cards[0][0], cards[0][1], [cards[0][2], cards[1][2]]

    def by_page(deal: int, side: int) -> bytes:
        answer = client.post(reverse("deal_moves", args=[deal]), {"stage": columns[side].pk, "before": target[side], "version": ""})
        assert answer.status_code == 200, (answer.status_code, answer.content[:300])
        return answer.content

    def by_api(deal: int, side: int) -> bytes:
        asked = {"stage": columns[side].pk, "before": target[side]}
        answer = client.post(f"/api/v1/deals/{deal}/moves/", asked, content_type="application/json")
        assert answer.status_code == 201, (answer.status_code, answer.content[:300])
        return answer.content

    print(json.dumps({"page": _measure(by_page, first, second), "api": _measure(by_api, first, second)}))


def _measure(move: Callable[[int, int], bytes], first: int, second: int) -> dict[str, Any]:
    """One card goes through the product, another by the statements of such a move, in turns; both end where they began."""
    server, processor, plain = [], [], []
    answer, statements = b"", []
    for turn in range(2 * (TURNS // 2)):
        side = (turn + 1) % 2
        started, spent = time.perf_counter(), time.process_time()
        answer = move(first, side)
        server.append(time.perf_counter() - started)
        processor.append(time.process_time() - spent)
        statements = _statements(move, second, side)
        plain.append(_replay(statements))
    return {
        "statements": len(statements),
        "bytes": len(answer),
        "server_ms": median(server) * 1000,
        "processor_ms": median(processor) * 1000,
        "sql_ms": median(plain) * 1000,
    }


def _statements(move: Callable[[int, int], bytes], deal: int, side: int) -> list[str]:
    """What the server sends for a move, which is then taken back."""
    try:
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            move(deal, side)
            raise Undo
    except Undo:
        return [query["sql"] for query in captured if not query["sql"].startswith(FRAME)]


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
