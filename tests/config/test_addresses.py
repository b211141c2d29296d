"""One address in the spellings that each library reads."""

import pytest

from config import addresses


@pytest.mark.parametrize(
    ("url", "celery"),
    [
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
    ],
)
def test_celery_spelling(url: str, celery: str) -> None:
    assert addresses.celery_url(url) == celery
