"""Cells of tables that people open in a spreadsheet: text stays text, whatever a formula it looks like."""

from __future__ import annotations

# A cell that begins so is run by spreadsheets; an apostrophe before it is theirs to say "text", and our importer takes it away again.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """The text as it may stand in a CSV: one that a spreadsheet would run gets an apostrophe, plain numbers stay as they are."""
    if text.startswith(DANGEROUS) and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    return text[:1] in "+-" and text[1:].replace(".", "", 1).replace(",", "", 1).isdigit()
