"""A seeded database of a given size with the whole product running on it."""

from __future__ import annotations

import json
import os
import signal
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


@dataclass(frozen=True)
class Stack:
    """A running product, the environment that reaches its database, and how long seeding took (0: it was there)."""

    url: str
    deals: int
    environment: dict[str, str]
    seeded_in: float
    pid: int

    def python(self, module: str, *arguments: str) -> Any:
        """Run a module of ours on this database; its last line is JSON."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return json.loads(done.stdout.strip().splitlines()[-1])

    def processes(self) -> dict[int, str]:
        """Every process of the product with its command."""
        parents = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:  # it has ended meanwhile
                continue
        family = {self.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return {pid: _command(pid) for pid in family}

    def spent(self) -> dict[int, float]:
        """Seconds of processor that each process has used: what stays true however busy the neighbours are."""
        return {pid: _processor_seconds(pid) for pid in self.processes()}


@contextmanager
def stack(folder: Path, *, deals: int) -> Iterator[Stack]:
    """Seed `folder/<deals>` once, start the product on it, and stop everything at the end."""
    data_dir, port = folder / str(deals), _free_port()
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "BASE_URL")}
    environment |= {
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "DEMO": "0",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "bench.settings",
    }
    seeded_in = _seed(data_dir, deals, environment)
    with (data_dir / "up.log").open("w") as log:
        product = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/readyz", product)
            yield Stack(f"http://127.0.0.1:{port}", deals, environment, seeded_in, product.pid)
        finally:
            product.send_signal(signal.SIGTERM)
            product.wait(20)


def _seed(data_dir: Path, deals: int, environment: dict[str, str]) -> float:
    mark = data_dir / "seeded"
    if mark.exists():
        return 0.0
    with embedded.running(data_dir):
        _manage(environment, "migrate", "-v0")
        started = time.monotonic()
        _manage(environment, "seed_load", "--deals", str(deals), "--seed", "1", "--contacts", str(deals), "--entries", str(5 * deals))
    mark.touch()
    return time.monotonic() - started


def _manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)


def _wait(url: str, product: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 900  # a new migration may have to rewrite millions of rows first
    while time.monotonic() < deadline and product.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("the product did not start; see up.log in its folder")


def _processor_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
