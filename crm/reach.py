"""How to reach a company or contact: e-mails, phones, addresses and links as people type them, and as rows keep them.

A list holds small objects, the main one first; `label` is one of `LABELS` or a word of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.cleaning import tidy
from crm.errors import Refused
from crm.phones import is_mobile, phone_link, read_phone, show_phone

WORK, MOBILE, HOME, OTHER = "work", "mobile", "home", "other"
LABELS = {
    WORK: pgettext_lazy("e-mail or phone", "work"),
    MOBILE: pgettext_lazy("e-mail or phone", "mobile"),
    HOME: pgettext_lazy("e-mail or phone", "home"),
    OTHER: pgettext_lazy("e-mail or phone", "other"),
}
KEYS = {
    "emails": ("address",),
    "phones": ("number",),
    "links": ("url",),
    "addresses": ("street", "city", "region", "postcode", "country"),
}
LISTS = tuple(KEYS)
# In the order of the page: what each is called, and what its button says.
WORDS = {
    "phones": (gettext_lazy("Phone"), gettext_lazy("Add a phone")),
    "emails": (gettext_lazy("E-mail"), gettext_lazy("Add an e-mail")),
    "addresses": (gettext_lazy("Address"), gettext_lazy("Add an address")),
    "links": (gettext_lazy("Links"), gettext_lazy("Add a link")),
}
# The one that stands for the list: its column, the list, the key in its first row.
MAIN = {"email": ("emails", "address"), "phone": ("phones", "number"), "city": ("addresses", "city")}
MAX_ROWS = 20
MAX_LABEL = 40
MAX_LENGTH = {"address": 254, "number": 60, "url": 500}
MAX_WORDS = 200
_is_web_address = URLValidator(schemes=["http", "https"])
Row = dict[str, str]


def read_list(field: str, rows: Any, *, region: str) -> list[Row]:
    """The list as a row keeps it: tidied, without empty or repeated entries; Refused says what is wrong, one reason per entry.

    An entry may also be a plain string: the address, number or link alone.
    """
    if not isinstance(rows, list | tuple):
        raise Refused(_("A list is expected here."))
    read, reasons = [], []
    for row in rows:
        try:
            entry = _read(field, row, region)
        except ValidationError as error:
            reasons += error.messages
            continue
        if entry and not any(_same(entry, other) for other in read):
            read.append(entry)
    if len(read) > MAX_ROWS:
        reasons.append(_("That are too many: at most %(count)d fit here.") % {"count": MAX_ROWS})
    if reasons:
        raise Refused(*reasons)
    return read


def require_dialable(rows: list[Row]) -> None:
    """A person who types a number is told where it can't be one; files and other systems may bring what they have."""
    if wrong := next((row["number"] for row in rows if not phone_link(row["number"])), None):
        raise Refused(_("“%(value)s” doesn't look like a telephone number.") % {"value": wrong[:60]})


def with_main(field: str, rows: list[Row], typed: Row) -> list[Row]:
    """The list with this as its main entry's value: the one that has it already comes first; nothing typed takes the main one away."""
    key = MAIN[field][1]
    first, rest = (rows[0], rows[1:]) if rows else ({}, [])
    if field == "city":
        changed = {**(first or typed), "city": typed.get("city", "")}
        return [changed, *rest] if any(changed.get(each) for each in KEYS["addresses"]) else rest
    if not typed:
        return rest
    known = next((row for row in rows if row[key] == typed[key]), None)
    if known:
        return [known, *(row for row in rows if row is not known)]
    return [{**typed, "label": first.get("label", typed["label"])}, *rest]


def label_words(label: str) -> str:
    """A label in the reader's language, or the word that somebody typed."""
    return str(LABELS.get(label, label))


def label_choices(label: str = "") -> list[tuple[str, str]]:
    """The labels to choose from, and the word of one's own that a row has."""
    own = [(label, label)] if label and label not in LABELS else []
    return [(key, str(words)) for key, words in LABELS.items()] + own


def in_words(field: str, row: Mapping[str, str]) -> str:
    """An entry in one line."""
    words = ", ".join(row[key] for key in KEYS[field] if row.get(key))
    return show_phone(words, "") if field == "phones" else words


def _same(one: Row, other: Row) -> bool:
    return {**one, "label": ""} == {**other, "label": ""}


def _read(field: str, row: Any, region: str) -> Row | None:
    keys = KEYS[field]
    if isinstance(row, str):
        row = {keys[0]: row}
    if not isinstance(row, Mapping) or not all(isinstance(value, str) for value in row.values()):
        raise ValidationError(_("Each entry is text, or an object of texts."))
    if unknown := set(row) - {*keys, "label"}:
        raise ValidationError(_("These keys are not known here: %(keys)s.") % {"keys": ", ".join(sorted(map(str, unknown)))[:80]})
    entry = {key: tidy(row.get(key, "")) for key in keys}
    if not any(entry.values()):
        return None
    for key, value in entry.items():
        if len(value) > MAX_LENGTH.get(key, MAX_WORDS):
            raise ValidationError(_("“%(value)s…” is too long.") % {"value": value[:30]})
    read = READERS[field](entry, region)
    own = MOBILE if field == "phones" and is_mobile(read["number"]) else WORK
    return {**read, "label": tidy(row.get("label", ""))[:MAX_LABEL] or own}


def _email(entry: Row, _region: str) -> Row:
    address = entry["address"].removeprefix("mailto:").lower()
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError(_("“%(value)s” is no e-mail address.") % {"value": address[:60]}) from None
    return {"address": address}


def _phone(entry: Row, region: str) -> Row:
    return {"number": read_phone(entry["number"], region)}


def _link(entry: Row, _region: str) -> Row:
    url = entry["url"] if "://" in entry["url"] else f"https://{entry['url']}"
    try:
        _is_web_address(url)
    except ValidationError:
        raise ValidationError(_("“%(value)s” is no web address.") % {"value": entry["url"][:60]}) from None
    return {"url": url}


def _address(entry: Row, _region: str) -> Row:
    return entry


READERS: dict[str, Callable[[Row, str], Row]] = {"emails": _email, "phones": _phone, "links": _link, "addresses": _address}


def link_name(url: str) -> str:
    """Where a link leads, short: its host and path without what everybody knows."""
    parts = urlsplit(url)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"
