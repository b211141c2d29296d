"""A seeded database of a given size with the product's own web server on it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from config import embedded

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 2


@dataclass(frozen=True)
class Stack:
    """A running server, the environment that reaches its database, and how long seeding took (0: it was there)."""

    url: str
    deals: int
    environment: dict[str, str]
    seeded_in: float

    def python(self, module: str, *arguments: str) -> Any:
        """Run a module of ours on this database; its last line is JSON."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return json.loads(done.stdout.strip().splitlines()[-1])


@contextmanager
def stack(folder: Path, *, deals: int) -> Iterator[Stack]:
    """Start the servers on `folder/<deals>`, seed once, and stop everything at the end."""
    data_dir = folder / str(deals)
    port = _free_port()
    with embedded.running(data_dir):
        environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "BASE_URL")}
        environment |= {
            "DATA_DIR": str(data_dir),
            "PORT": str(port),
            "DEMO": "0",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        seeded_in = _seed(data_dir, deals, environment)
        _manage(environment, "prepare_static")
        command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--workers", str(PROCESSES)]
        server = subprocess.Popen([*command, "--log-level", "warning", "--timeout-graceful-shutdown", "1"], cwd=ROOT, env=environment)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", server)
            yield Stack(f"http://127.0.0.1:{port}", deals, environment, seeded_in)
        finally:
            server.terminate()
            server.wait(10)


def _seed(data_dir: Path, deals: int, environment: dict[str, str]) -> float:
    mark = data_dir / "seeded"
    _manage(environment, "migrate", "-v0")
    if mark.exists():
        return 0.0
    started = time.monotonic()
    _manage(environment, "seed_load", "--deals", str(deals), "--seed", "1")
    mark.touch()
    return time.monotonic() - started


def _manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("the web server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
