"""Where the embedded servers live: their folders, and the account they run under."""

from __future__ import annotations

import hashlib
import os
import pwd
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config import programs
from config.processes import Account
from config.programs import ServiceError

LONGEST_SOCKET = 103 if sys.platform == "darwin" else 107
SOCKET = ".s.PGSQL.5432"


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
                if not folder.is_dir():
                    folder.mkdir(parents=True)
                    folder.chmod(0o755)  # whatever the umask: the account must pass
        run = data / "run"
        if len(os.fsencode(run / SOCKET)) > LONGEST_SOCKET:
            private = os.environ.get("XDG_RUNTIME_DIR") if account is None else None
            run = Path(private or tempfile.gettempdir())
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
