"""Rows as CSV or XLSX: text stays text, numbers and days are such, and a file of any length takes no more memory than one row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import get_language

from crm.sheets import safe_cell

CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES = {CSV: "text/csv; charset=utf-8", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
# What a sheet of Excel holds: rows with the heads, and characters of one cell.
MAX_SHEET_ROWS, MAX_SHEET_CELL = 1_048_576, 32_767
# Beyond 15 digits a spreadsheet rounds: such a number is text.
MAX_DIGITS = 15
FIRST_DAY = date(1900, 3, 1)
UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def write_csv(head: list[str], rows: Iterable[list[Any]]) -> Iterator[bytes]:
    """Lines of a CSV as spreadsheets open it with a double click: UTF-8 with a mark, and in Russian semicolons and decimal commas."""
    # Asked now: the lines are written when the request, and with it its language, is over.
    return _lines(head, rows, "," if get_language() == "ru" else ".")


def _lines(head: list[str], rows: Iterable[list[Any]], comma: str) -> Iterator[bytes]:
    writer = csv.writer(_Echo(), delimiter=";" if comma == "," else ",")
    yield "\ufeff".encode() + writer.writerow([safe_cell(name) for name in head]).encode()
    for row in rows:
        yield writer.writerow([_written(cell, comma) for cell in row]).encode("utf-8", "replace")


def write_xlsx(out: BinaryIO, head: list[str], rows: Iterable[list[Any]]) -> None:
    """A workbook of one sheet; no cell is ever a formula or a link."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        bold, formats = book.add_format({"bold": True}), {}
        for kind, pattern in ((date, "yyyy-mm-dd"), (datetime, "yyyy-mm-dd hh:mm:ss")):
            formats[kind] = book.add_format({"num_format": pattern})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(head) - 1, 0), 20)
        for column, name in enumerate(head):
            sheet.write_string(0, column, UNFIT.sub("", name), bold)
        for line, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, date) and (cell.date() if isinstance(cell, datetime) else cell) >= FIRST_DAY:
                    sheet.write_datetime(line, column, cell, formats[type(cell)])
                elif isinstance(cell, int | Decimal) and len(f"{cell:f}".strip("-").replace(".", "")) <= MAX_DIGITS:
                    sheet.write_number(line, column, cell)
                else:
                    sheet.write_string(line, column, UNFIT.sub("", _written(cell, ".", is_safe=True))[:MAX_SHEET_CELL])


def _written(cell: Any, comma: str, *, is_safe: bool = False) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | Decimal):
        return f"{cell:f}".replace(".", comma)
    return str(cell) if is_safe else safe_cell(str(cell))


def keep_rows(path: Path, rows: Iterable[list[Any]], *, size: int) -> int:
    """Put rows behind the first `size` bytes of a file, whatever a worker that died has left there; its new size."""
    path.touch()
    with path.open("r+b") as out:
        out.truncate(size)
        out.seek(size)
        for row in rows:
            out.write(json.dumps([_kept(cell) for cell in row]).encode() + b"\n")
        return out.tell()


def kept_rows(path: Path) -> Iterator[list[Any]]:
    """The rows that were kept there."""
    with path.open("rb") as source:
        for line in source:
            yield [_as_it_was(cell) for cell in json.loads(line)]


def _kept(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return ["t", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    return ["n", str(cell)] if isinstance(cell, int | Decimal) else cell if cell is None else str(cell)


def _as_it_was(cell: Any) -> Any:
    if not isinstance(cell, list):
        return cell
    kind, text = cell
    return datetime.fromisoformat(text) if kind == "t" else date.fromisoformat(text) if kind == "d" else Decimal(text)
