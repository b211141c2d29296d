"""A long file comes in by HTTP while people work: rows a second, memory, the site meanwhile, a killed worker, and taking it back."""

from __future__ import annotations

import http.client
import json
import os
import signal
import tempfile
import threading
import time
import uuid
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

from bench import import_files
from bench.stack import Stack

PARTS = {"worker": "celery --app config --quiet worker", "web": "spawn_main"}
BREAK = 0.25
QUIET_SECONDS = 25
FILES = [("company", "csv"), ("contact", "csv"), ("contact", "xlsx"), ("deal", "csv")]


def measure(stack: Stack, *, rows: int) -> None:
    """Print what each file costs, one after another; the worker is killed in the middle of the second."""
    people = stack.python("bench.people")
    person = Person(stack, {"Cookie": people["cookies"]["admin"], "X-CSRFToken": people["csrf"], "Referer": stack.url})
    pages = {"board": f"/board/{people['pipeline']}/", "contact": f"/contacts/{people['contact']}/"}
    for number, (kind, suffix) in enumerate(FILES):
        mark = f"{uuid.uuid4().hex[:4]}{number}"
        with tempfile.TemporaryDirectory() as folder:
            _measure_file(stack, person, Path(folder), kind, suffix, mark, rows, pages, kills=number == 1)


def _measure_file(
    stack: Stack,
    person: Person,
    folder: Path,
    kind: str,
    suffix: str,
    mark: str,
    rows: int,
    pages: dict[str, str],
    *,
    kills: bool,
) -> None:
    make = {"company": import_files.companies, "contact": import_files.contacts, "deal": import_files.deals}[kind]
    file = import_files.write(folder / f"{kind}.{suffix}", make(rows, mark))
    with Visitor(person, pages) as visitor:  # anew for each file, since the neighbours of the machine change
        time.sleep(QUIET_SECONDS)
    alone = visitor.times
    forget_peaks(stack)
    began = time.monotonic()
    batch = person.upload("/api/v1/imports/", file, kind=kind)["id"]
    taken_in = time.monotonic() - began
    if kind == "deal":
        person.upload(f"/import/{batch}/history/", import_files.write(folder / "history.csv", import_files.history(rows, mark)))
    with Visitor(person, pages) as visitor:
        pace = person.run(stack, batch, "start", kills=kills)
    counts = stack.python("bench.import_counts", str(batch), mark)
    print(f"{rows:,} rows of {kind} as {suffix}, {file.stat().st_size / 1e6:.0f} MB: taken in within {taken_in:.1f} s")
    print(f"  in: {pace.words()}; {counts['words']}")
    print(f"  peak memory: {', '.join(f'{name} {size:.0f} MB' for name, size in peaks(stack).items())}")
    for name in pages:
        print(f"  {name} meanwhile: {compared(visitor.times[name], alone[name])}")
    forget_peaks(stack)
    with Visitor(person, pages) as visitor:
        pace = person.run(stack, batch, "revert")
    left = stack.python("bench.import_counts", str(batch), mark)
    print(f"  taken back: {pace.words()}; left of it {left['there']}, kept {left['kept']}")
    for name in pages:
        print(f"  {name} meanwhile: {compared(visitor.times[name], alone[name])}")


def compared(meanwhile: list[float], alone: list[float]) -> str:
    """Times against those of a quiet site."""
    ratio = median(meanwhile) / median(alone)
    slow = quantiles(meanwhile, n=20)[18] if len(meanwhile) > 2 else max(meanwhile)
    return f"median {median(meanwhile) * 1000:.0f} ms against {median(alone) * 1000:.0f} ms, ratio {ratio:.2f}; p95 {slow * 1000:.0f} ms"


