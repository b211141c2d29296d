"""One timeline: what was said and done about a record and those that belong to it, merged from its sources by time.

A source is one module that registers itself; apps above register theirs. Each asks the database one question: the latest few of
every record, which one index answers, so the cost follows what is shown and neither the records' age nor the size of the tables.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from django.urls import reverse
from django.utils import timezone

from crm import records

if TYPE_CHECKING:
    from crm.models import User

SHOWN = 30
MOST = 300
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEY = re.compile(r"(-?\d{1,18})-([a-z_]{1,20})-(\d{1,18})")
MAX_ID = 2**63 - 1
LAST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Subject:
    """A record whose entries a timeline holds; its title stands at the entries of another record's page."""

    record: str
    record_id: int
    title: str = ""

    @property
    def url(self) -> str:
        return reverse(records.kind_of(self.record).url_name, args=[self.record_id])


@dataclass(frozen=True)
class Key:
    """The place of an entry: later ones first, at the same instant by source, then the newer row first."""

    at: datetime
    source: str
    id: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.source}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Key | None:
        """The place that an address names; nothing for anything else, and then a timeline begins at its start."""
        found = KEY.fullmatch(text)
        try:
            return cls(EPOCH + timedelta(microseconds=int(found[1])), found[2], int(found[3])) if found else None
        except OverflowError:
            return None

    def bound(self, source: str) -> tuple[datetime, int]:
        """What the (at, id) of this source's following entries are less than."""
        return self.at, self.id if source == self.source else MAX_ID if source > self.source else 0


@dataclass(frozen=True)
class Entry:
    """One line: when, by whom, about which record, and the row that tells it by the source's template."""

    at: datetime
    source: Source
    id: int
    record: str
    record_id: int
    actor: User | None
    row: Any
    kind: str
    more: dict[str, Any] = field(default_factory=dict)
    about: Subject | None = None

    @property
    def key(self) -> Key:
        return Key(self.at, self.source.key, self.id)

    @property
    def lies_ahead(self) -> bool:
        """Whether it is yet to come, and so is no news."""
        return self.at > timezone.now()

    @property
    def undo_door(self) -> str:
        """The name of the address that takes it back; none for what merely happened."""
        return getattr(self.source, "deletion", "")


class Source(Protocol):
    """Where entries come from: `key` names it in addresses, `label` on its chip; `order` places the chip."""

    key: str
    label: Any
    icon: str
    template: str
    order: int

    def latest(self, subjects: Sequence[Subject], *, before: tuple[datetime, int], limit: int) -> list[Entry]:
        """The latest entries before that (at, id), in any order. One query, and one more where their words need names."""
        ...


@dataclass(frozen=True)
class Page:
    """Some entries, latest first; `next` is the key that the following ones come before, empty at the end."""

    entries: list[Entry]
    next: str = ""


Relation = Callable[[int, "User"], Sequence[Subject]]
_sources: dict[str, Source] = {}
_relations: defaultdict[str, list[Relation]] = defaultdict(list)


def register(source: Source) -> None:
    """Let timelines tell of these too; called once at start."""
    _sources[source.key] = source


def relate(record: str, relation: Relation) -> None:
    """Have `relation(record_id, viewer)` name what belongs to a record of this kind, as far as the viewer sees it; called at start."""
    _relations[record].append(relation)


def sources() -> list[Source]:
    """Every source, in the order of the chips."""
    return sorted(_sources.values(), key=lambda source: source.order)


def subjects_of(record: str, record_id: int, viewer: User) -> list[Subject]:
    """The record itself, which the viewer must be known to see, and what belongs to it. One query for each relation."""
    found = [Subject(record, record_id)]
    for relation in _relations[record]:
        found += relation(record_id, viewer)
    return found


def read(subjects: Sequence[Subject], *, kinds: Collection[str] = (), before: Key | None = None, limit: int = SHOWN) -> Page:
    """The latest entries about these records, of these kinds (none named: all). One query per kind, however many records.

    Rights are the caller's: every subject must be one that the viewer sees. Days are told in the time zone that is set.
    """
    limit = min(limit, MOST)
    found: list[Entry] = []
    for source in sources():
        if not kinds or source.key in kinds:
            bound = before.bound(source.key) if before else (LAST, MAX_ID)
            found += source.latest(subjects, before=bound, limit=limit + 1)
    found.sort(key=lambda entry: (-entry.at.timestamp(), entry.source.key, -entry.id))
    shown = found[:limit]
    titled = {(subject.record, subject.record_id): subject for subject in subjects if subject.title}
    entries = [_with_subject(entry, titled.get((entry.record, entry.record_id))) for entry in shown]
    return Page(entries, str(shown[-1].key) if len(found) > limit else "")


def _with_subject(entry: Entry, subject: Subject | None) -> Entry:
    return Entry(**{**vars(entry), "about": subject}) if subject else entry
