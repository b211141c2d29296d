"""The whole product, really started: how it begins, survives and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg2
import pytest

from config.processes import is_alive, wait_until
from tests.browser import ROOT, free_port
from tests.services import open_way

LIMIT = 90.0


class Product:
    """`manage.py up` on a folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *words],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")}
        return outside | {"DATA_DIR": str(self.folder), "PORT": str(self.port), "DEMO": "0", "WEB_PROCESSES": "2", "WORKER_PROCESSES": "1"}

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"], env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        wait_until(lambda: self.ended or "Voronka is ready" in self.log.read_text(), LIMIT)
        assert "Voronka is ready" in self.log.read_text(), self.log.read_text()

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        assert self.process
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - began

    def processes(self) -> dict[int, str]:
        """Every process of this DATA_DIR, found by its environment or its command line (Linux)."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if str(self.folder) in line or f"DATA_DIR={self.folder}\0" in (folder / "environ").read_text():
                    found[int(folder.name)] = line
            except OSError:
                continue
        return found

    def pid_of(self, words: str) -> int:
        return next(pid for pid, line in sorted(self.processes().items()) if words in line)

    def ready(self) -> dict[str, object]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return json.load(answer)
        except HTTPError as error:
            return json.load(error)
        except OSError as error:
            return {"status": str(error)}

    def is_whole(self) -> bool:
        return self.ready() == {"status": "ok", "degraded": []}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("up") / "data"
    open_way(folder.parent)
    product = Product(folder)
    yield product
    for pid in [*([product.process.pid] if product.process and not product.ended else []), *product.processes()]:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def running(product: Product) -> Product:
    if product.process is None or product.ended:
        product.start()
    return product


def test_services_note_is_private_and_the_password_is_needed(running: Product) -> None:
    note = running.folder / "services.json"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE((running.folder / "run").stat().st_mode) == 0o700
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(host=str(running.folder / "run"), user="voronka", dbname="voronka", password="guess")


def test_everything_is_up(running: Product) -> None:
    assert wait_until(running.is_whole, 20.0)


def test_second_start_says_who_is_first(running: Product) -> None:
    second = running.command("up", PORT=str(free_port()))
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.count("\n") == 1 and f"already runs on {running.folder}" in second.stderr
    assert running.ready()["status"] in ("ok", "degraded")


def test_a_command_uses_the_running_database(running: Product) -> None:
    answer = running.command(
        "shell", "--verbosity=0", "-c", "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['HOST'])"
    )
    assert answer.stdout.strip() == str(running.folder / "run")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("words", ["celery --app config --quiet worker", "uvicorn", "bin/postgres", "redis.sock"])
def test_a_killed_child_comes_back(running: Product, words: str) -> None:
    assert wait_until(running.is_whole, 30.0)
    pid = running.pid_of(words)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(
        lambda: any(words in line and other != pid for other, line in running.processes().items()) and running.is_whole(), 40.0
    ), running.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_killing_the_supervisor_leaves_no_orphan_and_the_next_start_recovers(running: Product) -> None:
    assert running.process
    running.process.kill()
    running.process.wait()
    assert wait_until(lambda: not running.processes(), 15.0), running.processes()
    running.start()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_killing_the_whole_tree_recovers(running: Product) -> None:
    for pid in running.processes():
        os.kill(pid, signal.SIGKILL)
    assert running.process
    running.process.wait()
    running.start()
    assert running.ready()["status"] in ("ok", "degraded")


def test_sigterm_stops_everything_within_ten_seconds(running: Product) -> None:
    assert running.stop(signal.SIGTERM) < 10
    assert running.process and running.process.returncode == 0
    assert running.processes() == {} or sys.platform != "linux"


def test_port_in_use_is_one_line(product: Product) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = product.command("up", PORT=str(port))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.count("\n") == 1 and f"Port {port}" in answer.stderr


def test_a_command_without_a_running_product_brings_its_own_database(product: Product) -> None:
    answer = product.command("shell", "--verbosity=0", "-c", "from crm.models import User; print('people:', User.objects.count())")
    assert answer.stdout.strip().startswith("people:"), answer.stderr
    assert product.processes() == {} or sys.platform != "linux"


def test_ctrl_c_while_starting(product: Product) -> None:
    with product.log.open("w") as log:
        product.process = subprocess.Popen([sys.executable, str(ROOT / "manage.py"), "up"], env=product.environment, stdout=log, stderr=log)
    assert wait_until(lambda: (product.folder / "postgres" / "postmaster.pid").is_file(), 30.0)
    assert product.stop() < 10
    assert product.processes() == {} or sys.platform != "linux"
