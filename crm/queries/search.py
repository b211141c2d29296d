"""Finding anything by its words, within the viewer's rights, at a cost that hardly grows with what lies in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.conf import settings
from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Collate, Left
from django.utils.translation import override

from crm import searching
from crm.folding import Reading, edits, fold, readings
from crm.models import SearchEntry, SearchWord, User
from crm.models.among import named
from crm.searching import Action, Findable, Hit

# Candidates of a kind that are weighed: of a word that is in most records the newest, of others all.
MOST = 60
STARTING = 20
# So many times as many as are shown are looked at, to put what is under way before what is over.
WEIGHED = 4
START = 60
# With fewer hits than these a word may have been misspelt.
FEW = 3
SHORTEST_MISSPELT = 4
LONG = 6
ALIKE, CHOICES, SPELLINGS = 30, 3, 6


@dataclass(frozen=True)
class Group:
    """The hits of one kind, the best first."""

    kind: Findable
    hits: list[Hit]


@dataclass(frozen=True)
class Found:
    """What a text found: records by kind, pages and commands, how it was read, and what could be added."""

    text: str
    groups: list[Group] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    new: list[Action] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    @property
    def hits(self) -> list[Hit]:
        return [hit for group in self.groups for hit in group.hits]


def find(*, text: str, viewer: User) -> Found:
    """What the text names, best first. A query for the candidates, one of each kind's records, one for a zone; two more when misspelt."""
    ways = readings(text)
    if not ways:
        return Found(text)
    groups = _groups(_candidates(ways, viewer), ways, viewer)
    if sum(len(group.hits) for group in groups) < FEW and (spelt := spellings(ways)):
        known = {(hit.kind, hit.pk) for group in groups for hit in group.hits}
        ways = [*ways, *spelt]
        more = _groups([row for row in _candidates(spelt, viewer) if row[:2] not in known], ways, viewer)
        groups = _merged(groups, more)
    actions = [action for action in searching.actions_of(viewer) if _holds(_spoken(action), ways)]
    return Found(text, groups, actions, searching.new_ones(" ".join(text.split()), viewer), ways)


def holding(kind: str, text: str, viewer: User) -> Q:
    """Records of a kind that hold the text, to narrow down a list, which need not be walked in its order to meet them. One query."""
    return named(SearchEntry.objects.filter(kind=kind).seen_by(viewer).reading(readings(text)))


def matching(kind: str, text: str) -> QuerySet[Any]:
    """The ids of all records of a kind that hold the text, to narrow down a list; rights are the list's own. A sub-select."""
    return SearchEntry.objects.filter(kind=kind).reading(readings(text)).values("record_id")


def recent(*, records: Iterable[tuple[str, int]], viewer: User) -> list[Hit]:
    """These records in their order, as far as the viewer sees them. One query a kind."""
    wanted = list(dict.fromkeys(records))
    hits = {
        (hit.kind, hit.pk): hit
        for kind in searching.kinds()
        if (ids := [pk for key, pk in wanted if key == kind.key])
        for hit in kind.hits(ids, viewer)
    }
    return [hits[record] for record in wanted if record in hits]


ENTRY = ("kind", "record_id", "text", "keys")
Row = tuple[str, int, str, tuple[str, ...]]


def _candidates(ways: Sequence[Reading], viewer: User) -> list[Row]:
    """Entries that may be meant: those whose name begins so, and the newest that hold every word."""
    picked: list[QuerySet[Any]] = []
    start = f" {ways[0].text}"[:START]
    for kind in searching.kinds():
        entries = SearchEntry.objects.filter(kind=kind.key).seen_by(viewer)
        beginning = entries.alias(start=Collate(Left("text", START), "C")).filter(start__startswith=start).order_by("start")
        holding = entries.reading(ways).order_by("-record_id")
        picked += [beginning.values_list(*ENTRY)[:STARTING], holding.values_list(*ENTRY)[:MOST]]
    return list(dict.fromkeys((kind, pk, text, tuple(keys)) for kind, pk, text, keys in picked[0].union(*picked[1:], all=True)))


