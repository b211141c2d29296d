"""A file as rows of text: CSV in whatever encoding and with whatever separator, and worksheets."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from crm.importing import sheet_reader
from crm.importing.encodings import SAMPLE, detect_encoding, detect_single_byte
from crm.importing.errors import UnreadableFile

SEPARATORS = (",", ";", "\t", "|")
MAX_COLUMNS = 1_000
MAX_CELL = 100_000
# A quote that is never closed would swallow the rest of the file.
MAX_LINES_OF_ROW = 1_000
MAX_LINE = 4 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_UNPACKED = 256 * 1024 * 1024
MAX_RATIO = 250
# By which a workbook that is locked by a password is known, whose own container is an older one.
LOCKED = "EncryptedPackage".encode("utf-16-le")
TRIED_ROWS = 60
SHEETS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
csv.field_size_limit(MAX_LINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row by the number of its line; `problem` says why it can't be used."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """How the file is written."""

    kind: str
    encoding: str = ""
    separator: str = ""
    # Of a workbook: the sheet that is read, and all that could be.
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def detect_format(path: Path, name: str, sheet: str = "") -> Format:
    """What kind of file it is, by its beginning first and its name second; of a workbook `sheet` is read, else the first one filled."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    if not sample.strip(b"\0 \r\n\t\xef\xbb\xbf"):
        raise UnreadableFile(_("The file is empty."))
    suffix = Path(name).suffix.lower()
    if sample.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _sheet_format(path, sample, sheet) if suffix in SHEETS or sample.startswith(b"PK") else _unknown()
    if sample.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        return _unknown()
    encoding = detect_encoding(sample)
    text = sample.decode(encoding, "replace").lstrip("\ufeff \r\n\t")
    if text[:11].upper() == "BEGIN:VCARD":
        return Format("vcard", encoding)
    if text[:1] == "<":
        return _unknown()
    return Format("csv", encoding, detect_separator(text))


def _unknown() -> Format:
    raise UnreadableFile(
        _("This is neither a table (CSV, XLSX) nor address cards (vCard). Save it as one of these in the program it is from.")
    )


def detect_separator(text: str) -> str:
    """The sign between cells: the one that cuts the first rows into equally many."""
    if text[:4].lower() == "sep=" and text[4:5] in SEPARATORS:
        return text[4]

    def score(separator: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in _some_rows(text, separator))
        width, times = widths.most_common(1)[0] if widths else (1, 1)
        return (0.0, 0) if width < 2 else (times / widths.total(), width)

    best = max(SEPARATORS, key=score)
    return best if score(best) > (0.0, 0) else ","


def _some_rows(text: str, separator: str) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if any(row):
                rows.append(row)
            if len(rows) > TRIED_ROWS:
                return rows
    except csv.Error:
        return []
    # What the sample's end has cut tells nothing.
    return rows[:-1] if len(rows) > 1 and len(text) >= SAMPLE // 4 else rows


def read_table(path: Path, form: Format) -> Iterator[Row]:
    """The rows of a table, one after another, none of them kept."""
    return _read_csv(path, form) if form.kind == "csv" else _read_sheet(path, form.sheet)


def _read_csv(path: Path, form: Format) -> Iterator[Row]:
    lines = _lines(path, form.encoding)
    waiting: deque[tuple[int, str]] = deque()
    while True:
        taken: list[tuple[int, str]] = []
        feed = _Feed(waiting, lines, taken)
        try:
            cells, problem = next(csv.reader(feed, delimiter=form.separator, strict=True), None), ""
        except csv.Error:
            cells, problem = [], _("A quotation mark is opened here and never closed.")
            if len(taken) == 1 and not feed.is_short:  # a stray one within the line does no harm
                cells, problem = next(csv.reader([taken[0][1]], delimiter=form.separator)), ""
        if not taken:
            return
        if problem and len(taken) > 1:
            waiting.extendleft(reversed(taken[1:]))
        line, text = taken[0]
        if problem:
            parts = text.replace("\0", "").rstrip("\r\n").split(form.separator)
            yield Row(line, [part.strip().strip('"') for part in parts], problem)
        elif line == 1 and text[:4].lower() == "sep=":
            continue
        elif cells and any(cell.strip() for cell in cells):
            yield _checked(line, cells)


