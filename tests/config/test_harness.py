"""The floor the other tests stand on."""

import redis
from django.db import connection


def test_database_sees_cyrillic_words(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("SELECT similarity('иванов', 'иваново') > 0.5, lower('ЁЖИК')")
        assert cursor.fetchone() == (True, "ёжик")


def test_redis_of_the_test_starts_empty(redis_client: redis.Redis) -> None:
    assert redis_client.dbsize() == 0
