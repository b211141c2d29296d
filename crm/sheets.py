"""Cells of tables that people open in a spreadsheet: text stays text, whatever a formula it looks like."""

from __future__ import annotations

import unicodedata

# A cell that begins so is run by spreadsheets; an apostrophe before it is theirs to say "text", and our importer takes it away again.
DANGEROUS = ("=", "+", "-", "@")
CONTROLS = ("\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """The text as it may stand in a CSV: one that a spreadsheet would run gets an apostrophe, plain numbers stay as they are."""
    # Spreadsheets pass over blanks, and read fullwidth signs as plain ones.
    bare = unicodedata.normalize("NFKC", text[:100]).lstrip()
    is_run = bare.startswith(DANGEROUS) and not _is_number(text.strip())
    return "'" + text if is_run or text.startswith(CONTROLS) else text


def _is_number(text: str) -> bool:
    return text.isascii() and text[:1] in "+-" and text[1:].replace(".", "", 1).replace(",", "", 1).isdigit()
