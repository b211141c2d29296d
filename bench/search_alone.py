"""One person searches again and again: prints {role: {text: [statements, hits, milliseconds of the server]}} as JSON."""

from __future__ import annotations

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

TURNS = 7
# In every record, in many, in a few, in one, in none; misspelt, in the other layout, one letter.
TEXTS = ["load", "load deal", "deal 77", "company 12", "12345", "zzzz", "cmpany", "дщфв", "l"]


def main() -> None:
    figures = {}
    for role in Role.values:
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.filter(role=role, is_active=True, email__endswith="load.example").order_by("pk")[0])
        client.get("/search/", {"q": "load"})
        figures[role] = {text: _measure(client, text) for text in TEXTS}
    print(json.dumps(figures))


def _measure(client: Client, text: str) -> list[Any]:
    times = []
    for _turn in range(TURNS):
        started = time.perf_counter()
        page = client.get("/search/", {"q": text})
        times.append(time.perf_counter() - started)
        assert page.status_code == 200, page.status_code
    with CaptureQueriesContext(connection) as captured:
        client.get("/search/", {"q": text})
    return [len(captured), page.content.count(b"data-record"), median(times) * 1000]


if __name__ == "__main__":
    main()
