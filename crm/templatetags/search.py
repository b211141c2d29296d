"""Showing why something was found."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from crm.folding import Reading, fold

register = template.Library()


@register.filter
def marked(text: str, ways: Sequence[Reading] | None) -> SafeString:
    """The text with the parts that were asked for marked, by the first reading that has any."""
    for way in ways or []:
        if spans := _spans(str(text), way):
            return _mark(str(text), spans)
    return conditional_escape(text)  # type: ignore[return-value]


def _spans(text: str, way: Reading) -> list[tuple[int, int]]:
    letters = [(fold(letter) or " ", place) for place, letter in enumerate(text)]
    digits = [(letter, place) for letter, place in letters if letter.isdigit()]
    spans = []
    for word in way.words:
        found = _place(letters, word) or (_place(digits, word) if word.isdigit() else None)
        if found:
            spans.append(found)
    return spans


def _place(letters: list[tuple[str, int]], word: str) -> tuple[int, int] | None:
    """Where the word stands: at the beginning of another if it can be, else inside one."""
    folded, places = "", []
    for letter, place in letters:
        folded += letter
        places += [place] * len(letter)
    at = 0 if folded.startswith(word) else folded.find(f" {word}") + 1 or folded.find(word)
    return (places[at], places[at + len(word) - 1] + 1) if at >= 0 else None


def _mark(text: str, spans: list[tuple[int, int]]) -> SafeString:
    parts, done = [], 0
    for start, end in sorted(spans):
        if start < done:
            continue
        parts += [conditional_escape(text[done:start]), "<mark>", conditional_escape(text[start:end]), "</mark>"]
        done = end
    return mark_safe("".join([*parts, conditional_escape(text[done:])]))  # noqa: S308 - each part is escaped above
