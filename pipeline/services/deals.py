"""Creating deals and editing their fields."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, live
from crm.cleaning import clean
from crm.errors import Changed, Refused
from crm.models import Company, Contact, User
from crm.services.clients import find_or_add_company
from crm.services.custom_values import put_values
from crm.services.put_back import put_back
from crm.services.tags import read_tags
from pipeline import rules
from pipeline.models import Deal, DealTerms, Pipeline, Source, StageVisit
from pipeline.services.hold import hold_deal
from pipeline.services.places import lock_stages, top_rank

EDITABLE = ("title", "amount", "amount_from_items", "currency", "owner", "company", "contact", "source", "expected_close", "tags")
RECORDS = ("owner", "company", "contact", "source")
TERMS = ("amount", "currency", "owner", "expected_close")
_OWNED = object()


def create_deal(
    *,
    title: str,
    stage: int,
    by: User,
    amount: Decimal | None = None,
    currency: str | None = None,
    owner: User | object | None = _OWNED,
    company: Company | str | None = None,
    contact: Contact | None = None,
    source: Source | None = None,
    expected_close: date | None = None,
    tags: list[str] | None = None,
    custom: dict[str, Any] | None = None,
    origin: str = "",
) -> Deal:
    """Add a deal at the top of a stage, owned by `by` unless said otherwise; a company's name is looked up or added."""
    with transaction.atomic():
        column = lock_stages({stage}).get(stage)
        # Asked anew: what a locked row is joined with is as it was before the wait for the lock.
        if column is None or column.archived_at or not Pipeline.objects.live().filter(pk=column.pipeline_id).exists():
            raise Refused(_("This stage doesn't exist any more. Reload the board."))
        rules.require(by, "deal.create", column)
        owner_of = by if owner is _OWNED else owner
        at = timezone.now()
        deal = Deal(
            title=title.strip(),
            pipeline=column.pipeline,
            stage=column,
            amount=amount,
            currency=(currency or column.pipeline.currency).upper(),
            owner=owner_of if isinstance(owner_of, User) else None,
            team=owner_of.team if isinstance(owner_of, User) else by.team,
            company=find_or_add_company(name=company, by=by) if isinstance(company, str) else company,
            contact=contact,
            source=source,
            expected_close=expected_close,
            tags=read_tags(tags or []),
            rank=top_rank(column),
            created_at=at,
            stage_entered_at=at,
        )
        put_values(deal, kind="deal", given=custom or {})
        clean(deal)
        deal.save()
        StageVisit.objects.create(deal=deal, stage=column, seq=0, entered_at=at, entered_by=by, is_front=True)
        DealTerms.objects.create(deal=deal, since=at, by=by, **deal.terms)
        events.record("deal.created", record="deal", record_id=deal.pk, by=by, stage=column.pk)
        live.publish(f"pipeline:{column.pipeline_id}", stages=[column.pk], origin=origin)
    return deal


def edit_deal(
    *, deal_id: int, changes: dict[str, Any], was: dict[str, Any] | None = None, etag: str = "", by: User, origin: str = ""
) -> Deal:
    """Change fields of a deal (`EDITABLE`, and under `custom` values of custom fields by their keys); its version stays.

    Where `was` names the value the editor saw and the field has another by now, or `etag` is not the deal's (`fields_etag`):
    Changed (412), with the present value.
    Different fields edited by two people merge. Bad values: Refused. Not visible: Http404.
    """
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        own = {field: value for field, value in changes.items() if field != "custom"}
        unknown = set(own) - set(EDITABLE)
        if unknown:
            raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
        if etag and etag != fields_etag(deal):
            raise Changed(_("Somebody else has changed this deal meanwhile."), field_values(deal))
        _require_unchanged(deal, was or {})
        own = _with_source(deal, own) | ({"tags": read_tags(own["tags"])} if "tags" in own else {})
        before = {field: plain_value(getattr(deal, field)) for field in own}
        for field, value in own.items():
            setattr(deal, field, value)
        if "owner" in own:
            deal.team = deal.owner.team if deal.owner else by.team
        changed_custom = put_values(deal, kind="deal", given=changes.get("custom", {}), was=(was or {}).get("custom"))
        clean(deal)
        changed = {
            field: [old, plain_value(getattr(deal, field))] for field, old in before.items() if old != plain_value(getattr(deal, field))
        }
        if not changed and not changed_custom:
            return deal
        deal.save(update_fields=[*changed, *(["team"] if "owner" in changed else []), *(["custom"] if changed_custom else [])])
        if set(changed) & set(TERMS):
            DealTerms.objects.create(deal=deal, since=timezone.now(), by=by, **deal.terms)
        _tell(deal, changed | changed_custom, by)
        live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)
    return deal


