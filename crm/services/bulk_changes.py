"""Doing one thing to many records, chunk by chunk, and taking it back field by field.

What one person does to a record alone is done here by the same services, so that rights, gates and history hold for each of many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events
from crm.bulk import Chosen
from crm.errors import Forbidden, Refused, Stale
from crm.filtering.reader import Reader
from crm.jobs import start_job
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import BulkChange, BulkRow, Job, User
from crm.queries.lists import count_up_to, matching

AT_ONCE, CHUNK = 200, 25
UNDO_WITHIN, KEPT = timedelta(days=1), timedelta(days=30)
MAX_REASONS = 10
BULK, BULK_UNDO = "bulk", "bulk.undo"
Values = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """`do(id, values, by)` changes one record and gives the changed fields before and after; nothing where it was so already.

    `undo(id, before, after, by)` puts them back and says in words what stays and why. `prepare(ids, values)` takes locks for a
    chunk in the order in which everybody takes them, `values["before"]` telling what an undo puts back;
    `resolve(values, by)` is done once, before the first record.
    """

    do: Callable[[int, Values, User], tuple[Values, Values] | None]
    undo: Callable[[int, Values, Values, User], list[str]]
    prepare: Callable[[list[int], Values], None] | None = None
    resolve: Callable[[Values, User], Values] | None = None


_acts: dict[tuple[str, str], Act] = {}


def register(kind: str, action: str, act: Act) -> None:
    """Make an act on many known; called once by each app at start."""
    _acts[kind, action] = act


def change_many(*, action: str, chosen: Chosen, values: Values, by: User) -> tuple[BulkChange, Job | None]:
    """Do it to the records chosen: at once where they are few, else by the job that is given back."""
    act = _act(chosen.kind.key, action)
    query = ""
    if chosen.asked is not None:
        if chosen.asked.tree.errors:
            raise Refused(*map(str, chosen.asked.tree.errors))
        query = _query(chosen.asked)
        is_long = count_up_to(chosen.asked, AT_ONCE) > AT_ONCE
    else:
        is_long = len(set(chosen.ids)) > AT_ONCE
    newest = chosen.kind.model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with transaction.atomic():
        change = BulkChange.objects.create(
            kind=chosen.kind.key,
            action=action,
            values=act.resolve(values, by) if act.resolve else values,
            ids=None if chosen.asked is not None else sorted(set(chosen.ids)),
            query=query,
            last_id=newest,
            by=by,
        )
        if is_long:
            return change, start_job(kind=BULK, by=by, params={"change": change.pk, "kind": change.kind, "action": action})
    while _chunk(change.pk)[1]:
        pass
    return BulkChange.objects.get(pk=change.pk), None


def undo_many(*, change_id: int, by: User) -> tuple[BulkChange, Job | None]:
    """Give every record back what it had before, but for fields that were changed since; within a day, by who did it."""
    with transaction.atomic():
        change = BulkChange.objects.visible_to(by).select_for_update().filter(pk=change_id).first()
        if change is None:
            raise Http404(_("This record doesn't exist, or you may not see it."))
        require_undoable(change)
        change.undo_began_at = change.undo_began_at or timezone.now()
        change.save(update_fields=["undo_began_at"])
        if (left := change.to_undo().count()) > AT_ONCE:
            params = {"change": change.pk, "kind": change.kind, "action": change.action}
            return change, start_job(kind=BULK_UNDO, by=by, params=params, total=left)
    while _undo_chunk(change.pk)[1]:
        pass
    return BulkChange.objects.get(pk=change.pk), None


def require_undoable(change: BulkChange) -> None:
    """Raise `Refused` where it can't be taken back (any more). What was stopped half-way goes on, also after a day."""
    if change.undone_at:
        raise Refused(_("This has been taken back already."))
    if change.undo_began_at:
        if Job.objects.open().filter(kind=BULK_UNDO, params__change=change.pk).exists():
            raise Refused(_("This is being taken back already."))
        return
    under_way = Job.objects.open().filter(kind=BULK, params__change=change.pk)
    if not change.finished_at and under_way.exists():
        raise Refused(_("This is still under way. Stop it first, or wait for its end."))
    if change.at < timezone.now() - UNDO_WITHIN:
        raise Refused(_("This can be taken back for a day, and that is over."))


def bulk_step(job: Job) -> bool:
    """One chunk of a change of many."""
    if job.total is None:
        job.total = _records(BulkChange.objects.select_related("by").get(pk=job.params["change"])).count()
    done, more = _chunk(job.params["change"])
    job.done += done
    job.total = max(job.total, job.done)
    return more


def undo_step(job: Job) -> bool:
    """One chunk of taking it back."""
    done, more = _undo_chunk(job.params["change"])
    job.done += done
    return more


def forget_old() -> None:
    """Drop what can't be taken back any more for long."""
    BulkChange.objects.before(timezone.now() - KEPT).delete()


def _act(kind: str, action: str) -> Act:
    act = _acts.get((kind, action))
    if act is None:
        raise Http404(_("There is no such action here."))
    return act


