"""Keys made from words: what the API calls a field or an option."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

MAX_KEY = 40
PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
LATIN = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфхыэё", "abvgdeziiklmnoprstufhyee", strict=True)),
        **{"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""},
    }
)


def make_key(words: str, taken: Collection[str], fallback: str) -> str:
    """A plain key that says what the words say, and that nobody has yet."""
    latin = unicodedata.normalize("NFC", words).lower().translate(LATIN)
    plain = re.sub(r"[^a-z0-9]+", "_", unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()).strip("_")
    key = (plain if plain[:1].isalpha() else f"{fallback}_{plain}".rstrip("_"))[: MAX_KEY - 4].rstrip("_")
    number, found = 2, key
    while found in taken:
        number, found = number + 1, f"{key}_{number}"
    return found
