"""What would go along with a record that is deleted, and what was deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import ngettext

from crm import rules
from crm.belongings import ties_to
from crm.models import Removal, User
from crm.pages import Page, read_key, write_key
from crm.removing import removable

PAGE = 50
# More are said as so many and more.
MANY = 1000
Said = Callable[[int], str]
PARTS: dict[str, Said] = {
    "crm.note": lambda n: ngettext("%(count)s note", "%(count)s notes", n),
    "crm.call": lambda n: ngettext("%(count)s call", "%(count)s calls", n),
    "crm.message": lambda n: ngettext("%(count)s message", "%(count)s messages", n),
    "crm.task": lambda n: ngettext("%(count)s task", "%(count)s tasks", n),
    "crm.meeting": lambda n: ngettext("%(count)s meeting", "%(count)s meetings", n),
    "crm.attachment": lambda n: ngettext("%(count)s file", "%(count)s files", n),
    "pipeline.lineitem": lambda n: ngettext("%(count)s item", "%(count)s items", n),
    "pipeline.quote": lambda n: ngettext("%(count)s quote", "%(count)s quotes", n),
}
LINKS: dict[str, Said] = {
    "pipeline.deal.contact_id": lambda n: ngettext("%(count)s deal loses its contact.", "%(count)s deals lose their contact.", n),
    "pipeline.deal.company_id": lambda n: ngettext("%(count)s deal loses its company.", "%(count)s deals lose their company.", n),
    "crm.contact.company_id": lambda n: ngettext("%(count)s contact loses the company.", "%(count)s contacts lose the company.", n),
}


@dataclass(frozen=True)
class Along:
    """What goes with a record in words, and what will point to nothing, a sentence each."""

    parts: list[str]
    links: list[str]


@dataclass(frozen=True)
class Deleted:
    """A deletion as its reader sees it."""

    removal: Removal
    may_restore: bool


def goes_along(kind: str, record_id: int) -> Along:
    """What a deletion would take, counted up to a thousand of each sort. One query."""
    counts = _counts(kind, record_id)
    return Along(_said(PARTS, counts), _said(LINKS, counts))


def deletions(viewer: User, *, kind: str = "", text: str = "", after: str = "") -> Page[Deleted]:
    """What was deleted and can be brought back, the latest first; of one kind, with a text in its name. One query."""
    rows = Removal.objects.standing().visible_to(viewer)
    if kind:
        rows = rows.filter(kind=kind)
    if text:
        rows = rows.filter(name__icontains=text)
    place = _place(after)
    if place:
        rows = rows.filter(Q(at__lt=place[0]) | Q(at=place[0], pk__lt=place[1]))
    found = list(rows.select_related("by").order_by("-at", "-pk")[: PAGE + 1])
    shown = [Deleted(removal, rules.allows(viewer, "removal.restore", removal)) for removal in found[:PAGE]]
    following = write_key((found[PAGE - 1].at.isoformat(), found[PAGE - 1].pk)) if len(found) > PAGE else ""
    return Page(shown, following, place is not None)


def _counts(kind: str, record_id: int) -> dict[str, int]:
    parts: list[QuerySet[Any]] = []
    for tie in ties_to(removable(kind).model):
        said = tie.reference.model._meta.label_lower if tie.is_part else tie.reference.key
        if said in PARTS or said in LINKS:
            few = tie.reference.rows(record_id).order_by()[:MANY]
            part = tie.reference.model._base_manager.filter(pk__in=few.values("pk")).order_by()
            parts.append(part.annotate(said=Value(said)).values("said").annotate(count=Count("pk")).values_list("said", "count"))
    return dict(parts[0].union(*parts[1:], all=True)) if parts else {}


def _said(words: dict[str, Said], counts: dict[str, int]) -> list[str]:
    said = {key: say(counts[key]) for key, say in words.items() if counts.get(key)}
    return [text % {"count": f"{MANY}+" if counts[key] >= MANY else counts[key]} for key, text in said.items()]


def _place(after: str) -> tuple[datetime, int] | None:
    key = read_key(after) if after else None
    try:
        at = datetime.fromisoformat(key[0]) if key else None
    except ValueError:
        return None
    return (at, key[1]) if key and at and at.tzinfo else None
