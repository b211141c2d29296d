"""Whose file it is and what its columns hold, by the words in its first row, in English and Russian."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crm.importing.words import CLIENT, COMPANY, CONTACT, DEAL, FIRM, MOVES, PERSON, SALE, STAGES

FIELDS: dict[str, dict[str, set[str]]] = {
    kind: {field: set(words.split("|")) for table in tables for field, words in table.items()}
    for kind, tables in {CONTACT: (CLIENT, PERSON), COMPANY: (CLIENT, FIRM), DEAL: (SALE,), STAGES: (MOVES,)}.items()
}
# Words that only one program's files have; all of a group must be there.
SYSTEMS = [
    ("salesforce", STAGES, {"opportunityid", "stagename", "createddate"}),
    ("salesforce", DEAL, {"stagename", "isclosed", "iswon"}),
    ("salesforce", CONTACT, {"accountid", "lastname", "mailingcity"}),
    ("pipedrive", DEAL, {"deal title", "deal status"}),
    ("pipedrive", CONTACT, {"person name"}),
    ("pipedrive", COMPANY, {"organization name", "organization id"}),
    ("amocrm", DEAL, {"название сделки", "этап сделки"}),
    ("bitrix24", DEAL, {"стадия сделки", "название сделки"}),
    ("amocrm", CONTACT, {"полное имя контакта", "ответственный за контакт"}),
    ("bitrix24", CONTACT, {"имя", "фамилия", "тип контакта"}),
    ("bitrix24", COMPANY, {"название компании", "тип компании"}),
    ("hubspot", DEAL, {"record id", "deal name", "deal stage"}),
    ("hubspot", CONTACT, {"record id", "first name", "lifecycle stage"}),
    ("hubspot", COMPANY, {"record id", "company name"}),
    ("google", CONTACT, {"first name", "phonetic first name", "e mail 1 value"}),
    ("google", CONTACT, {"given name", "family name", "e mail 1 value"}),
    ("vcard", CONTACT, {"file as", "e mail 1 value", "uid"}),
    ("outlook", CONTACT, {"first name", "last name", "e mail address"}),
]
SLOT = re.compile(r"(e mail|email|phone|address|website|organization|url) (\d+) (\w[\w ]*)")
SLOTTED = {"e mail": "email", "email": "email", "phone": "phone", "website": "website", "url": "website"}
ADDRESS = {
    "street": "street",
    "city": "city",
    "region": "region",
    "state": "region",
    "postal code": "postcode",
    "country": "country",
    "formatted": "address",
}
LABELS = {
    "mobile": "mobile|cell|мобильный|сотовый",
    "home": "home|personal|private|домашний|личный|частный",
    "other": "other|fax|pager|car|другой|факс",
    "work": "work|business|main|primary|рабочий|office",
}
LABEL_WORDS = {word: label for label, words in LABELS.items() for word in words.split("|")}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is: `field` with the label of its values, or with a number where the label stands in a column of its own."""

    field: str = ""
    label: str = ""
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A header that is understood: whose it is, of what kind, and what each column holds."""

    system: str
    kind: str
    columns: list[Column]

    @property
    def known(self) -> int:
        return sum(bool(column.field) for column in self.columns)


def plain(name: str) -> str:
    """The words of a header without case and punctuation."""
    return " ".join(re.sub(r"[^\w]+|_", " ", name.casefold().replace("ё", "е")).split())


def signature(header: Sequence[str]) -> str:
    """By which a mapping is remembered: the same words in the same order."""
    return "\x1f".join(plain(name) for name in header)


def recognise(header: Sequence[str], kind: str = "") -> Recognised:
    """Whose file it is and what its columns hold; `kind` where the reader has said so."""
    names = [plain(name) for name in header]
    words = {name for name in names if name}
    for system, its_kind, needed in SYSTEMS:
        if needed <= words and kind in ("", its_kind):
            return Recognised(system, its_kind, match(names, its_kind))
    if kind:
        return Recognised("", kind, match(names, kind))
    tried = [Recognised("", each, match(names, each)) for each in (CONTACT, COMPANY, DEAL)]
    # Whoever has a stage is a deal, whoever has a person's name a person.
    return max(tried, key=lambda found: (found.known + _evidence(found), found.kind == CONTACT))


def _evidence(found: Recognised) -> int:
    fields = {column.field for column in found.columns}
    own = {DEAL: {"stage", "amount", "status"}, CONTACT: {"name", "first_name", "last_name", "position"}, COMPANY: {"name"}}
    return 2 * len(fields & own[found.kind])


def match(names: Sequence[str], kind: str) -> list[Column]:
    """What each column holds; one that fits nothing is left out, and of two that are the same only the first is taken, lists aside."""
    columns: list[Column] = []
    taken: set[str] = set()
    for name in names:
        # Where the job has a column of its own, a title is “Dr”.
        column = Column() if name == "title" and kind == CONTACT and "job title" in names else _match(name, kind)
        if column.field and column.field not in MANY and column.field in taken:
            column = Column()
        taken.add(column.field)
        columns.append(column)
    return columns


# Of these a record has several, so several columns may hold them; of a source and a tag the last one that is filled counts.
MANY = {"email", "phone", "website", "tags", "note", "source", "street", "city", "region", "postcode", "country", "address"}
MANY |= {f"{field}_label" for field in ("email", "phone", "website", "address")}


def _match(name: str, kind: str) -> Column:
    if not name:
        return Column()
    if kind in (CONTACT, COMPANY) and (found := SLOT.fullmatch(name)):
        what, slot, part = found[1], found[2], found[3]
        if what == "address":
            field = "address_label" if part in ("label", "type") else ADDRESS.get(part, "")
            return Column(field, slot=slot if field else "")
        if what in SLOTTED:
            field = SLOTTED[what] if part in ("value", "address") else f"{SLOTTED[what]}_label" if part in ("label", "type") else ""
            return Column(field, slot=slot if field else "")
    for field, words in FIELDS[kind].items():
        if name in words or (name.startswith("бюджет") and field == "amount" and kind == DEAL):
            return Column(field, label=_label(name) if field in ("email", "phone") else "")
    return Column()


def _label(name: str) -> str:
    return next((LABEL_WORDS[word] for word in name.split() if word in LABEL_WORDS), "")


def read_label(text: str) -> str:
    """The label that a cell names (“* Work” in Google's): one of ours, else the word itself."""
    word = text.lstrip("* ").strip()
    return LABEL_WORDS.get(plain(word).split(" ")[0], word[:40]) if word else ""


def has_header(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the first row names columns: known words, or words above numbers."""
    if recognise(first).known:
        return True
    filled = [cell for cell in first if cell.strip()]
    if not filled or len(set(filled)) < len(filled):
        return False

    def is_value(cell: str) -> bool:
        return bool(re.search(r"@|https?://|^\+?[\d(][\d\s().,:/-]*$", cell.strip()))

    if any(map(is_value, filled)):
        return False
    return any(is_value(cell) for cell in second) or not any(second)
