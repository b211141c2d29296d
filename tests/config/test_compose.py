"""The scaled-out shape: what it asks for exists, and what it runs is what runs here."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
FOREIGN = {"FORWARDED_ALLOW_IPS", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}  # uvicorn's and Python's own


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict]:
    return compose["services"]


def read_settings() -> set[str]:
    """Every name that the code asks the environment for."""
    code = "".join(path.read_text() for folder in ("config", "crm", "pipeline", "analytics") for path in (ROOT / folder).rglob("*.py"))
    return set(re.findall(r"""environ(?:\.get\(|\[)["']([A-Z_]+)["']""", code))


def test_every_part_is_a_service(services: dict[str, dict]) -> None:
    assert set(services) == {"setup", "web", "worker", "beat", "postgres", "redis", "proxy"}


def test_every_setting_of_the_product_is_read_somewhere(services: dict[str, dict]) -> None:
    of_image = set(re.findall(r"([A-Z_]+)=", re.search(r"^ENV (.*)$", DOCKERFILE, re.M)[1]))
    used = {name for service in services.values() if service.get("image") == "voronka" for name in service["environment"]}
    assert (used | of_image) - read_settings() - FOREIGN == set()


def test_the_readme_names_every_setting() -> None:
    """Those that outside hands may turn; the rest is for tests and tuning."""
    readme = (ROOT / "README.md").read_text()
    inner = {"DJANGO_SETTINGS_MODULE", "XDG_RUNTIME_DIR", "PATH"}
    assert {name for name in read_settings() - inner if f"`{name}`" not in readme} == set()


def test_what_waits_for_a_service_names_one_that_exists(services: dict[str, dict]) -> None:
    assert {name for service in services.values() for name in service.get("depends_on", ())} <= set(services)


def test_what_is_waited_for_can_come_true(services: dict[str, dict]) -> None:
    """Healthy needs a health check, completed needs a service that ends."""
    for service in services.values():
        waits = service.get("depends_on", {})
        for name, condition in waits.items() if isinstance(waits, dict) else ():
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services[name], name
            if condition["condition"] == "service_completed_successfully":
                assert services[name]["restart"] in ("no", "on-failure"), name


def test_volumes_that_are_mounted_are_declared(compose: dict[str, Any]) -> None:
    mounted = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", ())}
    named = {name for name in mounted if not name.startswith(".")}
    assert named == set(compose["volumes"])
    assert all((ROOT / name).exists() for name in mounted - named)


def test_secrets_have_no_defaults(compose: dict[str, Any]) -> None:
    text = json.dumps(compose)
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "DOMAIN"):
        assert set(re.findall(rf"\$\{{{name}[^}}]*\}}", text)) == {f"${{{name}:?set {name}}}"}


def test_only_the_proxy_is_open_to_the_outside(services: dict[str, dict]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"proxy"}


def test_workers_are_started_as_the_supervisor_starts_them(services: dict[str, dict]) -> None:
    """The same program and the same options, so that what is tried here holds there."""
    supervisor = (ROOT / "config" / "supervisor.py").read_text() + (ROOT / "config" / "management" / "commands" / "up.py").read_text()
    for name in ("worker", "beat"):
        for word in shlex.split(services[name]["command"]):
            assert word in supervisor or word.split("=")[0] in supervisor or word == "celery", (name, word)


def test_the_image_runs_as_nobody_special_with_what_it_needs() -> None:
    steps = [line for line in DOCKERFILE.splitlines() if line and not line.startswith((" ", "#"))]
    assert [line.split()[1] for line in steps if line.startswith("USER")] == ["voronka"]
    assert steps.index("USER voronka") > steps.index("COPY . .")
    assert "--require-hashes" in DOCKERFILE
    ignored = (ROOT / ".dockerignore").read_text().split()
    for needed in ("config", "crm", "pipeline", "analytics", "templates", "static", "locale", "manage.py", "requirements.txt"):
        assert needed not in ignored and (ROOT / needed).exists()
    assert {".git", ".venv", ".data"} <= set(ignored)
