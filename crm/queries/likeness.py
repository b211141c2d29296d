"""Which companies or contacts look like one of them: by what they share and how they are called, at a bounded cost for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from django.db.models import Q

from crm.folding import Reading, edits, fold, name_readings, sound
from crm.models import Company, Contact, Likeness, SearchEntry
from crm.queries.search import MOST, spellings
from crm.reach import MAX_ROWS

MODELS: dict[str, type[Company] | type[Contact]] = {"company": Company, "contact": Contact}
# What more than so many share (a switchboard, a name as common as Ivan Ivanov) says nothing about any two of them.
CROWD = 10
MAX_COLLEAGUES = 200
WEIGHTS = {
    Likeness.EMAIL: 60,
    Likeness.PHONE: 50,
    Likeness.NAME: 45,
    Likeness.SIMILAR: 25,
    Likeness.COMPANY: 20,
    Likeness.WEBSITE: 40,
}
ENOUGH = 45
LONG = 6
LEGAL_FORMS = frozenset("ооо оао зао ао пао нао ип тоо чп llc ltd inc gmbh ag co corp plc sarl sas srl bv oy ab".split())  # noqa: SIM905
COLUMNS = ("pk", "name", "emails", "phones")


@dataclass(frozen=True)
class Alike:
    """Another record, and why it may be the same."""

    pk: int
    reasons: list[str]
    score: int


def find_alike(kind: str, pk: int) -> list[Alike]:
    """The records that may be the same as this one, whoever sees them. Five queries for a company, six for a contact."""
    model = MODELS[kind]
    record = model.objects.filter(pk=pk).first()
    if record is None:
        return []
    others = model.objects.exclude(pk=pk)
    own = "company_id" if kind == "contact" else "website"
    rows: dict[int, dict[str, Any]] = {}
    reach = _reached(record)
    named = name_entries(kind, record.name)
    conditions = [condition for condition in (reduce(or_, reach) if reach else None, named) if condition is not None]
    for condition in conditions:
        rows |= {row["pk"]: row for row in others.filter(condition).values(*COLUMNS, own)[:MOST]}
    if kind == "contact" and record.company_id:
        colleagues = others.filter(company=record.company_id).order_by("-pk").values(*COLUMNS, own)[:MAX_COLLEAGUES]
        rows |= {row["pk"]: row for row in colleagues if names_alike(record.name, row["name"])}
    return _weighed(record, rows, own)


def name_entries(kind: str, name: str) -> Q | None:
    """The condition that a record holds the words of the name, also misspelt ones, in any order. Costs two queries itself."""
    ways = name_ways(name)
    if not ways:
        return None
    entries = SearchEntry.objects.filter(kind=kind).reading(ways).values_list("record_id", flat=True)[:MOST]
    return Q(pk__in=list(entries))


def name_ways(name: str) -> list[Reading]:
    """How the words of a name may be written: as here, in the other alphabet, and as the dictionary knows them. One query."""
    words = core_words(name)
    if not words:
        return []
    asked = name_readings(words)
    return [*asked, *spellings(asked, known_too=True)]


def core_words(name: str) -> tuple[str, ...]:
    """The words that tell a name from others: folded, without "Ltd" and its like."""
    words = fold(name).split()[:8]
    return tuple([word for word in words if word not in LEGAL_FORMS] or words)


def names_alike(one: str, other: str) -> str:
    """Whether two names are one name, or nearly: in any order of words, with a typo, a first name cut to its initial."""
    mine, theirs = sorted(core_words(one)), sorted(core_words(other))
    if mine == theirs:
        return Likeness.NAME if mine else ""
    if len(mine) != len(theirs):
        return ""
    left, right = list((Counter(mine) - Counter(theirs)).elements()), list((Counter(theirs) - Counter(mine)).elements())
    if len(left) == len(right) and sorted(map(sound, left)) == sorted(map(sound, right)):
        return Likeness.SIMILAR
    # One word of a longer name may differ, or be an initial; of a name of one word it must be more than a few letters.
    if len(left) == 1 and _word_alike(left[0].strip("."), right[0].strip("."), alone=len(mine) == 1):
        return Likeness.SIMILAR
    return ""


def compare(kind: str, one: Any, other: Any) -> Alike:
    """What the second shares with the first, be it little. No query."""
    own = "company_id" if kind == "contact" else "website"
    row = {column: getattr(other, column) for column in (*COLUMNS, own)}
    shared = {reason for reason, _value in _reasons(one, row, own)}
    reasons = [str(reason) for reason in Likeness.values if reason in shared]
    return Alike(other.pk, reasons, min(sum(WEIGHTS[Likeness(reason)] for reason in reasons), 100))


def _word_alike(one: str, other: str, *, alone: bool) -> bool:
    short, long = sorted((one, other), key=len)
    if any(letter.isdigit() for letter in one + other):
        return False
    if len(short) == 1 and not alone:
        return long.startswith(short)
    most = 1 if len(short) < LONG else 2
    return len(short) >= (LONG if alone else 4) and edits(one, other, most) <= most


def _reached(record: Any) -> list[Q]:
    """A condition for each address and number of the record."""
    emails = [Q(emails__contains=[{"address": address}]) for address in _values(record.emails, "address")]
    return emails + [Q(phones__contains=[{"number": number}]) for number in _values(record.phones, "number")]


def _values(rows: Iterable[dict[str, Any]], key: str) -> list[str]:
    return [value for row in islice(rows, MAX_ROWS) if (value := row.get(key))]


def _weighed(record: Any, rows: dict[int, dict[str, Any]], own: str) -> list[Alike]:
    """Those with reasons enough, the likeliest first; what a crowd shares is no reason."""
    reasons = {pk: _reasons(record, row, own) for pk, row in rows.items()}
    crowds = {
        (why, value) for (why, value), count in Counter(each for found in reasons.values() for each in found).items() if count > CROWD
    }
    found = []
    for pk, shared in reasons.items():
        why = {reason for reason, value in shared if (reason, value) not in crowds or reason in (Likeness.COMPANY, Likeness.WEBSITE)}
        score = sum(WEIGHTS[Likeness(reason)] for reason in why)
        if isinstance(record, Company) and Likeness.SIMILAR in why:
            score += ENOUGH - WEIGHTS[Likeness.SIMILAR]  # no two companies have nearly the same name by chance
        if score >= ENOUGH and why - {Likeness.COMPANY, Likeness.WEBSITE}:
            found.append(Alike(pk, [str(reason) for reason in Likeness.values if reason in why], min(score, 100)))
    return sorted(found, key=lambda alike: (-alike.score, alike.pk))


def _reasons(record: Any, row: dict[str, Any], own: str) -> list[tuple[str, str]]:
    """What the two share: the reason and the very thing."""
    shared = [(Likeness.EMAIL, value) for value in set(_values(record.emails, "address")) & set(_values(row["emails"], "address"))]
    shared += [(Likeness.PHONE, value) for value in set(_values(record.phones, "number")) & set(_values(row["phones"], "number"))]
    if likeness := names_alike(record.name, row["name"]):
        shared.append((Likeness(likeness), "" if likeness == Likeness.NAME else row["name"]))
    if (value := getattr(record, own)) and row[own] == value:
        shared.append((Likeness.COMPANY if own == "company_id" else Likeness.WEBSITE, str(value)))
    return [(str(reason), value) for reason, value in shared]
