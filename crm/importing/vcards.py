"""Address cards (vCard 2.1, 3 and 4) as rows of a table with the headers of Google Contacts."""

from __future__ import annotations

import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from crm.importing.tables import MAX_CELL, Row, _lines

SLOTS = 4
HEADER = [
    "File As",
    "First Name",
    "Middle Name",
    "Last Name",
    "Nickname",
    "Organization Name",
    "Organization Title",
    "Birthday",
    "Notes",
    "Labels",
    "UID",
]
HEADER += [
    f"{what} {slot} - {part}" for what in ("E-mail", "Phone", "Website") for slot in range(1, SLOTS + 1) for part in ("Label", "Value")
]
PARTS = ("Label", "Street", "City", "Region", "Postal Code", "Country", "Formatted")
HEADER += [f"Address {slot} - {part}" for slot in (1, 2) for part in PARTS]
LABELS = {"work": "Work", "home": "Home", "cell": "Mobile", "fax": "Fax", "pager": "Pager", "main": "Main"}
SINGLE = {
    "FN": "File As",
    "NICKNAME": "Nickname",
    "TITLE": "Organization Title",
    "BDAY": "Birthday",
    "NOTE": "Notes",
    "CATEGORIES": "Labels",
    "UID": "UID",
}
REPEATED = {"EMAIL": "E-mail", "TEL": "Phone", "URL": "Website", "X-SOCIALPROFILE": "Website"}
PROPERTY = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;(?:\"[^\"]*\"|[^:\"])*)?):(.*)", re.S)
ESCAPED = re.compile(r"\\([\\,;:nN])")
PARTED = re.compile(r"(?<!\\);")
MAX_LINES = 20_000
# What the cards of real programs name. Python knows more, some of which make text of anything, even what is no text.
CHARSETS = {"utf-8", "utf8", "utf-16", "windows-1250", "windows-1251", "windows-1252", "cp1251", "koi8-r", "koi8-u", "cp866", "us-ascii"}
CHARSETS |= {"iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-15", "gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"}


@dataclass
class Card:
    """One card as far as it is read."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    preferred: set[str] = field(default_factory=set)
    lines: int = 0

    def row(self) -> Row:
        if not self.cells.get("File As") and any(self.cells.get(name) for name in ("First Name", "Last Name")):
            self.cells["File As"] = " ".join(filter(None, (self.cells.get(name) for name in ("First Name", "Middle Name", "Last Name"))))
        return Row(self.line, [self.cells.get(name, "")[:MAX_CELL].replace("\0", "") for name in HEADER])


def read_cards(path: Path, encoding: str) -> Iterator[Row]:
    """The header, then one row per card; a card that never ends is told of, the others are read."""
    yield Row(0, HEADER)
    card: Card | None = None
    for line, text in _unfolded(_lines(path, encoding)):
        plain = text.strip().upper()
        if plain == "BEGIN:VCARD":
            if card is not None and card.cells:
                yield Row(card.line, card.row().cells, _("The card that begins here has no end."))
            card = Card(line)
        elif plain == "END:VCARD" and card is not None:
            yield card.row()
            card = None
        elif card is not None:
            card.lines += 1
            if card.lines > MAX_LINES:
                yield Row(card.line, card.row().cells, _("The card that begins here has no end."))
                card = None
            else:
                _take(card, text)
    if card is not None and card.cells:
        yield Row(card.line, card.row().cells, _("The card that begins here has no end."))


def _unfolded(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines put together again: those that go on with a space, and those of quoted-printable that end with “=”."""
    number, parts, size, is_quoted = 0, [""], 0, False
    for line, text in lines:
        text = text.rstrip("\r\n").lstrip("\ufeff")
        if is_quoted and parts[-1].endswith("="):
            parts[-1] = parts[-1][:-1]
        elif size and text[:1] in (" ", "\t"):
            text = text[1:]
        else:
            if size:
                yield number, "".join(parts)
            number, parts, size = line, [], 0
            is_quoted = "QUOTED-PRINTABLE" in text.partition(":")[0].upper()
        # Of a line without end only the beginning is kept, and whether it goes on.
        parts.append(text if size < 50 * MAX_CELL else text[-1:])
        size += len(text)
    if size:
        yield number, "".join(parts)


def _take(card: Card, text: str) -> None:
    found = PROPERTY.fullmatch(text)
    if not found:
        return
    name, parameters = found[1].upper(), [part.strip().strip('"') for part in found[2].split(";") if part]
    value = _decoded(found[3], [part.upper() for part in parameters], parameters)
    if name in SINGLE:
        card.cells.setdefault(
            SINGLE[name], _plain(value.replace(r"\,", "\0").replace(",", ", ").replace("\0", ",") if name == "CATEGORIES" else value)
        )
    elif name == "N":
        parts = [_plain(part) for part in PARTED.split(value)] + [""] * 3
        card.cells["Last Name"], card.cells["First Name"], card.cells["Middle Name"] = parts[:3]
    elif name == "ORG":
        card.cells.setdefault("Organization Name", _plain(PARTED.split(value)[0]))
    elif name in REPEATED:
        _add(card, REPEATED[name], _plain(value).removeprefix("tel:").removeprefix("mailto:").replace(";ext=", " ext. "), parameters)
    elif name == "ADR":
        _add_address(card, [_plain(part) for part in PARTED.split(value)], parameters)


def _decoded(value: str, upper: list[str], parameters: list[str]) -> str:
    charset = next((part.split("=")[1].lower() for part in parameters if part.upper().startswith("CHARSET=")), "utf-8")
    if any(part in ("QUOTED-PRINTABLE", "ENCODING=QUOTED-PRINTABLE") for part in upper):
        data = quopri.decodestring(value.encode("utf-8", "replace"))
    elif any(part in ("BASE64", "ENCODING=BASE64", "ENCODING=B", "B") for part in upper):
        try:
            data = b64decode("".join(value.split()), validate=False)[:MAX_CELL]
        except ValueError:
            return ""
    else:
        return value
    try:
        return data.decode(charset if charset in CHARSETS else "utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1251", "replace")


def _plain(value: str) -> str:
    return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _label(parameters: list[str]) -> str:
    kinds = {kind for part in parameters for kind in part.lower().removeprefix("type=").split(",")}
    return next((label for kind, label in LABELS.items() if kind in kinds), "")


def _add(card: Card, what: str, value: str, parameters: list[str]) -> None:
    if not value:
        return
    slots = [slot for slot in range(1, SLOTS + 1) if not card.cells.get(f"{what} {slot} - Value")]
    if not slots:
        return
    slot = slots[0]
    is_preferred = any(part.lower() in ("pref", "type=pref", "pref=1") or "pref" in part.lower().split(",") for part in parameters)
    if is_preferred and what not in card.preferred:
        # The preferred one is the main one: it comes first.
        card.preferred.add(what)
        for number in range(slot, 1, -1):
            for part in ("Label", "Value"):
                card.cells[f"{what} {number} - {part}"] = card.cells.get(f"{what} {number - 1} - {part}", "")
        slot = 1
    card.cells[f"{what} {slot} - Label"], card.cells[f"{what} {slot} - Value"] = _label(parameters), value


def _add_address(card: Card, parts: list[str], parameters: list[str]) -> None:
    parts += [""] * 7
    _box, _extended, street, city, region, code, country = parts[:7]
    for slot in (1, 2):
        if not any(card.cells.get(f"Address {slot} - {part}") for part in PARTS):
            values = (_label(parameters), street, city, region, code, country, "")
            card.cells |= {f"Address {slot} - {part}": value for part, value in zip(PARTS, values, strict=True)}
            return
