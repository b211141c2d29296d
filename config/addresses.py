"""Where PostgreSQL, Redis and mail are: from the environment, else the embedded services of DATA_DIR.

The supervisor writes `services.json` into DATA_DIR when it starts embedded services;
every later process (a management command, a test, a second terminal) finds them there.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def data_dir() -> Path:
    """The folder of everything this installation keeps: DATA_DIR, else `.data` beside the code."""
    return Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / ".data").resolve()


def services(data_dir: Path) -> dict[str, str]:
    """What the supervisor wrote: {"database_url", "redis_url"}, or nothing before the first start."""
    try:
        return json.loads((data_dir / "services.json").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}


def database_url(data_dir: Path) -> str:
    """The embedded PostgreSQL's address; a harmless placeholder before it exists."""
    return services(data_dir).get("database_url", "postgresql://voronka@/voronka")


def redis_url(data_dir: Path) -> str:
    """The embedded Redis's address in redis-py's spelling (`unix:///path`)."""
    return services(data_dir).get("redis_url", "redis://localhost:6379/0")


def celery_url(url: str) -> str:
    """Celery spells a unix socket `redis+socket:///path?virtual_host=1`, redis-py `unix:///path?db=1`."""
    return "redis+socket://" + url.removeprefix("unix://").replace("?db=", "?virtual_host=") if url.startswith("unix://") else url


def secret_key(data_dir: Path) -> str:
    """The key of this installation, made once and kept beside its data, readable by its owner alone."""
    path = data_dir / "secret_key"
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        pass
    data_dir.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"secret_key.{os.getpid()}")
    scratch.touch(mode=0o600)
    scratch.write_text(secrets.token_urlsafe(50))
    try:
        os.link(scratch, path)  # the first of two starting processes wins, the other reads its key
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
    return path.read_text().strip()


EVERYWHERE = ("0.0.0.0", "::")


def base_url(host: str, port: int) -> str:
    """What people type to reach a server that listens on `host`."""
    return f"http://{'localhost' if host in (*EVERYWHERE, '127.0.0.1') else _bracketed(host)}:{port}"


def allowed_hosts(base_url: str, host: str) -> list[str]:
    """The names this server answers to: its own address and, for a local one, every loopback spelling."""
    names = {urlsplit(base_url).hostname or "", "" if host in EVERYWHERE else host}
    return sorted({"localhost", "127.0.0.1", "[::1]"} | {_bracketed(name) for name in names if name})


def _bracketed(host: str) -> str:
    """As an address spells it: `[::1]`."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def email_settings(url: str) -> dict[str, Any]:
    """Django's mail settings of EMAIL_URL: `smtp://user:password@host:port?tls=1`, `file:///folder`, or the log when empty."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": parts.path}
    query = parse_qs(parts.query)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": query.get("tls", ["0"])[0] == "1",
        "EMAIL_TIMEOUT": 10,
    }