class _Feed:
    """Lines for one row: those put back first; knows whether the row wanted more than there was."""

    def __init__(self, waiting: deque[tuple[int, str]], lines: Iterator[tuple[int, str]], taken: list[tuple[int, str]]) -> None:
        self.waiting, self.lines, self.taken = waiting, lines, taken
        self.is_short = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_LINES_OF_ROW:
            raise csv.Error
        line = self.waiting.popleft() if self.waiting else next(self.lines, None)
        if line is None:
            self.is_short = bool(self.taken)
            raise StopIteration
        self.taken.append(line)
        return line[1]


def _checked(line: int, cells: list[str]) -> Row:
    cells = [cell.replace("\0", "") for cell in cells]
    if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
        return Row(line, cells[:MAX_COLUMNS], _("The row has more than %(count)s cells.") % {"count": MAX_COLUMNS})
    if any(len(cell) > MAX_CELL for cell in cells):
        return Row(line, [cell[:100] for cell in cells], _("A cell is longer than %(count)s characters.") % {"count": MAX_CELL})
    return Row(line, cells[:MAX_COLUMNS])


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers. In UTF-8 a line that isn't is read as what it looks like: files are glued together from others."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        file.seek(0)
        if encoding.startswith("utf-16") or b"\n" not in head:
            text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
            yield from enumerate(iter(lambda: text.readline(MAX_LINE), ""), start=1)
            return
        for number, raw in enumerate(iter(lambda: file.readline(MAX_LINE), b""), start=1):
            if number == 1 and encoding == "utf-8-sig":
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            try:
                yield number, raw.decode("utf-8" if encoding == "utf-8-sig" else encoding)
            except UnicodeDecodeError:
                yield number, raw.decode(detect_single_byte(raw), "replace")


def _sheet_format(path: Path, sample: bytes, wanted: str) -> Format:
    """Which sheets there are, and which of them is read."""
    if LOCKED in sample:
        raise UnreadableFile(_("The file is locked by a password. Open it, save it without one, and import that file."))
    require_sane_zip(path)
    first, sheets = json.loads(next(_ask(path), '["", []]'))
    if not first:
        raise UnreadableFile(_("The file is empty."))
    return Format("sheet", sheet=wanted if wanted in sheets else first, sheets=tuple(sheets))


def _read_sheet(path: Path, name: str) -> Iterator[Row]:
    is_empty = True
    for line in _ask(path, name):
        is_empty = False
        yield _checked(*json.loads(line))
    if is_empty:
        raise UnreadableFile(_("The file is empty."))


def _ask(path: Path, *sheet: str) -> Iterator[bytes]:
    """What the process that reads workbooks writes, line by line."""
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
    command = [sys.executable, "-I", sheet_reader.__file__, str(path), *sheet]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as reader:
        try:
            yield from reader.stdout or ()
            came_to = reader.wait()
        finally:
            # Whoever has seen enough doesn't wait for the rest.
            reader.kill()
    if came_to == sheet_reader.DAMAGED:
        raise UnreadableFile(damaged())
    if came_to:
        raise UnreadableFile(_("The worksheet is too large to be opened. Delete what lies far outside of the table, or save it as CSV."))


def damaged() -> str:
    """What is said of a workbook that can't be opened."""
    return _("The worksheet is damaged or locked by a password. Open it and save it again as XLSX or CSV.")


def require_sane_zip(path: Path) -> None:
    """Refuse a packed file that would unpack to more than we can hold, whatever its directory claims."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            size = sum(entry.file_size for entry in entries)
            swollen = any(entry.file_size > 1024**2 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1) for entry in entries)
            if len(entries) > MAX_ENTRIES or size > MAX_UNPACKED or swollen or any(entry.flag_bits & 1 for entry in entries):
                raise UnreadableFile(
                    _("The file unpacks to far more than it seems to hold, so it wasn't opened. Save the sheet alone, or as CSV.")
                )
            for entry in entries:
                with packed.open(entry) as part:
                    # Reads as much as the directory says and compares the sum: a directory that lies is found out.
                    while part.read(1024**2):
                        pass
    except (zipfile.BadZipFile, OSError, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise UnreadableFile(damaged()) from error
