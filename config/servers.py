"""The two embedded servers, PostgreSQL and Redis: how each is made, started, asked and stopped."""

from __future__ import annotations

import locale
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
import redis

from config import programs
from config.home import Home
from config.processes import Child, is_alive, wait_until
from config.programs import ServiceError

NAME = "voronka"
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The callers report their own errors; here only what concerns the server itself.
    "log_min_messages": "fatal",
    "log_checkpoints": "off",
}
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "150",
}


class Postgres:
    """A PostgreSQL cluster that answers on a socket only, to whoever knows its generated password."""

    def __init__(self, home: Home, *, password: str, throw_away: bool, log: Callable[[str, str], None]) -> None:
        self.home, self.password, self.throw_away, self.log = home, password, throw_away, log
        self.data = home.data / "postgres"
        folder = programs.find_postgres(os.environ.get("VORONKA_PROGRAMS"))
        self.version = programs.postgres_version(folder)
        self.programs = programs.reachable_postgres(folder, account=home.account, store=home.data / "programs")
        settings = POSTGRES_SETTINGS | (THROW_AWAY_SETTINGS if throw_away else {})
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.child = Child(
            "postgres",
            [self.programs / "postgres", "-D", self.data, "-k", home.run, *options],
            stop_signal=signal.SIGINT,
            account=home.account,
            environment=_plain_environment(),
            log=log,
        )

    @property
    def url(self) -> str:
        """The address in the form that Django, libpq and psycopg read alike."""
        return f"postgresql://{NAME}:{self.password}@{quote(str(self.home.run), safe='')}/{NAME}"

    def start(self) -> None:
        """Start the server, making the cluster at the first time, after ending what an earlier crash left."""
        if not (self.data / "PG_VERSION").is_file():
            self._make_cluster()
        made_by = int((self.data / "PG_VERSION").read_text())
        if made_by != self.version:
            raise ServiceError(
                f"The data in {self.data} belong to PostgreSQL {made_by}, the programs here are {self.version}. "
                f"Dump them with pg_dump {made_by}, move the folder away, start again and restore."
            )
        self._end_leftover()
        self.child.start()

    def wait(self, seconds: float = 60.0) -> None:
        """Return once the server answers and our database exists."""
        answered = wait_until(lambda: not self.child.alive or self.answers(), seconds)
        if not answered or not self.child.alive:
            raise ServiceError(f"PostgreSQL did not start; see its lines above. Its data are in {self.data}.")
        with self.connection("postgres") as connection, connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {NAME}")

    @contextmanager
    def connection(self, database: str) -> Iterator[psycopg2.extensions.connection]:
        """A connection of our own, outside Django."""
        connection = psycopg2.connect(host=str(self.home.run), user=NAME, password=self.password, dbname=database, connect_timeout=5)
        try:
            connection.autocommit = True
            yield connection
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            with self.connection("postgres"):
                return True
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServiceError(f"The password in services.json does not fit the data in {self.data}.") from error
            return False

    def stop(self, seconds: float = 5.0) -> None:
        """Fast shutdown, then immediate: committed work is safe either way."""
        self.child.stop((signal.SIGINT, seconds), (signal.SIGQUIT, 1.0))

    def _make_cluster(self) -> None:
        # Made under another name, so that a start cut short leaves nothing half-made in place.
        scratch = self.data.with_name("postgres.new")
        if scratch.exists():
            subprocess.run(["rm", "-rf", str(scratch)], check=True)
        self.home.own(scratch)
        secret = self.home.run / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self.home.account:
            os.chown(secret, self.home.account.uid, self.home.account.gid)
        command: list[str | os.PathLike[str]] = [
            self.programs / "initdb",
            "-D",
            scratch,
            "-U",
            NAME,
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *self._locale(),
        ]
        lines: list[str] = []
        maker = Child(
            "initdb",
            [*command, *(["-N"] if self.throw_away else [])],
            account=self.home.account,
            environment=_plain_environment(),
            log=lambda _, line: lines.append(line),
        )
        try:
            maker.start()
            if not maker.wait(180) or maker.returncode:
                raise ServiceError("PostgreSQL could not make its data folder:\n  " + "\n  ".join(lines[-6:]))
        finally:
            maker.sweep()
            secret.unlink()
        scratch.rename(self.data)

    def _locale(self) -> list[str]:
        # LC_CTYPE must know Cyrillic, or pg_trgm sees no letters in it.
        ctype = next(filter(_has_locale, ("C.UTF-8", "C.utf8", "en_US.UTF-8", "ru_RU.UTF-8")), None)
        if ctype is None:
            raise ServiceError("This machine has no UTF-8 locale; install one (Debian: apt install locales-all).")
        if self.version >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={ctype}"]
        return ["--locale=C", f"--lc-ctype={ctype}"]

    def _end_leftover(self) -> None:
        """End a server that outlived its supervisor; we hold the lock of DATA_DIR, so nobody else uses it."""
        note = self.data / "postmaster.pid"
        try:
            pid = abs(int(note.read_text().split("\n", 1)[0]))
        except (FileNotFoundError, ValueError):
            return
        if not is_alive(pid):
            return
        if not _runs_postgres(pid):
            # Killed, but not yet taken away by the system, or the number was given to another process meanwhile:
            # PostgreSQL itself would take either for a running server.
            for lock in (note, self.home.run / ".s.PGSQL.5432.lock"):
                lock.unlink(missing_ok=True)
            return
        for number, seconds in ((signal.SIGINT, 8.0), (signal.SIGQUIT, 3.0)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            if wait_until(lambda: not _runs_postgres(pid), seconds):
                return
        raise ServiceError(f"A PostgreSQL of an earlier start (process {pid}) does not end; stop it and start again.")


class Redis:
    """A Redis-compatible server on a socket, which keeps its data over a crash."""

    def __init__(self, home: Home, *, throw_away: bool, log: Callable[[str, str], None]) -> None:
        self.data = home.data / "redis"
        self.home, self.socket = home, home.run / "redis.sock"
        program = programs.find_redis(os.environ.get("VORONKA_PROGRAMS"))
        program = programs.reachable_redis(program, account=home.account, store=home.data / "programs")
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "no" if throw_away else "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self.child = Child("redis", [program, *words], account=home.account, environment=_plain_environment(), log=_without_small_talk(log))

    @property
    def url(self) -> str:
        """The address in redis-py's spelling."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start the server, after ending what an earlier crash left on the socket."""
        self.home.own(self.data)
        if self.answers():
            try:
                self._client().shutdown(nosave=True)
            except redis.ConnectionError:
                pass
            wait_until(lambda: not self.answers(), 5.0)
        self.child.start()

    def wait(self, seconds: float = 30.0) -> None:
        """Return once the server answers."""
        if not wait_until(lambda: not self.child.alive or self.answers(), seconds) or not self.child.alive:
            raise ServiceError(f"Redis did not start; see its lines above. Its data are in {self.data}.")

    def answers(self) -> bool:
        """Whether the server is up and has its data loaded."""
        try:
            with self._client() as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def stop(self, seconds: float = 3.0) -> None:
        """Ask it to write its log and end."""
        self.child.stop((signal.SIGTERM, seconds))

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, socket_connect_timeout=2)


def _plain_environment() -> dict[str, str]:
    # Variables like PGDATA or LD_PRELOAD of the caller are not meant for our servers.
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _without_small_talk(log: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Leave out what Redis says at every start and end, so that a line of it means something."""

    def relay(name: str, line: str) -> None:
        if not any(word in line for word in ("overcommit", "signal-handler", "bye bye", "User requested shutdown")):
            log(name, line)

    return relay


def _has_locale(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, before)
    return True


def _runs_postgres(pid: int) -> bool:
    answer = (
        subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
        if sys.platform != "linux"
        else None
    )
    try:
        words = answer.stdout if answer else Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
    return "postgres" in words
