"""Which encoding a file is in: by its mark, by what fits, and by how the letters lie."""

from __future__ import annotations

import codecs
import re

SAMPLE = 256 * 1024
MARKS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
# Whole words of high bytes are Cyrillic; single ones among plain letters are accents.
RUN = re.compile(rb"[\x80-\xff]+")
CYRILLIC_RUN = 2.2
CYRILLIC = ("cp1251", "koi8-r", "cp866")
# Letters of Polish, Czech and Hungarian in cp1250 where Western Europe has signs that stand in no word.
CENTRAL = re.compile(rb"[A-Za-z][\xb3\xb9\xbf\x9c\x9f\x9a\x9e\xbe]|[\xb3\xb9\xbf\x9c\x9f\x9a\x9e\xbe][a-z]")
# Plain and accented Latin, Greek, Cyrillic, punctuation: the upper halves of their letters in UTF-16.
BLOCKS = (0x00, 0x01, 0x03, 0x04, 0x20)
# In a file that is otherwise UTF-8, so few lines may have come from elsewhere.
MIXED = 0.2


def detect_encoding(sample: bytes) -> str:
    """The encoding's name as Python knows it; a sample that is cut within a letter does no harm."""
    for mark, name in MARKS:
        if sample.startswith(mark):
            return name
    if wide := _wide(sample):
        return wide
    if is_utf8(sample):
        return "utf-8"
    lines = [line for line in sample.splitlines() if not line.isascii()]
    broken = [line for line in lines[:-1] if not is_utf8(line, whole=True)]
    if len(lines) > 1 and len(broken) <= MIXED * len(lines):
        return "utf-8"
    return detect_single_byte(sample)


def is_utf8(data: bytes, *, whole: bool = False) -> bool:
    """Whether the bytes are UTF-8, up to a letter that the sample's end has cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def detect_single_byte(data: bytes) -> str:
    """The encoding of bytes that aren't UTF-8."""
    runs = RUN.findall(data)
    if not runs:
        return "utf-8"
    if sum(map(len, runs)) / len(runs) >= CYRILLIC_RUN:
        return max(CYRILLIC, key=lambda name: _russian(data, name))
    if 4 * len(CENTRAL.findall(data)) > len(runs):
        return "cp1250"
    # They differ only in signs that Latin-1 doesn't have.
    return "cp1252" if re.search(rb"[\x80-\x9f]", data) else "iso-8859-1"


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark: every second byte says in which block of signs the letter stands, and there are few of them."""
    head = sample[: 4096 & ~1]
    if len(head) < 4 or 0 not in head:
        return ""
    for name, blocks in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if 0 in blocks and sum(map(blocks.count, BLOCKS)) > 0.9 * len(blocks):
            return name
    return ""


def _russian(data: bytes, encoding: str) -> float:
    """How much like Russian it looks: mostly small letters, capitals first in a word."""
    text = data[:SAMPLE].decode(encoding, "replace")
    small = sum("а" <= letter <= "я" or letter == "ё" for letter in text)
    odd = len(re.findall(r"[а-яё][А-ЯЁ]|[^\x00-\x7fА-яЁё№«»–—“”„…₽  ]", text))
    return small - 3 * odd
