"""Files to be imported: made-up companies, contacts, and deals with the history of their stages, as CSV and XLSX."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import xlsxwriter

Cells = list[str]
FIRST, LAST = ["Anna", "Пётр", "Zoë", "Olga", "Ivan", "Мария"], ["Arlova", "Belov", "Chen", "Dunn", "Ёлкина", "Fox"]
CITIES = ["Moscow", "Тверь", "Kazan", "Omsk", "Berlin"]
STAGES = ["Imported A", "Imported B", "Imported C", "Imported D"]
BEGAN = datetime(2024, 1, 8, 9)


def companies(rows: int, mark: str) -> Iterator[Cells]:
    """A header and so many companies."""
    yield ["Company name", "Website", "City", "Phone", "Email", "Record ID", "Tags"]
    for n in range(rows):
        tag = f"Segment {n % 7}"
        yield [f"Firm {mark} {n}", f"firm-{mark}-{n}.example", CITIES[n % 5], phone(n), f"info@firm-{mark}-{n}.example", f"{mark}{n}", tag]


def contacts(rows: int, mark: str) -> Iterator[Cells]:
    """A header and so many people, five of them in each company."""
    yield ["First name", "Last name", "Job title", "Company", "Email", "Mobile phone", "City", "Record ID", "Tags", "Notes"]
    for n in range(rows):
        name, company = [FIRST[n % 6], f"{LAST[n // 6 % 6]} {n}"], f"Firm {mark} {n // 5}"
        reach = [f"person.{n}@{mark}.example", phone(n), CITIES[n % 5]]
        yield [*name, "Buyer", company, *reach, f"{mark}{n}", f"Segment {n % 7}", "Met at the fair" if n % 4 == 0 else ""]


def deals(rows: int, mark: str) -> Iterator[Cells]:
    """A header and so many deals, as Salesforce writes them."""
    yield ["Id", "Name", "StageName", "Amount", "IsClosed", "IsWon", "CreatedDate", "CloseDate", "Email", "Account Name"]
    for n in range(rows):
        began = BEGAN + timedelta(minutes=5 * n)
        is_closed, is_won = n % 10 != 0, n % 3 == 0 and n % 10 != 0
        stage = STAGES[n % 4] if not is_closed else "Closed Won" if is_won else "Closed Lost"
        terms = [stage, str(1000 + n % 9000), str(int(is_closed)), str(int(is_won)), began.isoformat(), (began + timedelta(9)).isoformat()]
        yield [f"{mark}{n}", f"Deal {mark} {n}", *terms, f"person.{n // 2}@{mark}.example", f"Firm {mark} {n // 10}"]


def history(rows: int, mark: str) -> Iterator[Cells]:
    """A header, and for each of those deals when it came to which stage."""
    yield ["OpportunityId", "CreatedDate", "StageName"]
    for n in range(rows):
        for step in range(n % 4 + 1):
            yield [f"{mark}{n}", (BEGAN + timedelta(minutes=5 * n, days=2 * step)).isoformat(), STAGES[step]]


def phone(n: int) -> str:
    """A number as people write it, without its country."""
    digits = f"{9_160_000_000 + n % 9_999_999}"
    return f"8 ({digits[:3]}) {digits[3:6]}-{digits[6:8]}-{digits[8:]}"


def write(path: Path, rows: Iterable[Cells]) -> Path:
    """As CSV or XLSX, by the name."""
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return path
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    return path
