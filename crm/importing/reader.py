"""A file made ready: its rows on disk in one plain form, each found again by its place, and what its columns look like."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from crm.importing.errors import UnreadableFile
from crm.importing.headers import has_header, recognise
from crm.importing.tables import Format, Row, detect_format, read_table
from crm.importing.values import DateGuess, number_style
from crm.importing.vcards import read_cards

MAX_ROWS = 1_000_000
# So many lines may stand above the names of columns.
TITLES = 4
EXAMPLES = 3
MAX_DISTINCT = 100
MAX_EXAMPLE = 80
LOOKED_AT = 2_000


@dataclass(slots=True)
class Profile:
    """What a column looks like."""

    name: str
    filled: int = 0
    examples: list[str] = field(default_factory=list)
    # How often each value occurs; none where there are many different ones.
    values: dict[str, int] = field(default_factory=dict)
    date_style: str = ""
    number_style: str = ""


@dataclass(slots=True)
class Prepared:
    """A file that has been read through once."""

    format: Format
    has_header: bool
    rows: int
    columns: list[Profile]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Column:
    """Gathers a column's profile while its cells go by."""

    def __init__(self, name: str) -> None:
        self.profile = Profile(name)
        self.dates = DateGuess()
        self.numbers: Counter[str] = Counter()
        self.values: Counter[str] | None = Counter()

    def see(self, text: str) -> None:
        text = text.strip()
        if not text:
            return
        self.profile.filled += 1
        if len(self.profile.examples) < EXAMPLES and text[:MAX_EXAMPLE] not in self.profile.examples:
            self.profile.examples.append(text[:MAX_EXAMPLE])
        self.dates.see(text)
        if self.profile.filled < LOOKED_AT:
            self.numbers[number_style(text)] += 1
        if self.values is not None:
            self.values[text[:200]] += 1
            if len(self.values) > MAX_DISTINCT:
                self.values = None

    def finish(self) -> Profile:
        self.profile.date_style = self.dates.style
        del self.numbers[""]
        self.profile.number_style = self.numbers.most_common(1)[0][0] if self.numbers else ""
        self.profile.values = dict(self.values.most_common()) if self.values else {}
        return self.profile


def prepare(source: Path, name: str, target: Path, *, header: bool | None = None, sheet: str = "") -> Prepared:
    """Read the file through and write its rows to `target`, one JSON list a line: `[line, cells, problem]`.

    `header` says whether the first row names the columns; without it that is found out. UnreadableFile says what is wrong with the whole.
    """
    form = detect_format(source, name, sheet)
    rows = read_cards(source, form.encoding) if form.kind == "vcard" else read_table(source, form)
    head = list(islice(rows, TITLES + 2))
    if not head:
        raise UnreadableFile(_("The file is empty."))
    if form.kind != "vcard" and header is None:
        head = _without_titles(head)
    first, second = head[0].cells, head[1].cells if len(head) > 1 else []
    titled = form.kind == "vcard" or (has_header(first, second) if header is None else header)
    width = len(first)
    names = [cell.strip() for cell in first] if titled else [_("Column %(number)s") % {"number": number} for number in range(1, width + 1)]
    columns = [_Column(name[:200]) for name in names]
    fresh = target.with_name(f"{target.name}.new")
    count = _write(chain(head[1:] if titled else head, rows), fresh, columns)
    if not count:
        raise UnreadableFile(_("The file has a first row with names, but nothing below it."))
    # What was read before stays where the file can't be read in this way.
    fresh.replace(target)
    return Prepared(form, titled, count, [column.finish() for column in columns])


def _without_titles(head: list[Row]) -> list[Row]:
    """Without the lines that stand above the names of columns, such as “Clients, autumn” over the whole width."""
    for index, row in enumerate(head[: TITLES + 1]):
        filled = sum(bool(cell.strip()) for cell in row.cells)
        if filled > 1:
            return head[index:] if index and recognise(row.cells).known else head
    return head


def _write(rows: Iterator[Row], target: Path, columns: list[_Column]) -> int:
    count, width = 0, len(columns)
    with target.open("w", encoding="utf-8", errors="replace") as out:
        for row in rows:
            cells, problem = row.cells[:width], row.problem
            if not problem and any(cell.strip() for cell in row.cells[width:]):
                problem = _("The row has %(cells)s cells, but there are %(columns)s columns.") % {"cells": len(row.cells), "columns": width}
            for column, cell in zip(columns, cells, strict=False):
                column.see(cell)
            out.write(json.dumps([row.line, row.cells if problem else cells, problem], ensure_ascii=False) + "\n")
            count += 1
            if count > MAX_ROWS:
                raise UnreadableFile(_("The file has more than a million rows. Split it, and import the parts."))
    return count


def read_rows(prepared: Path, offset: int = 0) -> Iterator[tuple[Row, int]]:
    """The rows from this place on, each with the place behind it."""
    with prepared.open("rb") as file:
        file.seek(offset)
        for line in iter(file.readline, b""):
            number, cells, problem = json.loads(line)
            yield Row(number, cells, problem), file.tell()
