"""Telling open browsers what changed: never data, only where to look again."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from redis.connection import parse_url

from crm import broker

# Redis hears channels across its databases, so two installations on one server are told apart by the number of theirs.
PREFIX = f"live:{parse_url(settings.REDIS_URL).get('db', 0)}:"

# The topic of one person, whom every open tab of theirs listens to.
PERSON = "user:"


def publish(topic: str, *, stages: Iterable[int] = (), origin: str = "") -> None:
    """After commit, tell everybody who watches `topic` (`pipeline:3`) that these stages changed.

    `origin` is the browser tab that did it, which ignores its own echo.
    """
    message = json.dumps({"stages": sorted(set(stages)), "origin": origin})
    transaction.on_commit(lambda: broker.publish(PREFIX + topic, message), robust=True)


def tell(user_id: int) -> None:
    """After commit, have the person's open pages look at the bell again."""
    transaction.on_commit(lambda: broker.publish(f"{PREFIX}{PERSON}{user_id}", "{}"), robust=True)


def touch(record: str, record_id: int, *, origin: str = "") -> None:
    """After commit, tell everybody who looks at this record that something was said or done about it."""
    publish(f"record:{record}:{record_id}", origin=origin)


def kick(user_id: int) -> None:
    """Close the person's open streams, after signing out or losing rights."""
    transaction.on_commit(lambda: broker.publish(PREFIX + "kick", json.dumps({"user": user_id})), robust=True)
