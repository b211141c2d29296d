"""Keeping the pairs of records that may be the same: after each change of one, and over the whole base when asked."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from crm import events, jobs, rules
from crm.errors import Forbidden
from crm.models import DuplicatePair, Event, ImportedRow, Job, PairState, RowAction, User
from crm.queries.likeness import MODELS, compare, find_alike

DUPLICATES = "duplicates"
CHUNK = 50
TELLING = {"name", "emails", "phones", "website", "company"}


def look_again(*, kind: str, pk: int) -> int:
    """Find whom the record may be the same as, and keep it: how many. What was decided stays decided; what is so no longer goes."""
    alike = find_alike(kind, pk)
    pairs = [
        DuplicatePair(kind=kind, a=min(pk, other.pk), b=max(pk, other.pk), reasons=other.reasons, score=other.score) for other in alike
    ]
    with transaction.atomic():
        stale = DuplicatePair.objects.filter(Q(a=pk) | Q(b=pk), kind=kind, state=PairState.OPEN)
        keys = {(pair.a, pair.b) for pair in pairs}
        stale.filter(pk__in=[found.pk for found in stale if (found.a, found.b) not in keys]).delete()
        pairs.sort(key=lambda pair: (pair.a, pair.b))
        DuplicatePair.objects.bulk_create(
            pairs, update_conflicts=True, unique_fields=["kind", "a", "b"], update_fields=["reasons", "score"]
        )
    return len(pairs)


def open_pair(*, kind: str, one: int, other: int, by: User) -> DuplicatePair:
    """The pair of two records that somebody says may be the same, open to be merged, also after it was dismissed."""
    if kind not in MODELS or one == other:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    found = MODELS[kind].objects.visible_to(by).select_related("owner", "team").in_bulk([one, other])
    if len(found) < 2:
        raise Http404(_("This record doesn't exist, or you may not see it."))
    for record in found.values():
        rules.require(by, f"{kind}.change", record)
    told = compare(kind, *found.values())
    pair, _new = DuplicatePair.objects.update_or_create(
        kind=kind,
        a=min(one, other),
        b=max(one, other),
        defaults={"state": PairState.OPEN, "decided_by": None},
        create_defaults={"reasons": told.reasons, "score": told.score},
    )
    return pair


def look_after_change(event: Event) -> None:
    """Subscriber: a company or contact was added, edited, merged or taken apart."""
    if "import" in event.payload:  # looked through together when the import has ended
        return
    if event.type.endswith(".edited") and not TELLING & set(event.payload.get("changes", {})):
        return
    ids = [event.record_id]
    if gone := event.payload.get("gone"):
        ids.append(gone)
    for pk in ids:
        look_again(kind=event.record, pk=pk)


def look_after_import(event: Event) -> None:
    """Subscriber: an import has ended; what it brought is looked through in the background."""
    if event.actor is not None and event.actor.is_active:
        jobs.start_job(kind=DUPLICATES, by=event.actor, params={"batch": event.record_id})


def start_search(*, by: User) -> Job:
    """Look through the whole base; for managers and admins. One that is under way already is enough."""
    if not (by.is_admin or by.is_manager):
        raise Forbidden
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        if under_way := search_under_way(by):
            return under_way
        return jobs.start_job(kind=DUPLICATES, by=by)


def search_under_way(user: User) -> Job | None:
    """This person's search of the whole base that is not over yet."""
    return Job.objects.visible_to(user).open().filter(kind=DUPLICATES).exclude(params__has_key="batch").first()


def search_step(job: Job) -> bool:
    """One chunk of records: of an import what it brought, else all contacts and then all companies."""
    if job.total is None and "batch" not in job.params:
        job.total = sum(model.objects.count() for model in MODELS.values())
    found = _imported(job) if "batch" in job.params else _all(job)
    for kind, pk in found:
        job.result["pairs"] = job.result.get("pairs", 0) + look_again(kind=kind, pk=pk)
    job.done += len(found)
    return bool(found)


def _imported(job: Job) -> list[tuple[str, int]]:
    rows = ImportedRow.objects.filter(batch=job.params["batch"], pk__gt=job.cursor.get("after", 0), record__in=MODELS)
    rows = rows.exclude(record_id=None).filter(action__in=(RowAction.CREATED, RowAction.UPDATED))
    found = list(rows.order_by("pk").values_list("pk", "record", "record_id")[:CHUNK])
    if found:
        job.cursor = {"after": found[-1][0]}
    return [(kind, pk) for _row, kind, pk in found if pk is not None]


def _all(job: Job) -> list[tuple[str, int]]:
    cursor: dict[str, Any] = job.cursor or {"kind": "contact", "after": 0}
    for kind in ("contact", "company")[("contact", "company").index(cursor["kind"]) :]:
        after = cursor["after"] if kind == cursor["kind"] else 0
        ids = list(MODELS[kind].objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if ids:
            job.cursor = {"kind": kind, "after": ids[-1]}
            return [(kind, pk) for pk in ids]
    return []


def subscribe_all() -> None:
    """Called once at start."""
    for kind in MODELS:
        for verb in ("created", "edited", "merged", "unmerged", "restored"):
            events.subscribe(f"{kind}.{verb}", look_after_change)
    events.subscribe("import.finished", look_after_import)