def put_back_deal(pk: int, before: dict[str, Any], after: dict[str, Any], by: User) -> list[str]:
    """Give a deal the fields back that `by` changed with many others; in words what stays. Who gave it away may take it back."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update(no_key=True).filter(pk=pk).first()
        if deal is None:
            raise Http404(_("This deal doesn't exist, or you may not see it."))
        changed, kept = put_back(deal, before, after)
        if changed:
            fields = {"custom" if field.startswith("custom.") else field for field in changed}
            deal.save(update_fields=[*fields, *(["team"] if "owner" in fields else [])])
            if fields & set(TERMS):
                DealTerms.objects.create(deal=deal, since=timezone.now(), by=by, **deal.terms)
            _tell(deal, changed, by)
            live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin="")
    return kept


def items_total(deal: Deal) -> Decimal | None:
    """What the deal's items come to; nothing when there is none. One query."""
    return deal.items.aggregate(total=Sum("total"))["total"]


def _with_source(deal: Deal, changes: dict[str, Any]) -> dict[str, Any]:
    """An amount that is asked of the items is their sum; one that is typed is theirs no longer."""
    if changes.get("amount_from_items"):
        return changes | {"amount": items_total(deal)}
    if deal.amount_from_items and "amount" in changes and changes["amount"] != deal.amount:
        return changes | {"amount_from_items": False}
    return changes


def _tell(deal: Deal, changed: dict[str, list[Any]], by: User) -> None:
    """Where the amount comes from is told beside the fields that a reader knows, or alone."""
    fields = {field: values for field, values in changed.items() if field != "amount_from_items"}
    source = {"from_items": deal.amount_from_items} if "amount_from_items" in changed else {}
    if fields:
        events.record("deal.edited", record="deal", record_id=deal.pk, by=by, changes=fields, **source)
    else:
        events.record("deal.amount_source_changed", record="deal", record_id=deal.pk, by=by, **source)


def field_values(deal: Deal) -> dict[str, Any]:
    """The editable fields in their plain form."""
    own = {field: plain_value(getattr(deal, f"{field}_id" if field in RECORDS else field)) for field in EDITABLE}
    return own | {"custom": deal.custom}


def fields_etag(deal: Deal) -> str:
    """A mark of the editable fields' present values; moves don't change it."""
    return hashlib.sha256(json.dumps(field_values(deal), sort_keys=True).encode()).hexdigest()[:24]


def _require_unchanged(deal: Deal, was: dict[str, Any]) -> None:
    now = {field: plain_value(getattr(deal, field)) for field in was if field in EDITABLE}
    differing = {field: now[field] for field in now if now[field] != plain_value(was[field])}
    if differing:
        raise Changed(_("Somebody else has changed this field meanwhile. Look at the new value before you overwrite it."), differing)


def plain_value(value: Any) -> Any:
    """A field's value as the journal and a form write it: numbers and days as text, records as ids, nothing as None."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal):
        return format(value.quantize(Decimal("0.01")), "f")
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "pk", value)
