"""An event log as a stream of records: bytes to cells, with what cannot be read told line by line."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_LINE = 65_536
MAX_FILE = 1_024**3
REQUIRED = ("deal", "at", "stage")
OPTIONAL = ("outcome", "title", "amount", "currency", "owner", "company", "contact", "source", "lost_reason")


class UnreadableFile(Exception):
    """The file as a whole is not an event log; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row by column name; `problem` says why it cannot be used, and then only `deal` is worth reading."""

    line: int
    cells: dict[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    problem: str = ""


class EventLog:
    """The records of a CSV file, plain or gzipped; iterate once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns: list[str] = []
        self.ignored: list[str] = []

    def __iter__(self) -> Iterator[Record]:
        try:
            with self.path.open("rb") as file:
                packed = file.read(2) == b"\x1f\x8b"
                file.seek(0)
                if not packed and self.path.suffix == ".gz":
                    raise UnreadableFile(f"{self.path} is not a gzip file, though it is named like one")
                with gzip.GzipFile(fileobj=file) if packed else file as stream:
                    yield from self._records(deque(), self._lines(stream))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableFile(f"{self.path} is a damaged gzip file ({error})") from error
        except OSError as error:
            raise UnreadableFile(f"cannot read {self.path}: {error.strerror or error}") from error

    def _lines(self, stream: BinaryIO | gzip.GzipFile) -> Iterator[Line]:
        size = number = 0
        while raw := stream.readline(MAX_LINE + 1):
            number += 1
            size += len(raw)
            problem = ""
            if len(raw) > MAX_LINE:
                problem = f"the line is longer than {MAX_LINE:,} bytes"
                rest = raw
                while rest and not rest.endswith(b"\n"):
                    rest = stream.readline(MAX_LINE)
                    size += len(rest)
                    self._refuse_large(size)
                raw = raw[:1000]
            self._refuse_large(size)
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                text = raw.decode("utf-8", "replace")
                problem = problem or f"broken encoding: byte {error.start + 1} of the line is not UTF-8"
            if "\0" in text:
                problem = problem or "the line contains a zero byte"
            yield Line(number, text, problem)

    def _refuse_large(self, size: int) -> None:
        if size > MAX_FILE:
            raise UnreadableFile(f"{self.path} holds more than {MAX_FILE // 1_024**2:,} MB of text; split it by deals and import the parts")

    def _records(self, waiting: deque[Line], lines: Iterator[Line]) -> Iterator[Record]:
        header = next(lines, None)
        if header is None:
            raise UnreadableFile(f"{self.path} is empty")
        separator = self._read_header(header)
        while True:
            taken: list[Line] = []
            cells, problem = _parse(_feed(waiting, lines, taken), separator, len(self.columns))
            if not taken:
                return
            if problem and len(taken) > 1:
                # A quote that was never closed would swallow its neighbours: blame its own line alone.
                waiting.extendleft(reversed(taken[1:]))
                taken = taken[:1]
            problem = next((line.problem for line in taken if line.problem), problem)
            if problem:
                cells = [cell.strip().strip('"') for cell in taken[0].text.split(separator)]
            if problem or any(cell.strip() for cell in cells):
                named = {name: cell.strip() for name, cell in zip(self.columns, cells, strict=False)}
                yield Record(taken[0].number, named, problem)

    def _read_header(self, header: Line) -> str:
        separator = ";" if ";" in header.text and "," not in header.text else ","
        names = [name.strip().strip('"').lower() for name in header.text.split(separator)]
        missing = [name for name in REQUIRED if name not in names]
        if header.problem or missing:
            wanted = ", ".join(REQUIRED + OPTIONAL)
            reason = header.problem or f"its first line names no column {', '.join(missing)}"
            raise UnreadableFile(f"{self.path} is not an event log: {reason} (the columns are {wanted})")
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise UnreadableFile(f"{self.path} names the column {twice[0]} twice")
        self.columns = names
        self.ignored = [name for name in names if name and name not in REQUIRED + OPTIONAL]
        return separator


def _feed(waiting: deque[Line], lines: Iterator[Line], taken: list[Line]) -> Iterator[str]:
    """Text for the CSV parser, noting each line it takes, up to one record's measure."""
    size = 0
    while size <= MAX_LINE:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        taken.append(line)
        size += len(line.text)
        yield line.text if not line.problem else "\n"
        if line.problem:
            return


def _parse(feed: Iterator[str], separator: str, columns: int) -> tuple[list[str], str]:
    """The next record's cells, and what is wrong with it."""
    try:
        cells = next(csv.reader(feed, delimiter=separator, strict=True), [])
    except csv.Error as error:
        return [], "a quote is opened and not closed" if "end of data" in str(error) else f"not valid CSV: {error}"
    if len(cells) > columns:
        return [], f"{len(cells)} cells in {columns} columns"
    return cells, ""
