"""Pages of a list by key: whoever reads on begins after the last row seen, so page 1,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
Key = tuple[str, int]
MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list; `next` is the key that the next page begins after, empty on the last one."""

    rows: list[Row]
    next: str = ""
    is_further: bool = False


def write_key(key: Key) -> str:
    """A row's place in the order, as an address carries it."""
    return base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode().rstrip("=")


def read_key(text: str) -> Key | None:
    """The place that an address names; nothing for anything else, and then the list begins at its start."""
    try:
        name, pk = json.loads(base64.urlsafe_b64decode(text[:2000].encode() + b"=="))
    except (ValueError, TypeError, binascii.Error):
        return None
    if isinstance(name, str) and "\0" not in name and type(pk) is int and 0 <= pk <= MAX_ID:
        return name, pk
    return None
