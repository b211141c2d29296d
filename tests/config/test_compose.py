"""The scaled-out shape uses the settings that exist."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_every_part_is_a_service(services: dict[str, dict]) -> None:
    assert set(services) == {"setup", "web", "worker", "beat", "postgres", "redis", "proxy"}


def test_every_setting_of_the_product_is_read_somewhere(services: dict[str, dict]) -> None:
    code = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    used = set(services["web"]["environment"]) - {"FORWARDED_ALLOW_IPS"}  # uvicorn's own
    assert {name for name in used if not re.search(rf'"{name}"', code)} == set()


def test_what_waits_for_a_service_names_one_that_exists(services: dict[str, dict]) -> None:
    assert {name for service in services.values() for name in service.get("depends_on", ())} <= set(services)
