"""Who is there already like what somebody is typing: told at once, so that nobody is added twice."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

from django.db.models import QuerySet, Value
from django.http import QueryDict

from crm import rules
from crm.cleaning import tidy
from crm.models import Company, Contact, Likeness, SearchEntry, User
from crm.models.contacts import sort_key
from crm.phones import read_phone
from crm.queries.clients import with_companies
from crm.queries.likeness import CROWD, MODELS, WEIGHTS, name_ways, names_alike
from crm.queries.search import MOST
from crm.reach import MAX_ROWS

SHOWN = 5
# A number this short is an extension or still being typed; many may have it.
MIN_NUMBER = 5
NAMED, REACHED = "name", "reach"


@dataclass(frozen=True)
class Typed:
    """What there is of a company or contact while it is being typed; numbers as they are kept."""

    name: str = ""
    company: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    @classmethod
    def read(cls, values: QueryDict, region: str) -> Self:
        """From an address's `name`, `company`, and any number of `email` and `phone`."""
        emails = {text.lower() for text in _given(values, "email") if "@" in text}
        phones = {read_phone(text, region) for text in _given(values, "phone")}
        name, company = (tidy(str(values.get(field) or "").replace("\0", ""))[:200] for field in ("name", "company"))
        return cls(name, company, frozenset(emails), frozenset(number for number in phones if len(number) >= MIN_NUMBER))


@dataclass(frozen=True)
class Known:
    """A record that may be the one meant, as the viewer sees it, and why."""

    record: Any
    company: Company | None
    reasons: list[str]
    may_change: bool

    @property
    def words(self) -> list[str]:
        """The reasons in words."""
        return [str(Likeness(reason).label) for reason in self.reasons]

    @property
    def is_same(self) -> bool:
        """Whether they share more than a name that is nearly the same."""
        return bool({Likeness.EMAIL, Likeness.PHONE, Likeness.NAME} & set(self.reasons))


@dataclass(frozen=True)
class Likely:
    """Those whom the viewer sees, the likeliest first; of others only that their e-mail or phone is this one."""

    known: list[Known]
    hidden: list[str]

    def __bool__(self) -> bool:
        return bool(self.known or self.hidden)

    @property
    def marks(self) -> set[str]:
        """What stands here, to know later that it was told; a name that is only alike is never asked about again."""
        return {str(known.record.pk) for known in self.known if known.is_same} | set(self.hidden)


def likely(kind: str, typed: Typed, *, viewer: User, but: int = 0) -> Likely:
    """Who may be meant, other than the record `but`. Five queries for a contact, four for a company, however many there are."""
    found = _candidates(kind, typed, viewer)
    ids = {pk for _why, pk in found} - {but}
    if not ids:
        return Likely([], [])
    seen = MODELS[kind].objects.visible_to(viewer).select_related("owner", "team").filter(pk__in=ids)
    rows = with_companies(list(seen), viewer) if kind == "contact" else [None] * len(seen)
    known = [_compared(record, row.company if row else None, typed, viewer) for record, row in zip(seen, rows, strict=True)]
    similar = sum(each.reasons == [Likeness.SIMILAR] for each in known)
    known = [each for each in known if each.reasons and (similar <= CROWD or each.reasons != [Likeness.SIMILAR])]
    known.sort(key=lambda each: (-sum(WEIGHTS[Likeness(reason)] for reason in each.reasons), each.record.pk))
    unseen = {pk for why, pk in found if why == REACHED} - {each.pk for each in seen} - {but}
    return Likely(known[:SHOWN], _shared(kind, unseen, typed) if unseen else [])


def likely_companies(name: str, *, viewer: User) -> Likely:
    """Companies that may be meant by a name that none of theirs bears, so that one more would be added. Four queries, none for no name."""
    found = likely("company", Typed(name=tidy(name)), viewer=viewer)
    is_there = any(known.record.name.casefold() == tidy(name).casefold() for known in found.known)
    return Likely([], []) if is_there else found


def _candidates(kind: str, typed: Typed, viewer: User) -> list[tuple[str, int]]:
    """Ids with whether a name or an address led to them: each way by an index, each with an end. Two queries."""
    objects = MODELS[kind].objects
    ways: list[QuerySet[Any]] = []
    if typed.name:
        entries = SearchEntry.objects.filter(kind=kind).seen_by(viewer).reading(name_ways(typed.name))
        ways.append(entries.values_list(Value(NAMED), "record_id")[:MOST])
        # A name that thousands contain is found by itself all the same.
        ways.append(_ids(objects.visible_to(viewer).filter(sort_name=sort_key(typed.name)), NAMED))
    ways += [_ids(objects.filter(emails__contains=[{"address": address}]), REACHED) for address in sorted(typed.emails)]
    ways += [_ids(objects.filter(phones__contains=[{"number": number}]), REACHED) for number in sorted(typed.phones)]
    return list(ways[0].union(*ways[1:], all=True)) if ways else []


def _ids(records: QuerySet[Any], why: str) -> QuerySet[Any]:
    return records.order_by().values_list(Value(why), "pk")[:MOST]


def _compared(record: Company | Contact, company: Company | None, typed: Typed, viewer: User) -> Known:
    reasons = set()
    if typed.emails & {row.get("address") for row in record.emails}:
        reasons.add(Likeness.EMAIL)
    if typed.phones & {row.get("number") for row in record.phones}:
        reasons.add(Likeness.PHONE)
    likeness = names_alike(typed.name, record.name)
    at_same = bool(company and typed.company and names_alike(typed.company, company.name))
    # Nearly the same name at another company is another person.
    if likeness == Likeness.NAME or (likeness and (at_same or not company or not typed.company)):
        reasons.add(Likeness(likeness))
    if reasons and at_same:
        reasons.add(Likeness.COMPANY)
    in_order = [str(reason) for reason in Likeness.values if reason in reasons]
    return Known(record, company, in_order, bool(reasons) and rules.allows(viewer, f"{record._meta.model_name}.change", record))


def _shared(kind: str, ids: set[int], typed: Typed) -> list[str]:
    """Whether these, whom the viewer may not see, have one of the e-mails, and one of the numbers. One query."""
    shared = set()
    for emails, phones in MODELS[kind].objects.filter(pk__in=ids).values_list("emails", "phones"):
        shared |= {str(Likeness.EMAIL)} if typed.emails & {row.get("address") for row in emails} else set()
        shared |= {str(Likeness.PHONE)} if typed.phones & {row.get("number") for row in phones} else set()
    return sorted(shared)


def _given(values: QueryDict, field: str) -> list[str]:
    """All that was typed for a list of addresses or numbers: one name may come many times."""
    typed = (text.replace("\0", "").strip() for text in values.getlist(field))
    return list(islice((text for text in typed if text), MAX_ROWS))
