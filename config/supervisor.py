"""One process that starts the whole product, watches it, and stops it without leaving anything behind."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from config import embedded
from config.processes import Child, say, wait_until
from config.programs import ServiceError

ROOT = Path(__file__).resolve().parent.parent
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
NOTE = "ready_lines"


class Stopping(BaseException):
    """Raised by Ctrl-C, SIGTERM and SIGHUP, wherever the start-up or the watch is."""


@dataclass
class Watched:
    """A child that is started again whenever it dies, after a pause that grows while it keeps dying."""

    child: Child
    start: Callable[[], None]
    failures: int = 0
    started: float = field(default_factory=time.monotonic)
    due: float | None = None

    def look(self) -> None:
        """Notice a death, plan the next start, and carry it out when its time has come."""
        now = time.monotonic()
        if self.due is not None:
            if now >= self.due:
                self._start_again(now)
        elif not self.child.alive:
            self.failures = 1 if now - self.started > STEADY_AFTER else self.failures + 1
            self._plan(f"ended with {self.child.returncode}")

    def _start_again(self, now: float) -> None:
        self.due, self.started = None, now
        try:
            self.child.sweep()
            self.start()
        except (OSError, ServiceError) as error:
            self.failures += 1
            self._plan(str(error))

    def _plan(self, reason: str) -> None:
        pause = min(0.5 * 2 ** (self.failures - 1), LONGEST_PAUSE)
        self.due = time.monotonic() + pause
        say("up", f"{self.child.name} {reason}; starting it again in {pause:g} s")


class Supervisor:
    """The product on one machine: PostgreSQL, Redis, worker, beat and web."""

    def __init__(self, *, data_dir: Path, host: str, port: int, base_url: str) -> None:
        self.data_dir, self.host, self.port, self.base_url = data_dir, host, port, base_url
        self.services: embedded.Services | None = None
        self.steps: list[Child] = []
        self.watched: list[Watched] = []
        metrics = data_dir / "metrics"
        python, cores = sys.executable, str(min(os.cpu_count() or 2, 4))
        self.environment = {
            "WEB_PROCESSES": cores,  # each web process spreads re-reads by how many there are
            **os.environ,
            "DATA_DIR": str(data_dir),
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        }
        celery = [python, "-m", "celery", "--app", "config", "--quiet"]
        self.worker = self._child(
            "worker",
            [
                *celery,
                "worker",
                "--loglevel=WARNING",
                f"--concurrency={os.environ.get('WORKER_PROCESSES', cores)}",
                "--without-gossip",
                "--without-mingle",
            ],
            death_signal=signal.SIGQUIT,
        )
        # A scheduler without a file: it only ticks, PostgreSQL knows what is due.
        self.beat = self._child("beat", [*celery, "beat", "--loglevel=WARNING", "--scheduler=celery.beat:Scheduler", "--pidfile="])
        web = [
            python,
            "-m",
            "uvicorn",
            "config.asgi:application",
            f"--host={host}",
            f"--port={port}",
            "--log-level=warning",
            "--no-access-log",
        ]
        # Without a limit an open live stream would keep the server from stopping.
        web += [f"--workers={self.environment['WEB_PROCESSES']}", "--timeout-graceful-shutdown=2", "--timeout-worker-healthcheck=30"]
        self.web = self._child("web", web)

    def _child(self, name: str, command: list[str], *, death_signal: signal.Signals = signal.SIGTERM) -> Child:
        return Child(name, command, death_signal=death_signal, environment=self.environment, folder=ROOT)

    def run(self) -> int:
        """Start everything, say so, watch until a signal comes, stop everything; the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _raise_stopping)
        try:
            was_killed = (self.data_dir / "lock").is_file() and (self.data_dir / "lock").stat().st_size > 0
            with embedded.hold(self.data_dir, f", {self.base_url}"):
                return self._run_held(patience=10.0 if was_killed else 0.0)
        except Stopping:
            return 0
        except ServiceError as error:
            print(error, file=sys.stderr)
            return 1

    def _run_held(self, *, patience: float) -> int:
        # What a kill -9 left of the web server lets go of the port within seconds.
        if not wait_until(lambda: _is_free(self.host, self.port), patience, pause=0.2):
            raise ServiceError(
                f"Port {self.port} on {self.host} is in use by another program. Stop that, or choose another: PORT={self.port + 1} make run"
            )
        began = time.monotonic()
        try:
            self._start()
            self._announce(time.monotonic() - began)
            while True:
                time.sleep(0.3)
                for watched in self.watched:
                    watched.look()
        except Stopping:
            say("up", "stopping")
            return 0
        finally:
            self._stop()

    def _start(self) -> None:
        self._clear_metrics()
        static = self._step("static", "prepare_static")
        self.services = embedded.Services(self.data_dir)
        self.services.start()
        self.watched = [Watched(server.child, server.start) for server in self.services.servers]
        self._finish(self._step("setup", "prepare_data", f"--note={self.data_dir / NOTE}"))
        self._finish(static)
        for child in (self.worker, self.beat, self.web):
            child.start()
            self.watched.append(Watched(child, child.start))

    def _step(self, name: str, *command: str) -> Child:
        step = self._child(name, [sys.executable, str(ROOT / "manage.py"), *command])
        self.steps.append(step)
        step.start()
        return step

    def _finish(self, step: Child) -> None:
        while not step.wait(0.2):
            for watched in self.watched:
                watched.look()
        if step.returncode:
            raise ServiceError(f"The step “{step.name}” failed; its lines above say why.")

    def _announce(self, seconds: float) -> None:
        local = "127.0.0.1" if self.host in ("0.0.0.0", "") else self.host
        url = f"http://{f'[{local}]' if ':' in local else local}:{self.port}/readyz"
        deadline = time.monotonic() + 90
        while not _answers(url, urlsplit(self.base_url).netloc):
            if time.monotonic() > deadline:
                raise ServiceError(f"The web server does not answer at {url}; the lines above say why.")
            time.sleep(0.1)
            for watched in self.watched:
                watched.look()
        home = self.services.home if self.services else None
        elsewhere = (
            f" Its data are in {home.data}, because PostgreSQL may not enter {self.data_dir}."
            if home and home.data != self.data_dir
            else ""
        )
        say("ready", f"Voronka is ready: {self.base_url}{elsewhere} (Ctrl-C stops it)")
        note = self.data_dir / NOTE
        if note.is_file():
            for line in note.read_text().splitlines():
                say("ready", line)
            note.unlink()  # it may hold a one-time link

    def _stop(self) -> None:
        """Web first, so that nothing new comes in; the databases last. At most ten seconds in all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        began = time.monotonic()
        for step in self.steps:
            step.stop((signal.SIGTERM, 1.0))
        self.worker.send(signal.SIGTERM)  # finish the tasks at hand, while the web server finishes its requests
        self.web.stop((signal.SIGTERM, 3.0))
        self.beat.stop((signal.SIGTERM, 0.5))
        if not self.worker.wait(began + 3.7 - time.monotonic()):
            self.worker.stop((signal.SIGQUIT, 3.0))
        self.worker.sweep()
        if self.services:
            self.services.stop()
        say("up", "stopped")

    def _clear_metrics(self) -> None:
        folder = self.data_dir / "metrics"
        folder.mkdir(exist_ok=True)
        for file in folder.glob("*.db"):
            file.unlink()


def _raise_stopping(_number: int, _frame: object) -> None:
    raise Stopping


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _answers(url: str, host: str) -> bool:
    try:
        with urlopen(Request(url, headers={"Host": host}), timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
