"""Numbers of records as an address or a form gives them."""

from __future__ import annotations

MAX_ID = 2**63 - 1


def read_id(text: object) -> int:
    """The id that was written: 0, which no record has, for anything that is none."""
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) < 20):
        return 0
    number = int(text)
    return number if number <= MAX_ID else 0
