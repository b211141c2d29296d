"""The worker's sign of life: a key in Redis that it renews, so that asking costs one read."""

from __future__ import annotations

import logging
from typing import Any

import redis
from celery import bootsteps

from crm import broker

KEY = "worker:alive"
EVERY_SECONDS = 5.0
LIVES_SECONDS = 20
logger = logging.getLogger(__name__)


class Heartbeat(bootsteps.StartStopStep):
    """Renews the key on the worker's own timer, from its start to its stop."""

    requires = {"celery.worker.components:Timer"}

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.entry: Any = None

    def start(self, parent: Any) -> None:
        """Renew at once and then again and again."""
        renew()
        self.entry = parent.timer.call_repeatedly(EVERY_SECONDS, renew, priority=10)

    def stop(self, parent: Any) -> None:
        """Leave it to expire soon: another worker may share the key."""
        if self.entry is not None:
            self.entry.cancel()


def renew() -> None:
    """Say "a worker lives"; without Redis there is nobody to say it to."""
    try:
        broker.client().set(KEY, "1", ex=LIVES_SECONDS)
    except (redis.RedisError, OSError) as error:
        logger.debug("No sign of life: %s", error)


def is_beating() -> bool:
    """Whether some worker gave a sign of life within the last seconds; raises when Redis is away."""
    return bool(broker.client().exists(KEY))
