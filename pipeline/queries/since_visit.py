"""What others did to a deal since a person last looked at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import User
from crm.templatetags.display import day, money
from crm.timeline import Entry
from pipeline.models import Deal, DealVisitMark


@dataclass(frozen=True)
class SinceVisit:
    """When the last visit was, and what came after it, in words, the weightiest first."""

    at: datetime
    words: list[str]


def last_visit(*, deal: Deal, viewer: User, now: datetime) -> datetime | None:
    """From when on things are new to this person; None at the first visit. One query."""
    mark = DealVisitMark.objects.filter(deal=deal, user=viewer).first()
    return mark.since(now) if mark else None


def since_visit(*, deal: Deal, viewer: User, since: datetime | None, entries: Sequence[Entry], is_all: bool) -> SinceVisit | None:
    """What the timeline's entries (latest first; `is_all`: there are no earlier ones) hold that is new; None where nothing is. No query."""
    news = [entry for entry in entries if since and entry.at > since and not entry.lies_ahead]
    fresh = [entry for entry in news if not (entry.actor and entry.actor.pk == viewer.pk)]
    if since is None or not fresh:
        return None
    words = list(_words(fresh[::-1], deal))
    if not is_all and entries[-1].at > since:
        words.append(_("and more before that"))
    return SinceVisit(since, words)


def _words(entries: list[Entry], deal: Deal) -> Iterable[str]:
    """Oldest first in; of several changes of one thing only where it began and where it ended is told."""
    counted = Counter(_sort(entry) for entry in entries)
    yield from _fate([entry for entry in entries if entry.source.key == "move"])
    yield from _changes(entries, deal)
    for entry in {entry.row.payload.get("quote"): entry for entry in entries if entry.kind.startswith("quote.")}.values():
        yield _quote_words(entry)
    for sort, number in counted.items():
        if told := _counted(sort, number):
            yield told
    if strange := sum(number for sort, number in counted.items() if not _is_known(sort)):
        yield ngettext("%(count)s other change", "%(count)s other changes", strange) % {"count": strange}


def _sort(entry: Entry) -> str:
    """What is counted together: changes and tasks by their event, the rest by the kind of its rows."""
    return entry.kind if entry.source.key in ("change", "task") else entry.source.key


def _fate(moves: list[Entry]) -> Iterable[str]:
    """Where it stands now, if it moved, was closed or opened again."""
    if not moves:
        return
    last = moves[-1]
    stage = {"stage": last.row.stage.label}
    if last.kind == "won":
        yield _("won")
    elif last.kind == "lost":
        yield _("lost (%(reason)s)") % {"reason": last.row.lost_reason.label} if last.row.lost_reason else _("lost")
    elif last.kind == "reopened":
        yield _("reopened in “%(stage)s”") % stage
    elif last.kind == "moved":
        yield _("moved to “%(stage)s”") % stage
    else:
        yield _("began in “%(stage)s”") % stage


def _changes(entries: list[Entry], deal: Deal) -> Iterable[str]:
    ends: dict[str, list[Any]] = {}
    for entry in entries:
        changes = entry.row.payload.get("changes") if entry.kind == "deal.edited" else None
        for field, pair in changes.items() if isinstance(changes, dict) else ():
            if isinstance(pair, list) and len(pair) == 2:
                ends[field] = [ends.get(field, pair)[0], pair[1]]
    for field, (old, new) in ends.items():
        if old == new:
            continue
        label = _label(field)
        told = [_value(field, value, deal) for value in (old, new)]
        yield f"{label} {told[0]} → {told[1]}" if all(told) else _("%(field)s changed") % {"field": label}


def _label(field: str) -> str:
    known = {one.name: str(getattr(one, "verbose_name", one.name)) for one in Deal._meta.get_fields() if hasattr(one, "verbose_name")}
    return known.get(field, field)


def _value(field: str, value: Any, deal: Deal) -> str:
    """Short; nothing for what has no words, such as the number of a record."""
    if value is None:
        return "–"
    try:
        if field == "amount":
            return money(Decimal(str(value)), deal.currency)
        if field == "expected_close":
            return day(date.fromisoformat(str(value)))
    except (InvalidOperation, ValueError):
        return ""
    return str(value)[:60] if field in ("title", "currency") else ""


def _quote_words(entry: Entry) -> str:
    words = {
        "quote.created": _("quote %(number)s made"),
        "quote.renewed": _("quote %(number)s renewed"),
        "quote.sent": _("quote %(number)s sent"),
        "quote.accepted": _("quote %(number)s accepted"),
        "quote.declined": _("quote %(number)s declined"),
    }
    return words.get(entry.kind, _("quote %(number)s changed")) % {"number": entry.row.payload.get("title", "")}


def _counted(sort: str, number: int) -> str:
    told = {"count": number}
    if sort == "note":
        return ngettext("%(count)s note", "%(count)s notes", number) % told
    if sort == "task.added":
        return ngettext("%(count)s task planned", "%(count)s tasks planned", number) % told
    if sort == "task.done":
        return ngettext("%(count)s task done", "%(count)s tasks done", number) % told
    if sort == "call":
        return ngettext("%(count)s call", "%(count)s calls", number) % told
    if sort == "message":
        return ngettext("%(count)s message", "%(count)s messages", number) % told
    if sort == "meeting":
        return ngettext("%(count)s meeting", "%(count)s meetings", number) % told
    if sort == "file":
        return ngettext("%(count)s file", "%(count)s files", number) % told
    if sort == "checklist.ticked":
        return ngettext("%(count)s item ticked", "%(count)s items ticked", number) % told
    return _("items changed") if sort == "deal.items_changed" else ""


def _is_known(sort: str) -> bool:
    return sort == "move" or sort.startswith(("quote.", "task.", "deal.edited")) or bool(_counted(sort, 1))
