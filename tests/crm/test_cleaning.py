"""Words in any script, without what nobody sees."""

from __future__ import annotations

import pytest

from crm.cleaning import tidy


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Анна   Орлова ", "Анна Орлова"),
        ("\ufeffAnna\u200b\u00a0Orlova\u2060", "Anna Orlova"),
        ("An\u200dna", "Anna"),
        ("Ан\u200cна", "Анна"),
        ("علی\u200cرضا", "علی\u200cرضا"),  # Persian needs the joiner
        ("\u200cعلی\u200d", "علی"),
        ("क्\u200dष", "क्\u200dष"),
        ("\u202eevil\u202c", "evil"),
        ("דנה \u200fLtd\u200e", "דנה \u200fLtd"),
        ("a\0b\x07c\nd", "abc d"),
        ("e\u0301", "é"),
        ("王小明", "王小明"),
        ("👩\u200d💻 Dev", "👩\u200d💻 Dev"),
        ("\u200b\u200d \u2066", ""),
    ],
)
def test_invisible_signs_go_and_needed_joiners_stay(typed: str, kept: str) -> None:
    assert tidy(typed) == kept
    assert tidy(kept) == kept
