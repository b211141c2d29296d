"""The migrated database, kept between runs: running all migrations takes longer than most files of tests do."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from django.apps import apps
from django.conf import settings
from psycopg2.extensions import connection as Connection

from config import programs
from tests.services import STARTED

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voronka-tests"
NAME = "voronka_migrated"


def is_possible() -> bool:
    """Whether the server is our own, with the programs that save and load, and there is a place to keep the file."""
    try:
        KEPT.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return "postgres" in os.environ[STARTED] and all((_programs() / name).is_file() for name in ("pg_dump", "psql"))


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Parallel workers and other runs wait here for the first, and find what it has left."""
    with (KEPT / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def load() -> str | None:
    """The database to copy from, filled from the file at the first time; None where these migrations never ran."""
    with _server() as server, server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if cursor.fetchone():
            return NAME
        if not _file().is_file():
            return None
        cursor.execute(f"CREATE DATABASE {NAME}")
        command = [_programs() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-f", _file(), "-d", _url(NAME)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            cursor.execute(f"DROP DATABASE {NAME}")
            return None
    return NAME


def save(database: str) -> None:
    """Keep this migrated database for the other workers and the next runs, and forget those of other days."""
    scratch = _file().with_suffix(f".{os.getpid()}")
    if subprocess.run([_programs() / "pg_dump", "-f", scratch, "-d", _url(database)], capture_output=True, check=False).returncode:
        scratch.unlink(missing_ok=True)
        return
    scratch.replace(_file())
    for old in sorted(KEPT.glob("*.sql"), key=lambda file: file.stat().st_mtime)[:-9]:
        old.unlink(missing_ok=True)


def _file() -> Path:
    return KEPT / f"{_fingerprint()}.sql"


def _fingerprint() -> str:
    """Changes with any migration, with the libraries and with the server."""
    own = [Path(app.path) for app in apps.get_app_configs() if ROOT in Path(app.path).parents and ".venv" not in Path(app.path).parts]
    files = [ROOT / "uv.lock", *(file for folder in own for file in folder.glob("migrations/*.py"))]
    found = hashlib.sha256(str(programs.postgres_version(_programs())).encode())
    for file in sorted(files):
        found.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return found.hexdigest()[:24]


def _programs() -> Path:
    return programs.find_postgres(os.environ.get("VORONKA_PROGRAMS"))


def _url(database: str) -> str:
    return urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path="/" + quote(database)))


@contextmanager
def _server() -> Iterator[Connection]:
    connection = psycopg2.connect(_url("postgres"))
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()
