"""One person opens the pages of a day again and again: prints {page: {role: figures}} as JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from crm.models import Company, Contact, Role, User  # noqa: E402
from pipeline.models import Deal  # noqa: E402

TURNS = 12


def main() -> None:
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    for role in Role.values:
        viewer = User.objects.filter(role=role, is_active=True, email__endswith="load.example").order_by("pk")[0]
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(viewer)
        for page, path in pages(viewer).items():
            figures.setdefault(page, {})[role] = _measure(client, path)
    print(json.dumps(figures))


def pages(viewer: User) -> dict[str, str]:
    """The pages of a day, about records in the middle of what this person sees."""
    contact = Contact.objects.visible_to(viewer).filter(owner__isnull=False).order_by("-pk")[17]
    company = Company.objects.visible_to(viewer).order_by("-pk")[17]
    deal = Deal.objects.visible_to(viewer).open().order_by("-pk")[17]
    return {
        "my day": "/",
        "contacts": "/contacts/",
        "contacts, words": f"/contacts/?text={contact.name.split()[-1]}",
        "companies": "/companies/",
        "deals": "/deals/",
        "tasks": "/tasks/",
        "calendar": "/calendar/",
        "notifications": "/notifications/",
        "contact": f"/contacts/{contact.pk}/",
        "company": f"/companies/{company.pk}/",
        "deal": f"/deals/{deal.pk}/",
    }


def _measure(client: Client, path: str) -> dict[str, Any]:
    for _warm in range(4):
        response = client.get(path)
        assert response.status_code == 200, (path, response.status_code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    server, busy = [], []
    for _turn in range(TURNS):
        started, worked = time.perf_counter(), _processor_seconds(backend)
        client.get(path)
        server.append(time.perf_counter() - started)
        busy.append(_processor_seconds(backend) - worked)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return {
        "statements": len(captured),
        "bytes": len(response.content),
        "server_ms": median(server) * 1000,
        "busy_ms": median(busy) * 1000,
        "sql_ms": sum(float(query["time"]) for query in captured) * 1000,
    }


def _processor_seconds(backend: Path) -> float:
    """What this process and its backend in the database have used by now: the same however busy the neighbours are."""
    return time.process_time() + int(backend.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
