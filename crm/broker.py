"""Handing work to Celery and notices to Redis, without ever making a change wait for either."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
# After a failure Redis is left alone for so long: a move must not wait for it again and again.
PAUSE_SECONDS = 3.0
# A worker that died with the bell in its hand must not silence it for long.
BELL_SECONDS = 5
_quiet_until = 0.0


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """This process's connection to Redis, with short time limits."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=2, retry=None)


def ring(task: str) -> bool:
    """Send a task that looks for its work itself, unless one is under way that has not begun to look.

    False when Redis is away, and then the sweeper finds the work in PostgreSQL.
    """

    def send() -> None:
        if client().set(f"rung:{task}", 1, nx=True, ex=BELL_SECONDS):
            current_app.send_task(task, retry=False, ignore_result=True)

    return _attempt(send)


def heard(task: str) -> None:
    """The task begins to look: whoever rings from now on has work that it may not see."""
    _attempt(lambda: client().delete(f"rung:{task}"))


def publish(channel: str, message: str) -> bool:
    """Tell everybody who listens on the channel; False when Redis is away, listeners then re-read when it is back."""
    return _attempt(lambda: client().publish(channel, message))


def _attempt(send: Callable[[], Any]) -> bool:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        send()
    except (redis.RedisError, OperationalError, OSError) as error:
        _quiet_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("Redis is away, going on without it: %s", error)
        return False
    return True
