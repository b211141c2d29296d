"""One address in the spellings that each library reads."""

import pytest
from django.http.request import split_domain_port, validate_host

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


@pytest.mark.parametrize(
    ("host", "typed", "names"),
    [
        ("127.0.0.1", "http://localhost:8000", set()),
        ("0.0.0.0", "http://localhost:8000", set()),
        ("::", "http://localhost:8000", set()),
        ("::1", "http://[::1]:8000", set()),
        ("fd00::7", "http://[fd00::7]:8000", {"[fd00::7]"}),
        ("crm.example.org", "http://crm.example.org:8000", {"crm.example.org"}),
    ],
)
def test_a_server_answers_to_the_address_that_people_type(host: str, typed: str, names: set[str]) -> None:
    assert addresses.base_url(host, 8000) == typed
    allowed = addresses.allowed_hosts(typed, host)
    assert set(allowed) == names | {"localhost", "127.0.0.1", "[::1]"}
    assert validate_host(split_domain_port(typed.removeprefix("http://"))[0], allowed)
