"""Files as people really bring them, by name: what is refused in which words, and what comes in all the same."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import xlsxwriter

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000 1f15c4890000000d49444154789c6360000002000100")


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """An XLSX in memory."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        fill(book)
    return out.getvalue()


def _sheets(book: xlsxwriter.Workbook) -> None:
    """A hidden sheet, one with a merged title above its header and with formulas, an empty one, and one more."""
    secret, page = book.add_worksheet("Secret"), book.add_worksheet("Clients")
    secret.write_column(0, 0, ["Name", "Hidden Person"])
    # Only one that isn't the active sheet is hidden.
    page.activate()
    secret.hide()
    page.merge_range(0, 0, 0, 2, "Clients, autumn")
    page.write_row(2, 0, ["Name", "Email", "Notes"])
    page.write_row(3, 0, ["Sheet Person", "sheet@b.example"])
    page.write_formula(3, 2, '="1" & "2"', None, "12")
    book.add_worksheet("Empty")
    book.add_worksheet("More").write_column(0, 0, ["Name", "Other Sheet"])


def bomb() -> bytes:
    """40 MB of nothing in 40 kB."""
    out = io.BytesIO(workbook(lambda book: book.add_worksheet().write(0, 0, "Name") and None))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/bomb.xml", b"\0" * 40 * 1024**2)
    return out.getvalue()


def locked() -> bytes:
    """What Excel writes when asked for a password: an older container around an encrypted package."""
    free, end, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0) + struct.pack("<I", free) * 108
    fat = [0xFFFFFFFD, end, *range(3, 10), end]
    table = struct.pack(f"<{len(fat)}I", *fat) + struct.pack("<I", free) * (128 - len(fat))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        words = name.encode("utf-16-le") + b"\0\0" if name else b""
        body = words.ljust(64, b"\0") + struct.pack("<HBBIII", len(words), kind, 1, none, none, child) + bytes(36)
        return body + struct.pack("<IQ", start, size)

    entries = entry("Root Entry", 5, 1, end, 0) + entry("EncryptedPackage", 2, none, 2, 4096) + entry("", 0, none, 0, 0) * 2
    return head.ljust(512, b"\0") + table + entries + b"\x17" * 4096


MIXED = [f"Клиент {n};mixed{n}@b.example\n".encode("cp1251" if n == 7 else "utf-8") for n in range(12)]
WIDE = ",".join(["Name", "Email", *(f"Field {n}" for n in range(298))])
LIMIT = "larger than 100 MB"

REFUSED = {
    "empty.csv": (b"", "The file is empty."),
    "only blank lines.csv": (b"\xef\xbb\xbf\r\n\r\n", "The file is empty."),
    "only names.csv": (b"Name,Email\n", "nothing below it"),
    "picture.csv": (PNG, "neither a table"),
    "page.csv": (b"<!doctype html><p>Sign in", "neither a table"),
    "locked.xlsx": (locked(), "locked by a password"),
    "broken.xlsx": (b"PK\x03\x04 broken", "damaged"),
    "bomb.xlsx": (bomb(), "unpacks to far more"),
}
# What the file is, the names that come in, and by its line what is said of a row that doesn't.
TAKEN: dict[str, tuple[bytes, list[str], dict[int, str]]] = {
    "quotes and lines.csv": (
        b'Name,Email,Notes\n"Anna ""the Fox"", MD",fox@b.example,"one\ntwo, three"\nBob,bob@b.example,\n',
        ['Anna "the Fox", MD', "Bob"],
        {},
    ),
    "two encodings.csv": ("Имя;Email\n".encode() + b"".join(MIXED), [f"Клиент {n}" for n in range(12)], {}),
    "formulas.csv": (b'Name,Notes\n=1+1,"=HYPERLINK(""http://x"")"\n@SUM(A1),-2+3\n', ["=1+1", "@SUM(A1)"], {}),
    "300 columns.csv": (f"{WIDE}\nWide,wide@b.example,{','.join(map(str, range(298)))}\n".encode(), ["Wide"], {}),
    "no names of columns.csv": (b"Nameless,nameless@b.example\nOther,other@b.example\n", [], {}),
    "any script.csv": (
        "Name,Email\nعمر الخيام,omar@b.example\nאסתר,ester@b.example\nZ\u200boë,zoe@b.example\n李雷,li@b.example\n\u202eevil\u202c,e@b.example\n".encode(),
        ["عمر الخيام", "אסתר", "Zoë", "李雷", "evil"],
        {},
    ),
    "phones.csv": (
        b"Name,Phone\nA,8 (916) 123-45-67\nB,+1 202 555 0143\nC,9161234568\nD,123-45\nE,none at all\n",
        ["A", "B", "C", "D", "E"],
        {},
    ),
    "dates.csv": (
        b'Name,Created\nA,2026-01-31\nB,31.01.2026\nC,01/31/2026\nD,"Jan 31, 2026"\nE,46053\nF,31.02.2026\n',
        ["A", "B", "C", "D", "E"],
        {7: "is not a date"},
    ),
    "one name twice.csv": (b"Name,Email,Email,City,City\nTwice,one@b.example,two@b.example,Tver,Omsk\n", ["Twice"], {}),
    "ends in a quote.csv": (b'Name,Email\nWhole,whole@b.example\n"Half,half@b.ex', ["Whole"], {3: "never closed"}),
    "zero bytes.csv": (b'Name,Email\nZe\0ro,zero@b.example\n"Op\0en,x@b.example\n', ["Zero"], {3: "never closed"}),
    "sheets.xlsx": (workbook(_sheets), ["Sheet Person"], {}),
    "rows of any length.csv": (b"Name,Email\nShort\nLong,long@b.example,,,\nToo,too@b.example,many\n", ["Short", "Long"], {4: "3 cells"}),
}
