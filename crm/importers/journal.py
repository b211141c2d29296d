"""What the journal learns of an import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from crm.importers.base import Outcome
from crm.models import Event, RowAction

# What an import changes that is no field: how an update of a deal wrote its terms and its history, and its number elsewhere.
SILENT = {"terms", "history", "import_key"}


def record_events(batch: Any, outcomes: Iterable[Outcome], by: Any) -> None:
    """Tell the journal of what was added and changed; automation hears of it only where that was chosen."""
    heard = batch.automation != "no"
    now = timezone.now()
    told = []
    for outcome in outcomes:
        if outcome.record in ("contact", "company", "deal") and outcome.action in (RowAction.CREATED, RowAction.UPDATED):
            payload: dict[str, Any] = {"import": batch.pk, "automation": batch.automation}
            if outcome.action == RowAction.UPDATED:
                payload["changes"] = {name: [outcome.before[name], outcome.after[name]] for name in outcome.after if name not in SILENT}
            verb = "created" if outcome.action == RowAction.CREATED else "edited" if payload["changes"] else "retold"
            told.append(
                Event(
                    type=f"{outcome.record}.{verb}",
                    record=outcome.record,
                    record_id=outcome.record_id or 0,
                    actor=by,
                    payload=payload,
                    dispatched_at=None if heard else now,
                )
            )
    Event.objects.bulk_create(told)


def record_taken_back(batch: Any, record: str, *, changed: Mapping[int, dict[str, Any]], gone: Iterable[int], by: Any) -> None:
    """Tell the journal of what an import's end took away or gave back; automation never hears of it."""
    now = timezone.now()
    told: list[tuple[int, str, dict[str, Any]]] = [(pk, "removed", {}) for pk in sorted(gone)]
    told += [(pk, "edited" if changes else "retold", {"changes": changes}) for pk, changes in changed.items()]
    Event.objects.bulk_create(
        Event(type=f"{record}.{verb}", record=record, record_id=pk, actor=by, payload={"import": batch.pk, **words}, dispatched_at=now)
        for pk, verb, words in told
    )
