"""How words are made alike before they are compared, and the ways in which what was typed can be read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# As `crm_search_fold` does it in the database (a test compares them): what differs only by habit becomes the same letter.
ALIKE = str.maketrans("ёáàâäãåçéèêëíìîïñóòôöõúùûüýÿšž", "еaaaaaaceeeeiiiinooooouuuuyysz")
UNSEEN = str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u0301")
BREAKS = re.compile(r"[\s«»„“”‘’\"'`()\[\]{}<>,;:!?|/\\…—–‐-]+")
MAX_TEXT, MAX_WORDS = 100, 8
MIN_DIGITS = 3
LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
TO_RUSSIAN = str.maketrans(LATIN_KEYS + LATIN_KEYS.upper() + '{}:"<>~', RUSSIAN_KEYS + RUSSIAN_KEYS.upper()[: len(LATIN_KEYS)] + "ХЪЖЭБЮЁ")
TO_LATIN = str.maketrans(RUSSIAN_KEYS, LATIN_KEYS)
# The longer first.
SOUNDS = [
    *(("shch", "щ"), ("sch", "щ"), ("yo", "е"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ya", "я")),
    *zip("abvgdeziyklmnoprstufhcjxwq", "абвгдезийклмнопрстуфхцйхвк", strict=True),
]
LETTERS = {
    **dict(zip("абвгдезийклмнопрстуфцыэ", "abvgdeziyklmnoprstufcye", strict=True)),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"},
}
SPELT = re.compile("|".join(sound for sound, _letter in SOUNDS))


def _habits(*pairs: tuple[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(spelt), other) for spelt, other in pairs]


# How habit and how passports write the same: Julia and Yuliya, Evgeny and Evgeniy.
BY_HABIT = _habits((r"\by(?=[ua])", "j"), (r"iya\b", "ia"), (r"iy\b", "y"))
BY_LETTER = _habits((r"\bj(?=[ua])", "y"), (r"ia\b", "iya"), (r"(?<=[^aeiouy])y\b", "iy"))
# Юлия is Yulia, Yuliya, Iulia and Julia; Евгений is Evgeny, Evgenii and Yevgeniy.
SAME_SOUND = _habits(("[yji]+(?=[aeou])", ""), ("[yji]+$", "i"), ("kh", "h"), ("t[sz]", "c"), ("w", "v"))


def fold(text: str) -> str:
    """Small letters without accents, quotes and doubled spaces; Ё as Е."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(ALIKE).translate(UNSEEN)
    return BREAKS.sub(" ", folded).strip()


@dataclass(frozen=True)
class Reading:
    """One way to read what was typed; the further from what is there, the later it counts."""

    words: tuple[str, ...]
    distance: int = 0

    @property
    def text(self) -> str:
        return " ".join(self.words)


def readings(text: str) -> list[Reading]:
    """As it stands, as a number, typed in the other keyboard's layout, and written in the other alphabet. At most five."""
    text = text.replace("\0", "")[:MAX_TEXT]
    plain = fold(text)
    found = [Reading(_words(plain))]
    if digits := _number(text):
        found.append(Reading((digits,)))
    if re.search("[a-z]", plain):
        found.append(Reading(_words(fold(text.translate(TO_RUSSIAN))), 1))
        found.append(Reading(_words(_spelt_out(plain)), 2))
    if re.search("[а-я]", plain):
        found.append(Reading(_words(fold(text.lower().translate(TO_LATIN))), 1))
        found.append(Reading(_words("".join(LETTERS.get(letter, letter) for letter in plain)), 2))
    return list({reading.words: reading for reading in reversed(found) if reading.words}.values())[::-1]


def name_readings(words: tuple[str, ...]) -> list[Reading]:
    """A folded name as it stands, and in the other alphabet as passports and as habit write it. At most three."""
    plain = " ".join(words)
    ways = [Reading(words)]
    if re.search("[а-я]", plain):
        latin = "".join(LETTERS.get(letter, letter) for letter in plain)
        ways += [Reading(_words(latin), 1), Reading(_words(_respelt(latin, BY_HABIT)), 1)]
    elif re.search("[a-z]", plain):
        ways += [Reading(_words(_spelt_out(text)), 1) for text in (plain, _respelt(plain, BY_LETTER))]
    return list({way.words: way for way in ways}.values())


def sound(word: str) -> str:
    """How a folded name is heard, whichever alphabet it is written in; close enough to compare two, not to write one."""
    return _respelt("".join(LETTERS.get(letter, letter) for letter in word), SAME_SOUND)


def _respelt(text: str, habits: list[tuple[re.Pattern[str], str]]) -> str:
    for spelt, other in habits:
        text = spelt.sub(other, text)
    return text


def _spelt_out(latin: str) -> str:
    return SPELT.sub(lambda match: dict(SOUNDS)[match.group()], latin)


def _words(folded: str) -> tuple[str, ...]:
    return tuple(folded.split()[:MAX_WORDS])


def _number(text: str) -> str:
    """The digits of what looks like a phone number, without the country's where it is written in one of two ways."""
    if re.search(r"[^\d\s+().\-‐–—]", text):
        return ""
    digits = re.sub(r"\D", "", text)
    if len(digits) < MIN_DIGITS or not digits.isascii():
        return ""
    is_national = len(digits) == 11 and digits[0] in "78"
    return digits[1:] if is_national or (digits[0] == "8" and len(digits) > 4 and digits[1] == "9") else digits


def edits(one: str, other: str, most: int) -> int:
    """How many letters must be changed, added, left out or swapped with their neighbour; `most` + 1 when it is more than that."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i] + [0] * len(other)
        for j, match in enumerate(other, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != match))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == match:
                row[j] = min(row[j], earlier[j - 2] + 1)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
