"""Child processes that never outlive us: own session, prefixed output, an ordered and bounded stop."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Loaded before any fork: between fork and exec nothing may be imported.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1
WRITING = threading.Lock()


@dataclass(frozen=True)
class Account:
    """The unprivileged user a server runs as when we are root (PostgreSQL refuses root)."""

    uid: int
    gid: int


def say(name: str, line: str) -> None:
    """Print one line of a process under its name; a closed terminal must not block the process."""
    try:
        with WRITING:
            sys.stdout.write(f"{name:<8} | {line}\n")
            sys.stdout.flush()
    except (OSError, ValueError):
        pass


def _die_with_parent(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def prepare() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:  # the parent died before the line above
                os._exit(1)

    return prepare


class Child:
    """One server process that we start, watch and stop.

    Start it from the main thread only: Linux ties the "parent died" signal to the thread that forked.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals | None = None,
        account: Account | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        log: Callable[[str, str], None] = say,
    ) -> None:
        self.name = name
        self.command = [os.fspath(part) for part in command]
        self.stop_signal = stop_signal
        self.death_signal = death_signal or stop_signal
        self.account = account
        self.environment = environment
        self.folder = folder
        self.log = log
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches only us."""
        account = {} if self.account is None else {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        self.process = subprocess.Popen(  # type: ignore[call-overload]
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=self.folder or "/",
            env=None if self.environment is None else dict(self.environment),
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid(), self.death_signal),
            **account,
        )
        threading.Thread(target=self._relay, args=(self.process,), daemon=True, name=f"log-{self.name}").start()

    def _relay(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.log(self.name, line.rstrip())

    @property
    def returncode(self) -> int | None:
        """The exit code once the process has ended; 0 when it was never started."""
        return 0 if self.process is None else self.process.poll()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.returncode is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process if it still runs."""
        if self.process is not None and self.alive:
            self.process.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Wait for the end at most this long; whether it came."""
        try:
            if self.process is not None:
                self.process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal and wait its seconds until the process ends, then kill what is left of its session."""
        for number, seconds in steps or ((self.stop_signal, 5.0),):
            self.send(number)
            if self.wait(seconds):
                break
        self.sweep()

    def sweep(self) -> None:
        """Kill whatever the process left behind in its group (a dead web master leaves its workers)."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.wait(2.0)


def is_alive(pid: int) -> bool:
    """Whether a process of that number exists, ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Ask again and again until the condition holds or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
