"""The process that reads one workbook. `python sheet_reader.py PATH SHEET` writes a line of JSON `[line, cells]` for each filled row;
without SHEET one line alone: `[the first sheet that holds anything, all that are shown]`.

The library holds a sheet as one rectangle: two cells in opposite corners ask for half a terabyte, and it answers by ending the process.
Every format has its own way to say so (far references, repeated rows and columns), and what a file declares about its size may be a
lie. So nobody judges the file beforehand; the operating system holds the limit, and only this process ends.
"""

import json
import math
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

SECONDS, BYTES = 120, 2 * 1024**3
MAX_LINE = 4 * 1024 * 1024
# What the process ends with.
DAMAGED, TOO_MUCH = 3, 4


def main(path: str, wanted: str = "") -> int:
    """Hidden sheets and charts are never read."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        shown = [
            meta.name
            for meta in book.sheets_metadata
            if meta.visible == python_calamine.SheetVisibleEnum.Visible and meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        if wanted:
            return write(book.get_sheet_by_name(wanted))
        # A sheet alone needn't be read twice to see whether it is filled.
        filled = shown if len(shown) == 1 else (name for name in shown if book.get_sheet_by_name(name).height)
        print(json.dumps([next(iter(filled), ""), shown]))
    except (python_calamine.CalamineError, OSError, ValueError):
        return DAMAGED
    except MemoryError:
        return TOO_MUCH
    return 0


def write(sheet: Any) -> int:
    """Its rows, as they are come to."""
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [text_of(cell) for cell in cells]
        if any(texts):
            row = json.dumps([line, texts], ensure_ascii=False)
            if len(row) > MAX_LINE:
                return TOO_MUCH
            sys.stdout.buffer.write(row.encode("utf-8", "replace") + b"\n")
    return 0


def text_of(cell: Any) -> str:
    """A cell of a worksheet as it would stand in a CSV: whole numbers without a point, times in ISO."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else "" if not math.isfinite(cell) else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell is None else str(cell).strip()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.exit(main(*sys.argv[1:]))
