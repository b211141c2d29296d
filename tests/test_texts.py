"""The Russian catalogue holds every text, and is compiled."""

import re
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.texts import APPS, ROOT, Text, find_texts

FOLDER = ROOT / "locale/ru/LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%\w+%%")


@pytest.fixture(scope="module")
def russian() -> Catalog:
    return read_po(BytesIO((FOLDER / "django.po").read_bytes()), locale="ru")


def texts_of(catalogue: Catalog) -> dict[Text, list[str]]:
    """Each text with its translations: one, or one per plural form."""
    found = {}
    for message in catalogue:
        if message.id:
            one = message.id if isinstance(message.id, str) else message.id[0]
            context = message.context.decode() if isinstance(message.context, bytes) else message.context
            found[context, one] = [message.string] if isinstance(message.string, str) else list(message.string)
    return found


def test_every_text_has_its_russian(russian: Catalog) -> None:
    translated = texts_of(russian)
    missing = {text: place for text, place in find_texts().items() if not all(translated.get(text, [""]))}
    assert missing == {}


def test_no_text_is_left_over(russian: Catalog) -> None:
    assert sorted(map(str, set(texts_of(russian)) - set(find_texts()))) == []


def test_placeholders_survive_translation(russian: Catalog) -> None:
    wrong = [
        message.id
        for message in russian
        if message.id
        for text in ([message.string] if isinstance(message.string, str) else message.string)
        if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(str(message.id)))
        or (isinstance(message.id, str) and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(message.id)))
    ]
    assert wrong == []


def test_nothing_is_marked_as_unsure(russian: Catalog) -> None:
    assert [message.id for message in russian if message.id and message.fuzzy] == []


def test_the_compiled_catalogue_is_fresh(russian: Catalog) -> None:
    compiled = read_mo(BytesIO((FOLDER / "django.mo").read_bytes()))
    assert texts_of(compiled) == texts_of(russian)


def test_texts_are_marked_in_a_way_that_is_found() -> None:
    """Who gathers texts for translation knows `gettext`, `_` and their kin, but no other names."""
    strange = re.compile(r"import \w*gettext\w* as (?!_\b)")
    assert [str(path) for app in APPS for path in (ROOT / app).rglob("*.py") if strange.search(path.read_text())] == []
