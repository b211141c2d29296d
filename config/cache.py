"""A cache that all processes share in Redis, and that goes on within each process while Redis is away."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)
# After a failure Redis is left alone for so long: signing in must not wait for it again and again.
PAUSE_SECONDS = 3.0


class PlainSerializer:
    """JSON: whoever can write into Redis must not be able to run code here."""

    def dumps(self, value: Any) -> bytes | int:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class SharedCache(BaseCache):
    """For small, short-lived plain values such as counts of tries, which may be lost."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {"serializer": PlainSerializer(), "socket_connect_timeout": 0.5, "socket_timeout": 1}
        self.shared = RedisCache(server, params | {"OPTIONS": options | params.get("OPTIONS", {})})
        self.own = LocMemCache("shared-cache-fallback", params)
        self.quiet_until = 0.0

    def _ask(self, question: Callable[[BaseCache], Any]) -> Any:
        if time.monotonic() >= self.quiet_until:
            try:
                return question(self.shared)
            except (redis.RedisError, OSError) as error:
                self.quiet_until = time.monotonic() + PAUSE_SECONDS
                logger.warning("Redis is away, counting tries in each process alone: %s", error)
        return question(self.own)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.add(key, value, timeout, version)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda cache: cache.set(key, value, timeout, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """In one step, whoever counts beside; ValueError where nothing is counted yet."""
        return int(self._ask(lambda cache: cache.incr(key, delta, version)))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.touch(key, timeout, version)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.delete(key, version)))

    def clear(self) -> None:
        """The own part alone: Redis holds other things too, and what lies there goes by itself."""
        self.own.clear()
