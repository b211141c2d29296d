"""Notes as rich text: a small safe part of HTML, cleaned whenever it comes in and whenever it is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape

import nh3
from django.utils.safestring import SafeString, mark_safe

TAGS = {"p", "div", "br", "b", "strong", "i", "em", "ul", "ol", "li", "a", "span"}
MENTION = re.compile(r'<span\b[^>]*?\bdata-user="(\d+)"[^>]*>(.*?)</span>', re.DOTALL)
ADDRESS = re.compile(r"""(?<![\w/"'=>@.])(https?://[^\s<>"']+[^\s<>"'.,;:!?)\]])""")
BLOCK_END = re.compile(r"</(?:p|div|li|ul|ol)>|<br>")
MAX_DIGITS = 19
TAG = re.compile(r"<[^>]+>")


def clean(html: str) -> str:
    """What may stay of the markup: bold, italic, lists, links out of here, mentions; of the rest only its words."""
    kept = nh3.clean(
        html.replace("\0", ""),
        tags=TAGS,
        attributes={"a": {"href"}, "span": {"data-user"}},
        attribute_filter=lambda _tag, name, value: value if name != "data-user" or (value.isascii() and value.isdigit()) else None,
        url_schemes={"http", "https", "mailto", "tel"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return kept.strip()


def shown(html: str) -> SafeString:
    """The markup for a page, cleaned once more: whoever wrote it, by whatever door."""
    marked = MENTION.sub(r'<span class="mention">\2</span>', clean(html))
    return mark_safe(marked)  # noqa: S308 - cleaned in the line above


def from_text(text: str) -> str:
    """Plain text as markup: a paragraph for each block of lines, addresses as links."""
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block.strip()]
    return clean("".join(f"<p>{_linked(escape(block.strip())).replace(chr(10), '<br>')}</p>" for block in blocks))


def to_text(html: str) -> str:
    """The words alone, a line for each block."""
    return re.sub(r"\n{2,}", "\n", unescape(TAG.sub("", BLOCK_END.sub("\n", html)))).strip()


def mentioned(html: str) -> list[int]:
    """The ids of the colleagues whom cleaned markup mentions, each once."""
    return list(dict.fromkeys(int(person) for person, _words in MENTION.findall(html) if len(person) < MAX_DIGITS))


def with_names(html: str, names: Mapping[int, str]) -> str:
    """Each mention under its person's own name, whatever the sender wrote there; of an unknown person only the words stay."""

    def named(found: re.Match[str]) -> str:
        person = int(found[1]) if len(found[1]) < MAX_DIGITS else 0
        return f'<span data-user="{person}">@{escape(names[person])}</span>' if person in names else found[2]

    return clean(MENTION.sub(named, html))


def link_addresses(html: str) -> str:
    """Addresses that were written out become links, but not within a link."""
    parts = re.split(r"(<a\b.*?</a>|<[^>]+>)", html, flags=re.DOTALL)
    return clean("".join(part if part.startswith("<") else _linked(part) for part in parts))


def _linked(text: str) -> str:
    return ADDRESS.sub(r'<a href="\1">\1</a>', text)
