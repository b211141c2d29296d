"""Pairs of records that may be the same, as one person may act on them, and the two of a pair side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.values import show_value
from crm.models import Company, Contact, DuplicatePair, Merge, PairState, User
from crm.pages import Page, read_key, write_key
from crm.queries.custom_fields import fields_of
from crm.queries.likeness import MODELS
from crm.reach import WORDS, in_words
from crm.records import kind_of, registered
from crm.references import references_to

PAGE = 25
MAX_MERGES = 5
# What is told of by number on the page of a merge; everything else goes over too.
ABOUT = {
    "pipeline.deal": gettext_lazy("Deals"),
    "crm.contact": gettext_lazy("Contacts"),
    "crm.note": gettext_lazy("Notes"),
    "crm.call": gettext_lazy("Calls"),
    "crm.message": gettext_lazy("Messages"),
    "crm.task": gettext_lazy("Tasks"),
    "crm.meeting": gettext_lazy("Meetings"),
    "crm.attachment": gettext_lazy("Files"),
}


@dataclass(frozen=True)
class ShownPair:
    """A pair with its two records, the older first."""

    pair: DuplicatePair
    records: list[Any]


@dataclass(frozen=True)
class Side:
    """One of the two records: what speaks for keeping it, and what is about it."""

    letter: str
    record: Any
    about: list[tuple[Any, int]]
    is_kept: bool


@dataclass(frozen=True)
class Difference:
    """A field in which the two differ: the text of each, and which is proposed."""

    name: str
    label: str
    texts: list[tuple[str, str, bool]]


def changeable(user: User) -> Q:
    """Companies or contacts that the person may change, if they see them: `rules.owns_or_leads` as a condition."""
    if user.is_admin:
        return Q()
    mine = Q(owner=user.pk) | Q(owner=None)
    return mine | Q(team=user.team_id) if user.team_id and (user.is_manager or user.team.is_open) else mine


def pairs_for(kind: str, viewer: User, after: str = "") -> Page[ShownPair]:
    """Open pairs of which the viewer may change both, the likeliest first. Two queries."""
    theirs = _theirs(kind, viewer)
    pairs = DuplicatePair.objects.filter(_both(kind, viewer), state=PairState.OPEN)
    key = read_key(after) if after else None
    if key and key[0].isdecimal() and len(key[0]) < 4:
        pairs = pairs.filter(Q(score__lt=int(key[0])) | Q(score=int(key[0]), pk__lt=key[1]))
    rows = list(pairs.order_by("-score", "-pk")[: PAGE + 1])
    ids = {pk for pair in rows for pk in (pair.a, pair.b)}
    related = ("owner", "company") if kind == "contact" else ("owner",)
    records = theirs.select_related(*related).in_bulk(ids)
    shown = [ShownPair(pair, [records[pair.a], records[pair.b]]) for pair in rows[:PAGE] if {pair.a, pair.b} <= records.keys()]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Page(shown, write_key((str(last.score), last.pk)) if last else "", bool(key))


def pairs_of(viewer: User) -> QuerySet[DuplicatePair]:
    """Pairs of every kind and state of which the viewer may change both."""
    return DuplicatePair.objects.filter(reduce(or_, (_both(kind, viewer) for kind in MODELS)))


def _both(kind: str, viewer: User) -> Q:
    theirs = _theirs(kind, viewer)
    return Q(Exists(theirs.filter(pk=OuterRef("a"))), Exists(theirs.filter(pk=OuterRef("b"))), kind=kind)


def _theirs(kind: str, viewer: User) -> QuerySet[Any]:
    return MODELS[kind].objects.visible_to(viewer).filter(changeable(viewer))


def sides(kind: str, pair: list[Any], viewer: User) -> list[Side]:
    """The two with what the viewer sees about each; the fuller one is proposed to be kept, of two alike the older. One query."""
    counts = _about(kind, [record.pk for record in pair], viewer)
    weights = [(sum(number for _label, number in counts[record.pk]), _fullness(record)) for record in pair]
    kept = 1 if weights[1] > weights[0] else 0
    return [Side(letter, record, counts[record.pk], place == kept) for place, (letter, record) in enumerate(zip("ab", pair, strict=True))]


def differences(kind: str, records: list[Any], kept: str, viewer: User) -> list[Difference]:
    """The fields of which both have a value, and not the same: one of them is to be chosen. At most three queries."""
    one, other = records
    called = pgettext("person", "Name") if kind == "contact" else _("Name")
    asked: list[tuple[str, str, str, str]] = [("name", called, one.name, other.name)]
    if kind == "contact":
        seen = Company.objects.visible_to(viewer).in_bulk({record.company_id for record in records} - {None})
        asked.append(("position", _("Position"), one.position, other.position))
        asked.append(("company", _("Company"), *(_company(record, seen) for record in records)))  # type: ignore[arg-type]
    else:
        asked.append(("website", _("Website"), one.website, other.website))
    asked.append(("owner", _("Owner"), *(str(record.owner or "") for record in records)))  # type: ignore[arg-type]
    colleagues = Colleagues()
    for field in fields_of(kind):
        values = [record.custom.get(field.key) for record in records]
        asked.append((f"custom.{field.key}", field.label, *(show_value(field, value, colleagues) for value in values)))  # type: ignore[arg-type]
    return [
        Difference(name, label, [("a", mine, kept == "a"), ("b", theirs, kept == "b")])
        for name, label, mine, theirs in asked
        if mine and theirs and mine != theirs
    ]


def united(records: list[Any]) -> list[tuple[str, list[str]]]:
    """The lists of both as one, in words."""
    found = []
    for name, (label, _add) in WORDS.items():
        rows = [in_words(name, row) for record in records for row in getattr(record, name)]
        if rows:
            found.append((str(label), list(dict.fromkeys(rows))))
    if tags := list(dict.fromkeys(tag for record in records for tag in record.tags)):
        found.append((_("Tags"), tags))
    return found


def merges_into(client: Company | Contact) -> list[Merge]:
    """Records taken into this one, the latest first. One query."""
    merges = Merge.objects.standing().filter(kind=client._meta.model_name, kept_id=client.pk)
    return list(merges.only("gone_name", "at", "kind", "kept_id").order_by("-pk")[:MAX_MERGES])


def _company(record: Contact, seen: dict[int, Company]) -> str:
    if record.company_id is None:
        return ""
    return seen[record.company_id].name if record.company_id in seen else _("one that you may not see")


def _about(kind: str, ids: list[int], viewer: User) -> dict[int, list[tuple[Any, int]]]:
    found: dict[int, dict[Any, int]] = {pk: {} for pk in ids}
    parts = []
    for reference in references_to(kind, MODELS[kind]):
        if (label := reference.model._meta.label_lower) in ABOUT:
            name = str(reference.model._meta.model_name)
            for pk in ids:
                rows = reference.rows(pk).order_by()
                if name in registered():  # others, such as notes, are seen with the record that they are about
                    rows = rows.filter(pk__in=kind_of(name).visible_to(viewer).values("pk"))
                rows = rows.values(label=Value(label), whose=Value(pk))
                parts.append(rows.annotate(number=Count("pk")).values_list("label", "whose", "number"))
    for label, pk, number in parts[0].union(*parts[1:], all=True) if parts else []:
        found[pk][label] = found[pk].get(label, 0) + number
    return {pk: [(words, counts[label]) for label, words in ABOUT.items() if counts.get(label)] for pk, counts in found.items()}


def _fullness(record: Any) -> int:
    lists = sum(len(getattr(record, name)) for name in WORDS)
    singles = [getattr(record, name, None) for name in ("position", "company_id", "website", "owner_id")]
    return lists + len(record.tags) + len(record.custom) + sum(bool(value) for value in singles)
