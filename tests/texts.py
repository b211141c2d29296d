"""The texts that people read, as the code and the templates name them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "crm", "pipeline", "automation", "analytics")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
CALL = re.compile(r"""\b(n?p?gettext|_)\(((?:u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"),?\s*)+)""")
STRING = re.compile(r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")

# Context (none: None) and text; of a plural its singular.
Text = tuple[str | None, str]


def find_texts() -> dict[Text, str]:
    """Every text that is marked for translation, and the file that shows it first."""
    found: dict[Text, str] = {}
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for text in _in_code(path):
            found.setdefault(text, str(path.relative_to(ROOT)))
    for path in sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]):
        for text in _in_template(path.read_text()):
            found.setdefault(text, str(path.relative_to(ROOT)))
    return found


def _in_code(path: Path) -> Iterator[Text]:
    with path.open("rb") as file:
        for _line, message, _comments, context in extract("python", file, keywords=KEYWORDS):  # type: ignore[arg-type]
            yield context, message[0] if isinstance(message, tuple) else message


def _in_template(source: str) -> Iterator[Text]:
    for name, arguments in CALL.findall(templatize(source)):
        strings = [ast.literal_eval(string) for string in STRING.findall(arguments)]
        yield (strings[0], strings[1]) if "p" in name else (None, strings[0])