def spellings(ways: Sequence[Reading], *, known_too: bool = False) -> list[Reading]:
    """The same with misspelt words as the dictionary knows them; `known_too`: words that it knows as they stand too. One query."""
    asked = sorted({word for way in ways for word in way.words if len(word) >= SHORTEST_MISSPELT and word.isalpha()})
    if not asked:
        return []
    alike = [
        SearchWord.objects.filter(word__trigram_similar=word)
        .annotate(asked=Value(word), near=TrigramSimilarity("word", word))
        .order_by("-near")
        .values_list("asked", "word")[:ALIKE]
        for word in asked
    ]
    known: dict[str, list[tuple[int, str]]] = {}
    for word, other in alike[0].union(*alike[1:], all=True):
        most = 1 if len(word) < LONG else 2
        if (away := edits(word, other, most)) <= most:
            known.setdefault(word, []).append((away, other))
    found = []
    for way in ways:
        # A word that is in the dictionary is meant as it stands, unless somebody's spelling is what is asked about.
        choices = [_choices(word, known.get(word, []), known_too) for word in way.words]
        for spelt in sorted(product(*choices), key=lambda words: sum(away for away, _word in words))[:SPELLINGS]:
            if away := sum(away for away, _word in spelt):
                found.append(Reading(tuple(word for _away, word in spelt), way.distance + 2 + away))
    return sorted(found, key=lambda way: way.distance)[:SPELLINGS]


def _choices(word: str, known: list[tuple[int, str]], known_too: bool) -> list[tuple[int, str]]:
    if known_too:
        return sorted({(0, word), *known})[: CHOICES + 1]
    return [(0, word)] if not known or (0, word) in known else sorted(known)[:CHOICES]


def _groups(rows: Sequence[Row], ways: Sequence[Reading], viewer: User) -> list[Group]:
    own = f"u{viewer.pk}"
    ranked: dict[str, list[tuple[Any, int]]] = {}
    for key, pk, text, keys in rows:
        ranked.setdefault(key, []).append(((_rank(text, ways), own not in keys, -pk), pk))
    groups: list[tuple[int, Group]] = []
    for kind in searching.kinds():
        best = {pk: rank for rank, pk in sorted(ranked.get(kind.key, []))[: WEIGHED * kind.most]}
        # What is over (a closed deal, a done task) comes after its equals, but not after what fits less.
        if best and (hits := sorted(kind.hits(list(best), viewer), key=lambda hit: (best[hit.pk][0], hit.is_over, best[hit.pk]))):
            groups.append((best[hits[0].pk][0][0], Group(kind, hits[: kind.most])))
    return [group for _fit, group in sorted(groups, key=lambda found: found[0])]


def _rank(text: str, ways: Sequence[Reading]) -> tuple[int, int]:
    """How well an entry fits: the name itself, its beginning, beginnings of words, parts of words; and by which reading."""
    return min((_fit(text, way), way.distance) for way in ways) if ways else (9, 9)


def _fit(text: str, way: Reading) -> int:
    name = text.split("\n", 1)[0]
    whole = f" {way.text}"
    if not all(word in text for word in way.words):
        return 9
    if name == whole:
        return 0
    if name.startswith(whole):
        return 1 if name.startswith(f"{whole} ") else 2
    if all(f" {word}" in name for word in way.words):
        return 3
    if all(f" {word}" in text for word in way.words):
        return 4
    return 5


def _spoken(action: Action) -> str:
    """The words of an action in every language of the product, since people ask in either."""
    words = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            words.append(f"{action.title} {action.words}")
    return " ".join(words)


def _holds(words: str, ways: Sequence[Reading]) -> bool:
    """Do these words begin with each of those of a reading?"""
    folded = f" {fold(words)}"
    return any(all(f" {word}" in folded for word in way.words) for way in ways)


def _merged(groups: list[Group], more: list[Group]) -> list[Group]:
    by_kind = {group.kind.key: group for group in groups}
    for group in more:
        have = by_kind.get(group.kind.key)
        hits = [*have.hits, *group.hits][: group.kind.most] if have else group.hits
        by_kind[group.kind.key] = Group(group.kind, hits)
    return list(by_kind.values())
