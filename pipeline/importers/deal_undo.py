"""Taking back what an import did to deals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from crm.importers.undo import fields_of, give_fields
from crm.models import ImportedRow
from crm.services.put_back import Values
from pipeline.models import Deal, DealTerms, Pipeline, Stage
from pipeline.services.deals import TERMS
from pipeline.services.retelling import give_history, mark_of, take_history


def restore_deals(rows: Sequence[ImportedRow]) -> dict[int, Values]:
    """Give deals the fields, terms and visits back that they had, but for what has changed since."""
    held = {deal.pk: deal for deal in hold_deals([row.record_id for row in rows if row.record_id])}
    retold: list[tuple[Deal, ImportedRow]] = []
    told: dict[int, Values] = {}
    for row in rows:
        deal = held.get(row.record_id or 0)
        if deal is None:
            row.kept = [_("It is gone.")]
            continue
        # First the fields: a history that is given back saves the deal as well.
        fields = {name: value for name, value in row.after.items() if name not in ("terms", "history")}
        if changed := give_fields(deal, row, fields):
            deal.save(update_fields=sorted(fields_of(changed)))
            told[deal.pk] = changed
        if "terms" in row.after:
            _give_terms(deal, row.after["terms"], fields_of(changed))
        if "history" in row.after:
            retold.append((deal, row))
    for pk in _give_histories(retold):
        told.setdefault(pk, {})
    return told


def hold_deals(ids: Sequence[int]) -> list[Deal]:
    """In the order of locks that every writer of columns keeps: stages by id, then deals by id."""
    stages = Deal.objects.filter(pk__in=ids).values("stage")
    list(
        Stage.objects.filter(pipeline__in=Stage.objects.filter(pk__in=stages).values("pipeline"))
        .order_by("id")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    return list(Deal.objects.filter(pk__in=ids).order_by("id").select_for_update())


def _give_terms(deal: Deal, imported: int, changed: set[str]) -> None:
    """The import's own dated terms go where nothing came after them; else what was given back is dated from now on."""
    latest = DealTerms.objects.filter(deal=deal).order_by("since", "id").last()
    if latest and latest.pk == imported:
        latest.delete()
        before = DealTerms.objects.filter(deal=deal).order_by("since", "id").last()
        if before and {name: getattr(before, name) for name in deal.terms} == deal.terms:
            return
    if latest and changed & set(TERMS):
        DealTerms.objects.create(deal=deal, since=timezone.now(), by=None, **deal.terms)


def _give_histories(retold: Sequence[tuple[Deal, ImportedRow]]) -> list[int]:
    present = take_history([deal for deal, _row in retold])
    by_pipeline: dict[Pipeline, dict[int, Any]] = {}
    for deal, row in retold:
        if mark_of(present[deal.pk]) != row.after["history"]:
            row.kept = [*row.kept, _("Its history stays, because it has gone on since.")]
        else:
            by_pipeline.setdefault(deal.pipeline, {})[deal.pk] = row.before["history"]
    deals = {deal.pk: deal for deal, _row in retold}
    for pipeline, before in by_pipeline.items():
        give_history(pipeline=pipeline, deals=[deals[pk] for pk in before], before=before)
    return [pk for before in by_pipeline.values() for pk in before]