class Person:
    """Somebody signed in, by one request after another."""

    def __init__(self, stack: Stack, headers: dict[str, str]) -> None:
        self.address, self.headers = urlsplit(stack.url).netloc, headers

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        connection = http.client.HTTPConnection(self.address, timeout=600)
        connection.request(method, path, body, self.headers | {"Content-Type": kind})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        edge = uuid.uuid4().hex
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
        parts += [f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n']
        body = "".join(parts).encode() + file.read_bytes() + f"\r\n--{edge}--\r\n".encode()
        answer = self.ask("POST", path, body, f"multipart/form-data; boundary={edge}")
        return json.loads(answer) if path.startswith("/api/") else None

    def run(self, stack: Stack, batch: int, verb: str, *, kills: bool = False) -> Pace:
        """Start it and watch it to its end; `kills` the worker once in the middle."""
        pace, over = Pace(), "done" if verb == "start" else "reverted"
        self.ask("POST", f"/api/v1/imports/{batch}/{verb}/", b"{}" if verb == "start" else b"")
        while True:
            now = json.loads(self.ask("GET", f"/api/v1/imports/{batch}/"))
            pace.saw(now["done"], spent(stack))
            if now["error"]:
                raise RuntimeError(now["error"])
            if now["state"] == over:
                return pace
            if kills and now["done"] > now["rows"] * 0.4:
                kills = False
                for pid in pids(stack, "worker"):
                    os.kill(pid, signal.SIGKILL)
                pace.killed_at = now["done"]
            time.sleep(1)


class Pace:
    """How far it was when."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int, float]] = []
        self.killed_at = 0

    def saw(self, done: int, processor: float) -> None:
        self.seen.append((time.monotonic(), done, processor))

    def words(self) -> str:
        """The rate, and what a row costs in the first and the last third, since a chunk must cost the same wherever it stands."""
        (began, _done, _spent), (ended, done, _all) = self.seen[0], self.seen[-1]
        first, last = (self._cost(done * low, done * high) for low, high in ((0.03, 0.36), (0.64, 0.97)))
        killed = f", the worker killed (kill -9) at {self.killed_at:,}" if self.killed_at else ""
        rate = f"{done / (ended - began):.0f}/s over {ended - began:.0f} s"
        return f"{rate}, {first:.1f} ms of processor a row in the first third, {last:.1f} ms in the last{killed}"

    def _cost(self, low: float, high: float) -> float:
        """Milliseconds of processor a row, of worker and database together."""
        seen = [(done, processor) for _at, done, processor in self.seen if low <= done <= high]
        return (
            (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0]) * 1000 if len(seen) > 1 and seen[-1][0] > seen[0][0] else float("nan")
        )


class Visitor:
    """Opens the pages in turns, with a breath between, until the block ends."""

    def __init__(self, person: Person, pages: dict[str, str]) -> None:
        self.person, self.pages = person, pages
        self.times: dict[str, list[float]] = {name: [] for name in pages}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._visit)

    def __enter__(self) -> Visitor:
        self.thread.start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self.over.set()
        self.thread.join()

    def _visit(self) -> None:
        while not self.over.wait(BREAK):
            for name, path in self.pages.items():
                began = time.monotonic()
                self.person.ask("GET", path)
                self.times[name].append(time.monotonic() - began)


def pids(stack: Stack, part: str) -> list[int]:
    """The processes of that part."""
    return [pid for pid, command in stack.processes().items() if PARTS[part] in command]


def spent(stack: Stack) -> float:
    """Seconds of processor of everything but the web processes."""
    web = set(pids(stack, "web"))
    return sum(seconds for pid, seconds in stack.spent().items() if pid not in web)


def forget_peaks(stack: Stack) -> None:
    """From now on the peak of each process's memory is counted anew."""
    for part in PARTS:
        for pid in pids(stack, part):
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def peaks(stack: Stack) -> dict[str, float]:
    """The largest resident memory since then, of the hungriest process of each part, in MB."""

    def peak(pid: int) -> float:
        line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    return {part: max(peak(pid) for pid in pids(stack, part)) for part in PARTS}
