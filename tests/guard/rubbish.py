"""What nobody would send, and how a walk sends it: each request is taken back at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.guard.rights import ROUTES, Row

MARKUP = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7*7 }}"
TEXTS = ["", "a\0b", "x" * 100_000, MARKUP, "-1", "NaN", "1e400", "٣", "9" * 19, "9" * 400, "2147483648", "2026-02-30"]
VALUES: list[Any] = [None, True, 1.5, 10**400, 1e308, [], {"a": 1}, "\ud800", {"\ud800": 1}, *TEXTS[1:]]


def rows(*methods: str) -> Iterator[Any]:
    """The rows of the table with one of these methods; of the library's forms, which are its own, one stands for all."""
    for name, found in ROUTES.items():
        for row in found:
            if row.method in methods and (not name.startswith("account") or name == "account_login"):
                yield pytest.param(name, row, id=name)


def send(client: Client, row: Row, path: str, body: dict[str, Any]) -> HttpResponse:
    if path.startswith("/api/"):
        return client.generic(row.method, path, json.dumps(body).encode(), content_type="application/json")
    return client.post(path, {key: "" if value is None else value for key, value in body.items()})


@contextmanager
def taken_back() -> Iterator[None]:
    """Nothing of this block stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
