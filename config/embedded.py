"""PostgreSQL and Redis of our own, in DATA_DIR, for whoever gave no address.

`python -m config.embedded` keeps just these two running in the foreground, for work on the code.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from config import addresses
from config.home import Home
from config.processes import say, wait_until
from config.programs import ServiceError
from config.servers import Postgres, Redis

NEEDS_NO_SERVICES = {
    *("up", "help", "version", "check", "makemigrations", "makemessages", "compilemessages"),
    *("collectstatic", "findstatic", "prepare_static", "diffsettings"),
}


class AlreadyRunning(ServiceError):
    """Another process holds this DATA_DIR."""


class Services:
    """Those of the two servers for which the environment names no address, in the order of their start."""

    def __init__(self, data_dir: Path, *, throw_away: bool = False, log: Callable[[str, str], None] = say) -> None:
        self.data_dir = data_dir
        self.home: Home | None = None
        self.servers: list[Postgres | Redis] = []
        if not os.environ.get("DATABASE_URL") or not os.environ.get("REDIS_URL"):
            self.home = Home.prepare(data_dir)
        if self.home and not os.environ.get("DATABASE_URL"):
            self.password = _password(data_dir)
            self.servers.append(Postgres(self.home, password=self.password, throw_away=throw_away, log=log))
        if self.home and not os.environ.get("REDIS_URL"):
            self.servers.append(Redis(self.home, throw_away=throw_away, log=log))

    def start(self) -> None:
        """Start them together, write down where they are, and return when both answer."""
        try:
            for server in self.servers:
                server.start()
            for server in self.servers:
                server.wait()
        except BaseException:
            self.stop()
            raise
        self.write_down()

    def write_down(self) -> None:
        """Leave the addresses for other processes, readable by the owner alone."""
        found = {("database_url" if isinstance(server, Postgres) else "redis_url"): server.url for server in self.servers}
        if not found:
            return
        scratch = self.data_dir / f"services.json.{os.getpid()}"
        scratch.touch(mode=0o600)
        scratch.write_text(json.dumps(found, indent=1))
        scratch.replace(self.data_dir / "services.json")

    def stop(self) -> None:
        """Stop them in reverse order."""
        for server in reversed(self.servers):
            server.stop()


def _password(data_dir: Path) -> str:
    """The password of the embedded database, made once."""
    path = data_dir / "database_password"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


@contextmanager
def hold(data_dir: Path, note: str = "") -> Iterator[None]:
    """Hold DATA_DIR alone; whoever comes second is told who has it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise AlreadyRunning(
                f"Voronka already runs on {data_dir} ({holder}). Stop it first, or set DATA_DIR to another folder."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()}{note}")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


@contextmanager
def running(data_dir: Path, *, throw_away: bool = False, note: str = "", log: Callable[[str, str], None] = say) -> Iterator[Services]:
    """The embedded servers, for as long as the block runs."""
    with hold(data_dir, note):
        services = Services(data_dir, throw_away=throw_away, log=log)
        services.start()
        try:
            yield services
        finally:
            services.stop()


@contextmanager
def for_command(arguments: Sequence[str]) -> Iterator[None]:
    """What a management command needs: the services of the running product, else some of its own while it runs."""
    command = next((word for word in arguments if not word.startswith("-")), "help")
    if command in NEEDS_NO_SERVICES or (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        yield
        return
    data_dir = addresses.data_dir()
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "borrowers").open("a") as borrowers:
        try:
            with running(data_dir, note=f", manage.py {command}", log=_hush):
                yield
                fcntl.flock(borrowers, fcntl.LOCK_EX)  # until other commands that use these services are done
        except AlreadyRunning:
            fcntl.flock(borrowers, fcntl.LOCK_SH)
            _wait_for_others(data_dir)
            yield


def _wait_for_others(data_dir: Path) -> None:
    """The holder of DATA_DIR may still be starting its database."""

    def answers() -> bool:
        try:
            psycopg2.connect(addresses.database_url(data_dir), connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    if not os.environ.get("DATABASE_URL") and not wait_until(answers, 30.0, pause=0.2):
        raise ServiceError(f"Something holds {data_dir}, but its database does not answer.")


def _hush(_name: str, _line: str) -> None:
    pass


def main() -> int:
    """Keep the embedded services running until Ctrl-C or SIGTERM."""
    data_dir = addresses.data_dir()
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    try:
        with running(data_dir) as services:
            say(
                "ready",
                f"data in {services.home.data if services.home else data_dir}, addresses in {data_dir / 'services.json'}; Ctrl-C stops",
            )
            while not over.wait(0.5) and all(server.child.alive for server in services.servers):
                pass
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if over.is_set() else 1


if __name__ == "__main__":
    sys.exit(main())
