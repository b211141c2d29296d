"""Having a quote set: the data of its template, and the process that makes the PDF."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from crm.templatetags.display import locale, money_full, number

HERE = Path(__file__).resolve().parent
SECONDS = 25
# What has no place to break would run into the next column.
LONG_WORD = re.compile(r"\S{24}(?=\S)")


class NotSet(Exception):
    """The PDF could not be made."""


def set_pdf(data: dict[str, Any], *, logo: bytes = b"", at: datetime) -> bytes:
    """The PDF of this data (`data_of`). `NotSet` when it can't be made in time."""
    with TemporaryDirectory(prefix="quote-") as name:
        folder = Path(name)
        shutil.copyfile(HERE / "quote.typ", folder / "quote.typ")
        if logo:
            data = data | {"logo": f"logo.{kind_of_logo(logo)}"}
            (folder / data["logo"]).write_bytes(logo)
        # Of our surroundings it gets nothing but where programs lie: no secret could come into a document.
        environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
        command = [sys.executable, "-I", str(HERE / "typesetter.py"), str(folder), str(int(at.timestamp()))]
        try:
            done = subprocess.run(
                command, input=json.dumps(data).encode(), capture_output=True, timeout=SECONDS, check=False, env=environment, cwd=folder
            )
        except subprocess.TimeoutExpired:
            raise NotSet("it took too long") from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise NotSet(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def kind_of_logo(content: bytes) -> str:
    """`png` or `jpg` by what the file begins with; nothing for anything else."""
    return "png" if content.startswith(b"\x89PNG\r\n\x1a\n") else "jpg" if content.startswith(b"\xff\xd8\xff") else ""


def data_of(snapshot: dict[str, Any], *, label: str, language: str, issued_on: date, valid_until: date, currency: str) -> dict[str, Any]:
    """What the template shows, every figure and day written out in the quote's language."""
    with override(language):
        seller, client, words, by = (snapshot[part] for part in ("seller", "client", "words", "by"))
        lines = [_line(index, line) for index, line in enumerate(snapshot["lines"], 1)]
        return {
            "language": language,
            "title": _("Quote %(number)s") % {"number": label},
            "heading": _("Quote"),
            "logo": "",
            "facts": [
                {"label": _("No."), "value": label},
                {"label": _("of"), "value": _long_day(issued_on)},
                {"label": _("valid until"), "value": _long_day(valid_until)},
            ],
            "labels": {
                "to": _("For"),
                "number": _("No."),
                "item": _("Item"),
                "quantity": _("Quantity"),
                "price": _("Price"),
                "discount": _("Discount"),
                "tax": _("Tax, %"),
                "total": _("Sum"),
                "due": _("Total"),
                "terms": _("Terms"),
                "bank": _("Bank details"),
                "by": _("Prepared by"),
            },
            "seller": {"name": seller["name"], "details": [part for part in (seller["address"], _tax_id(seller), seller["reach"]) if part]},
            "client": {"name": client["name"], "details": [part for part in client["details"] if part]},
            "subject": snapshot["title"],
            "lines": lines,
            "has_discount": any(line["discount"] for line in lines),
            "has_tax": any(line["tax"] for line in lines),
            "sums": _sums(snapshot["sums"], included=snapshot["tax_included"], currency=currency),
            "due": money_full(Decimal(snapshot["sums"]["total"]), currency),
            "header": words["header"],
            "terms": words["terms"],
            "footer": words["footer"],
            "bank": seller["bank"],
            "by": by,
        }


def _line(index: int, line: dict[str, str]) -> dict[str, str]:
    discount, tax = Decimal(line["discount"]), Decimal(line["tax_rate"])
    unit = f" {line['unit']}" if line["unit"] else ""
    off = f"{number(discount, 2)} %" if line["discount_kind"] == "percent" else fixed(discount)
    return {
        "number": str(index),
        "name": LONG_WORD.sub("\\g<0>\u200b", line["name"]),
        "quantity": number(Decimal(line["quantity"]), 3) + unit,
        "price": fixed(Decimal(line["price"])),
        "discount": off if discount else "",
        "tax": number(tax, 2) if tax else "",
        "total": fixed(Decimal(line["total"])),
    }


def _sums(sums: dict[str, str], *, included: bool, currency: str) -> list[dict[str, str]]:
    """Without tax and discount there is nothing to say but the total."""
    told = []
    discount, tax = Decimal(sums["discount"]), Decimal(sums["tax"])
    if discount:
        told.append((_("Before the discount"), Decimal(sums["gross"])))
        told.append((_("Discount"), -discount))
    if tax:
        told.append((_("Without tax"), Decimal(sums["net"])))
        told.append((pgettext("quote", "Tax, in the total") if included else pgettext("quote", "Tax, on top"), tax))
    return [{"label": label, "value": money_full(value, currency).replace("-", "−")} for label, value in told]


def fixed(value: Decimal) -> str:
    """With two decimals always: figures under one another."""
    text = number(value, 2)
    sign = "," if locale() == "ru" else "."
    whole, _dot, cents = text.partition(sign)
    return f"{whole}{sign}{cents:0<2}"


def _tax_id(seller: dict[str, str]) -> str:
    return _("Tax id %(number)s") % {"number": seller["tax_id"]} if seller["tax_id"] else ""


def _long_day(value: date) -> str:
    return format_date(value, "d MMMM y", locale=locale())
