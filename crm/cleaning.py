"""Tidying what was typed, asking a model's own validators, and answering in words."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models

from crm.errors import Refused

# Joiners and direction marks belong inside words of some scripts; at an edge they only make two names look alike.
JOINERS = "\u200c\u200d"
MARKS = "\u200e\u200f"
UNJOINED = ("LATIN ", "CYRILLIC ", "GREEK ", "DIGIT ")


def tidy(text: str) -> str:
    """One line of words in any script, without what nobody sees: control characters, zero-width spaces, needless joiners."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if text.isprintable():  # nearly always
        return text
    kept: list[str] = []
    for sign in text:
        if sign in JOINERS:
            is_kept = bool(kept) and not unicodedata.name(kept[-1], "").startswith(UNJOINED)
        else:
            is_kept = sign in MARKS or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
        if is_kept:
            kept.append(sign)
    return " ".join("".join(kept).split()).strip(JOINERS + MARKS + " ")


def clean(record: models.Model) -> None:
    """Raise `Refused` with one reason per field whose value the model does not take."""
    try:
        record.clean_fields()
    except ValidationError as error:
        raise Refused(*[_reason(record, field, words) for field, words in error.message_dict.items()]) from None


def _reason(record: models.Model, field: str, words: list[str]) -> str:
    label = str(getattr(record._meta.get_field(field), "verbose_name", field))
    return f"{label[:1].upper()}{label[1:]}: {' '.join(words)}"
