"""The cache that all processes share, with Redis and without."""

from __future__ import annotations

import redis
from django.conf import settings
from django.core.cache import caches

from config.cache import SharedCache

AWAY = "redis://127.0.0.1:1/0"


def test_what_one_process_writes_another_reads(redis_client: redis.Redis) -> None:
    one, other = (SharedCache(settings.REDIS_URL, {"KEY_PREFIX": "cache"}) for _ in range(2))
    one.set("tries", [1.5, 2.5], 60)
    assert other.get("tries") == [1.5, 2.5]
    assert one.add("lock", True, 60) and not other.add("lock", True, 60)
    assert other.delete("lock") and one.add("lock", True, 60)
    assert all(0 < redis_client.ttl(key) <= 60 for key in redis_client.scan_iter())


def test_without_redis_each_process_counts_alone() -> None:
    cache = SharedCache(AWAY, {})
    cache.clear()
    assert cache.add("lock", True, 60) and not cache.add("lock", True, 60)
    cache.set("tries", [1.5], 60)
    assert cache.get("tries") == [1.5] and cache.get("other", "nothing") == "nothing"
    assert cache.delete("lock")


def test_it_is_the_cache_of_the_product() -> None:
    assert isinstance(caches["default"], SharedCache)
