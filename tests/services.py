"""A PostgreSQL and a Redis that live as long as one run of the tests, shared by its parallel workers."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from config import embedded
from config.servers import Postgres, Redis

PREFIX = "voronka-tests-"
# Which of them are ours; in the environment, so that parallel workers and servers under test know of it.
STARTED = "VORONKA_TEST_SERVICES"
_running = ExitStack()


def start() -> None:
    """Start the services, unless a parent process has, and put their addresses into the environment; a parallel worker picks its own Redis database."""
    if STARTED not in os.environ:
        os.environ[STARTED] = " ".join(server.child.name for server in _start_both())
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["REDIS_URL"] = _with_redis_database(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) % 15 + 1)


def _start_both() -> list[Postgres | Redis]:
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)  # PostgreSQL runs as nobody when we are root and must pass through
    os.environ["DATA_DIR"] = str(folder)
    for name in ("BASE_URL", "ALLOWED_HOSTS", "HOST", "PORT", "DEBUG", "EMAIL_URL", "DEMO"):
        os.environ.pop(name, None)
    (folder / "static").mkdir()
    atexit.register(stop)
    _running.callback(shutil.rmtree, folder, ignore_errors=True)
    services = _running.enter_context(embedded.running(folder, throw_away=True))
    for server in services.servers:
        os.environ["DATABASE_URL" if isinstance(server, Postgres) else "REDIS_URL"] = server.url
    return services.servers


def stop() -> None:
    """Stop the services and remove their data."""
    _running.close()


def open_way(folder: Path) -> None:
    """Let other accounts pass through to this folder of the tests: PostgreSQL runs as nobody when we are root."""
    top = Path(tempfile.gettempdir()).resolve()
    for step in (folder, *folder.parents):
        if step == top or top not in step.parents:
            break
        step.chmod(step.stat().st_mode | 0o011)


def _with_redis_database(url: str, number: int) -> str:
    """The same server, another of its sixteen databases."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))


def _sweep() -> None:
    """Remove the data of runs that were killed; their servers ended with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (folder / "lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, BlockingIOError):
            continue
