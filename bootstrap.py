#!/usr/bin/env python3
"""Set up whatever is missing and then do what was asked: `python3 bootstrap.py run | test | lint | setup`.

Needs only Python 3.11 and a package index; everything lands in `.venv` beside this file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
CHROMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROME_PLACES = (
    (Path("/Applications"), "Google Chrome.app/Contents/MacOS/Google Chrome"),
    (Path("/Applications"), "Chromium.app/Contents/MacOS/Chromium"),
    (Path.home() / ".cache/ms-playwright", "chromium-*/chrome-linux*/chrome"),
    (Path.home() / "Library/Caches/ms-playwright", "chromium-*/*/*.app/Contents/MacOS/*"),
)


def main(arguments: list[str]) -> int:
    """Set up and hand over."""
    command, rest = (arguments[0] if arguments else "run"), arguments[1:]
    if sys.version_info < (3, 11):
        return fail(f"Voronka needs Python 3.11 or newer; this is {sys.version.split()[0]}. Run it as: python3.11 bootstrap.py {command}")
    commands = {"run": run, "test": test, "lint": lint, "setup": lambda _: 0}
    if command not in commands:
        return fail(f"Unknown command {command!r}; there are: {', '.join(commands)}")
    os.chdir(ROOT)
    try:
        install(with_tools=command != "run")
    except subprocess.CalledProcessError as error:
        return fail(f"Installing failed: {' '.join(map(str, error.cmd))}. The lines above say why; run the same command again to go on.")
    return commands[command](rest)


def install(*, with_tools: bool) -> None:
    """Bring `.venv` to the locked versions, unless it has them."""
    wanted = lock_hash()
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        stamp = {}
    if stamp.get("lock") == wanted and (stamp.get("tools") or not with_tools) and works(PYTHON):
        return
    tools = with_tools or bool(stamp.get("tools"))
    STAMP.unlink(missing_ok=True)
    print("Installing the locked packages into .venv ...", flush=True)
    if uv := shutil.which("uv"):
        # --inexact: `run` without the tools must not remove those that `test` installed.
        step(
            uv,
            "sync",
            "--frozen",
            "--inexact",
            "--quiet",
            "--python",
            sys.executable,
            *([] if tools else ["--no-dev"]),
            UV_PROJECT_ENVIRONMENT=str(VENV),
        )
    else:
        install_with_pip(ROOT / ("requirements-dev.txt" if tools else "requirements.txt"))
    STAMP.write_text(json.dumps({"lock": wanted, "tools": tools}))


def install_with_pip(requirements: Path) -> None:
    """The way that every Python has."""
    if not works(PYTHON):
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False, capture_output=True, text=True)
        if made.returncode:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            sys.exit(
                f"This Python can't make virtual environments. On Debian or Ubuntu: apt install python{version}-venv\n{made.stdout.strip()}"
            )
    elif subprocess.run([str(PYTHON), "-m", "pip", "--version"], check=False, capture_output=True).returncode:
        step(PYTHON, "-m", "ensurepip", "--upgrade")  # uv makes environments without pip
    step(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", requirements)


def run(arguments: list[str]) -> int:
    """Become the supervisor, so that signals reach it directly."""
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), "up", *arguments])


def test(arguments: list[str]) -> int:
    """Find a browser and run the tests."""
    if chrome := find_chrome() or install_chrome():
        os.environ["VORONKA_CHROME"] = chrome
    else:
        print("No Chromium: the browser tests can't run. Install it (Debian: apt install chromium) or set VORONKA_CHROME.", flush=True)
    os.execv(PYTHON, [str(PYTHON), "-m", "pytest", "-n", "2", "--dist", "loadfile", *arguments])


def lint(_arguments: list[str]) -> int:
    """Run every check, also after one has failed, and say which did."""
    tool = VENV / "bin"
    checks = {
        "ruff check": [tool / "ruff", "check", "."],
        "ruff format": [tool / "ruff", "format", "--check", "."],
        "imports": [tool / "lint-imports"],
        "types": [tool / "mypy"],
        "templates": [tool / "djlint", "templates", "--lint", "--quiet"],
        "template rules": [PYTHON, "-m", "tests.template_rules"],
    }
    failed = [name for name, command in checks.items() if subprocess.run([str(part) for part in command], check=False).returncode]
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def find_chrome() -> str | None:
    """VORONKA_CHROME, else what is installed."""
    found = [os.environ.get("VORONKA_CHROME"), *map(shutil.which, CHROMES)]
    found += [str(path) for folder, pattern in CHROME_PLACES for path in sorted(folder.glob(pattern), reverse=True)]
    return next(filter(None, found), None)


def install_chrome() -> str | None:
    """Debian's Chromium, when we may."""
    apt = shutil.which("apt-get")
    if os.geteuid() != 0 or apt is None:
        return None
    print("Installing Chromium for the browser tests ...", flush=True)
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        subprocess.run([apt, *words], check=False, stdout=subprocess.DEVNULL, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    return find_chrome()


def lock_hash() -> str:
    """Changes when the locked packages or the Python do."""
    content = b"".join((ROOT / name).read_bytes() for name in ("uv.lock", "requirements.txt", "requirements-dev.txt"))
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def works(python: Path) -> bool:
    """Whether the environment's Python runs (its base may have been removed)."""
    try:
        return subprocess.run([str(python), "-c", ""], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def step(*command: str | Path, **environment: str) -> None:
    """Run one step of the set-up."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env=os.environ | environment)


def fail(message: str) -> int:
    """Say what is wrong; the exit code."""
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
