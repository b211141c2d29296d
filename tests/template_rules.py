"""What no template may hold: code or style inside the page (the policy forbids it) and words of htmx 2."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = {
    r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)": "a script inside the page; put it into static/js/",
    r"<style\b": "a style sheet inside the page; put it into static/css/",
    r"<[^>]*\sstyle=": "a style attribute; use a class or an SVG attribute",
    r"<[^>]*\son[a-z]+=": "an event attribute; listen in a module of static/js/",
    r"javascript:": "a javascript: address",
    r"\bhx-(ext|disabled-elt|vars|params|prompt|history-elt|request)\b": "an attribute of htmx 2",
    r"htmx:[a-z]+[A-Z]": "an event name of htmx 2",
    r"\bsse-(connect|swap)\b": "the SSE extension of htmx 2",
}


def faults(folder: Path = ROOT / "templates") -> list[str]:
    """Every breach as `file:line: what`."""
    found = []
    for path in sorted(folder.rglob("*.html")):
        text = path.read_text()
        for pattern, reason in RULES.items():
            for match in re.finditer(pattern, text):
                found.append(f"{path.relative_to(folder.parent)}:{text.count(chr(10), 0, match.start()) + 1}: {reason}")
    return found


if __name__ == "__main__":
    print("\n".join(faults()), end="\n" if faults() else "")
    sys.exit(1 if faults() else 0)