def _query(asked: Asked) -> str:
    """The filter itself instead of a view's name: a view may be changed while the work goes on."""
    return urlencode({"filter": asked.tree.text, "text": asked.text})


def _records(change: BulkChange) -> Any:
    """What is left of it, as the list shows it by now; of what was picked by hand, all."""
    kind = list_kind(change.kind)
    if kind is None:
        raise Refused(_("There is no such list."))
    if change.ids is not None:
        return kind.model.objects.filter(pk__in=[pk for pk in change.ids if pk > change.cursor])
    asked = Asked.read(kind, QueryDict(change.query), Reader.of(change.by, now=change.at))
    if asked.tree.errors:
        raise Refused(*map(str, asked.tree.errors))
    return matching(asked).filter(pk__gt=change.cursor, pk__lte=change.last_id)


def _next(change: BulkChange) -> list[int]:
    if change.ids is not None:
        return [pk for pk in change.ids if pk > change.cursor][:CHUNK]
    return list(_records(change).order_by("pk").values_list("pk", flat=True)[:CHUNK])


def _chunk(change_id: int) -> tuple[int, bool]:
    """Do it to the next records; how many they were, and whether there may be more. One transaction with its place."""
    with transaction.atomic():
        change = BulkChange.objects.select_related("by", "by__team").select_for_update(of=("self",)).get(pk=change_id)
        if change.undo_began_at:
            return 0, False
        act, ids = _act(change.kind, change.action), _next(change)
        if act.prepare and ids:
            act.prepare(ids, change.values)
        rows = [row for pk in ids if (row := _do(act, pk, change)) is not None]
        BulkRow.objects.bulk_create(rows)
        _count(change, len(ids), rows)
        change.cursor = ids[-1] if ids else change.cursor
        more = len(ids) == CHUNK
        if not more:
            change.finished_at = timezone.now()
            events.record("bulk.done", record="bulk", record_id=change.pk, by=change.by, kind=change.kind, action=change.action)
        change.save(update_fields=["cursor", "counts", "finished_at"])
    return len(ids), more


def _do(act: Act, pk: int, change: BulkChange) -> BulkRow | None:
    try:
        with transaction.atomic():
            changed = act.do(pk, change.values, change.by)
    except (Refused, Forbidden, Stale, Http404) as refusal:
        return BulkRow(change=change, record_id=pk, refused=_words(refusal))
    if changed is None:
        return None
    before, after = changed
    return BulkRow(change=change, record_id=pk, before=before, after=after)


def _count(change: BulkChange, asked: int, rows: list[BulkRow]) -> None:
    counts = change.counts
    refused = [row.refused for row in rows if row.refused]
    for name, more in (("changed", len(rows) - len(refused)), ("refused", len(refused)), ("same", asked - len(rows))):
        counts[name] = counts.get(name, 0) + more
    _tally(counts.setdefault("reasons", {}), iter(refused))


def _undo_chunk(change_id: int) -> tuple[int, bool]:
    """Take the latest rows back that are left."""
    with transaction.atomic():
        change = BulkChange.objects.select_related("by", "by__team").select_for_update(of=("self",)).get(pk=change_id)
        act = _act(change.kind, change.action)
        if change.undone_at:
            return 0, False
        found = list(change.to_undo().order_by("-record_id")[:CHUNK])
        if act.prepare and found:
            act.prepare([row.record_id for row in found], change.values | {"before": [row.before for row in found]})
        for row in found:
            row.kept = _undo(act, row, change.by)
        BulkRow.objects.bulk_update(found, ["kept"])
        counts = change.counts
        kept = sum(bool(row.kept) for row in found)
        counts["kept"], counts["back"] = counts.get("kept", 0) + kept, counts.get("back", 0) + len(found) - kept
        _tally(counts.setdefault("kept_reasons", {}), (reason for row in found for reason in row.kept))
        if found:
            change.undo_cursor = found[-1].record_id
        more = len(found) == CHUNK
        if not more:
            change.undone_at = timezone.now()
            events.record("bulk.undone", record="bulk", record_id=change.pk, by=change.by, kind=change.kind, action=change.action)
        change.save(update_fields=["undo_cursor", "counts", "undone_at"])
    return len(found), more


def _undo(act: Act, row: BulkRow, by: User) -> list[str]:
    try:
        with transaction.atomic():
            return act.undo(row.record_id, row.before, row.after, by)
    except (Refused, Forbidden, Stale, Http404) as refusal:
        return [_words(refusal)]


def _tally(reasons: dict[str, int], said: Iterator[str]) -> None:
    """How often each reason was given; of very many different ones the first."""
    for reason in said:
        if reason in reasons or len(reasons) < MAX_REASONS:
            reasons[reason] = reasons.get(reason, 0) + 1


def _words(refusal: Exception) -> str:
    if isinstance(refusal, Refused):
        return " ".join(map(str, refusal.reasons))
    return refusal.message if isinstance(refusal, Stale) else str(refusal)
