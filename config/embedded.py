"""PostgreSQL and Redis of our own, in DATA_DIR, for whoever gave no address.

`python -m config.embedded` keeps just these two running in the foreground, for work on the code.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import locale
import os
import pwd
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
import redis

from config import addresses, programs
from config.processes import Account, Child, is_alive, say, wait_until
from config.programs import ServiceError

NAME = "voronka"
LONGEST_SOCKET = 103 if sys.platform == "darwin" else 107
SOCKET = ".s.PGSQL.5432"
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


NEEDS_NO_SERVICES = {
    "up", "help", "version", "check", "makemigrations", "makemessages", "compilemessages", "collectstatic", "findstatic", "prepare_static", "diffsettings",
}  # fmt: skip


class AlreadyRunning(ServiceError):
    """Another process holds this DATA_DIR."""


@dataclass(frozen=True)
class Home:
    """Where the servers keep their data and sockets, and the account they run under."""

    data: Path
    run: Path
    account: Account | None

    @classmethod
    def prepare(cls, data_dir: Path) -> Home:
        """Make the folders. As root they belong to `nobody`, elsewhere if it can't reach DATA_DIR."""
        data_dir.mkdir(parents=True, exist_ok=True)
        account, data = _account(data_dir), data_dir
        if account is not None and not programs.can_reach(data_dir, account):
            data = Path("/var/lib/voronka") / _mark(data_dir)
            for folder in (data.parent, data):
                folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        run = data / "run"
        if len(os.fsencode(run / SOCKET)) > LONGEST_SOCKET:
            run = Path(
                os.environ.get("XDG_RUNTIME_DIR") if account is None and os.environ.get("XDG_RUNTIME_DIR") else tempfile.gettempdir()
            )
            run = run / f"voronka-{_mark(data)}"
        home = cls(data=data, run=run, account=account)
        home.own(run)
        return home

    def own(self, folder: Path) -> Path:
        """Make a folder that only the servers' account may enter."""
        uid, gid = (self.account.uid, self.account.gid) if self.account else (os.geteuid(), os.getegid())
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, uid, gid)
        except FileExistsError:
            if folder.is_symlink() or folder.stat().st_uid != uid:
                raise ServiceError(f"{folder} belongs to another user; move it away or choose another DATA_DIR.") from None
        folder.chmod(0o700)
        return folder


def _account(data_dir: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    old = data_dir / "postgres"
    if old.is_dir() and old.stat().st_uid != 0:  # first started by an ordinary user, now by root
        return Account(old.stat().st_uid, old.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
        return Account(nobody.pw_uid, nobody.pw_gid)
    except KeyError:
        return Account(65534, 65534)


def _mark(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


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
        command = [
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
        maker = Child(
            "initdb",
            [*command, *(["-N"] if self.throw_away else [])],
            account=self.home.account,
            environment=_plain_environment(),
            log=_hush,
        )
        lines: list[str] = []
        maker.log = lambda _, line: lines.append(line)
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
            note.unlink()  # the number was given to another process meanwhile
            return
        for number, seconds in ((signal.SIGINT, 8.0), (signal.SIGQUIT, 3.0)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            if wait_until(lambda: not is_alive(pid), seconds):
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


class Services:
    """Those of the two servers for which the environment names no address, in the order of their start."""

    def __init__(self, data_dir: Path, *, throw_away: bool = False, log: Callable[[str, str], None] = say) -> None:
        self.data_dir, self.home = data_dir, None
        self.servers: list[Postgres | Redis] = []
        notes = addresses.services(data_dir)
        if not os.environ.get("DATABASE_URL") or not os.environ.get("REDIS_URL"):
            self.home = Home.prepare(data_dir)
        if self.home and not os.environ.get("DATABASE_URL"):
            self.password = _password(data_dir)
            self.servers.append(Postgres(self.home, password=self.password, throw_away=throw_away, log=log))
        if self.home and not os.environ.get("REDIS_URL"):
            self.servers.append(Redis(self.home, throw_away=throw_away, log=log))
        self.notes = notes

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


def _plain_environment() -> dict[str, str]:
    # Variables like PGDATA or LD_PRELOAD of the caller are not meant for our servers.
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _without_small_talk(log: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Leave out what Redis says at every start and end, so that a line of it means something."""

    def relay(name: str, line: str) -> None:
        if not any(word in line for word in ("overcommit", "signal-handler", "bye bye", "User requested shutdown")):
            log(name, line)

    return relay


def _hush(_name: str, _line: str) -> None:
    pass


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
