"""Fields of a deal as a person types them, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from crm.custom_fields import inputs
from crm.custom_fields.inputs import read_typed
from crm.custom_fields.values import PREFIX
from crm.errors import Refused
from crm.field_editing import read_json, read_owner
from crm.ids import read_id
from crm.models import Company, Contact, User
from crm.money import MAX_AMOUNT, read_money
from crm.queries.custom_fields import fields_of
from crm.services.clients import find_or_add_company
from pipeline.models import Deal, Source


def _title(value: str, _deal: Deal, _by: User) -> str:
    title = value.replace("\0", "").strip()
    if not title:
        raise Refused(_("A deal needs a title."))
    return title


def _currency(value: str, _deal: Deal, _by: User) -> str:
    return value.strip().upper()[:10]


def _owner(value: str, _deal: Deal, _by: User) -> User | None:
    return read_owner(value)


def _company(value: str, _deal: Deal, by: User) -> Company | None:
    if len(value) > 200:
        raise Refused(_("A name has at most 200 characters."))
    return find_or_add_company(name=value.replace("\0", ""), by=by)


def read_contact(value: str, deal: Deal, by: User) -> Contact | None:
    """The contact of that name whom the person sees, one at the deal's company before namesakes; none for nothing typed."""
    name = value.replace("\0", "").strip()
    if not name:
        return None
    found = Contact.objects.visible_to(by).filter(name__iexact=name[:200])
    # A namesake at the deal's own company comes first.
    contact = found.filter(company=deal.company_id).first() if deal.company_id else None
    contact = contact or found.first()
    if contact is None:
        raise Refused(_("There is no contact “%(name)s”. Add it under Contacts first.") % {"name": name[:60]})
    return contact


def _source(value: str, _deal: Deal, _by: User) -> Source | None:
    if not value.strip():
        return None
    found = Source.objects.live().filter(pk=read_id(value)).first()
    if found is None:
        raise Refused(_("This source doesn't exist any more. Choose another."))
    return found


def _day(value: str, _deal: Deal, _by: User) -> date | None:
    value = value.strip()
    if not value:
        return None
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"):
        try:
            return datetime.strptime(value, pattern).date()
        except ValueError:
            continue
    raise Refused(_("“%(value)s” is no date. Write it like 2026-03-31.") % {"value": value[:40]})


def _tags(value: str, _deal: Deal, _by: User) -> Any:
    return read_json(value)


READERS: dict[str, Callable[[str, Deal, User], Any]] = {
    "title": _title,
    "currency": _currency,
    "owner": _owner,
    "company": _company,
    "contact": read_contact,
    "source": _source,
    "expected_close": _day,
    "tags": _tags,
}


def read_field(field: str, value: str, *, deal: Deal, by: User) -> dict[str, Any]:
    """What was typed as `{field: value}`, each in its own type, an amount with its currency; Refused with words when it makes no sense."""
    if field == "amount":
        return read_money_field(value)
    if field.startswith(PREFIX):
        return {"custom": read_typed(fields_of("deal"), field, value, deal.custom)}
    if field not in READERS:
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": field[:40]})
    return {field: READERS[field](value, deal, by)}


def read_money_field(value: str) -> dict[str, Any]:
    """An amount, and the currency where one was typed; Refused with words when it makes no sense."""
    if not value.strip():
        return {"amount": None}
    amount, currency = read_money(value)
    if amount is None or not 0 <= amount <= MAX_AMOUNT:
        raise Refused(_("“%(value)s” is no amount. Write it like 300000, 300k or 1.5m.") % {"value": value[:40]})
    return {"amount": amount} | ({"currency": currency} if currency else {})


def read_seen(field: str, seen: str) -> dict[str, Any]:
    """The value that the editor saw as `{field: value}`, in the plain form in which the deal keeps it."""
    return {"custom": inputs.read_seen(field, seen)} if field.startswith(PREFIX) else {field: _read_seen(field, seen)}


def _read_seen(field: str, seen: str) -> Any:
    if field == "tags":
        return read_json(seen)
    if not seen:
        return None
    if field == "amount":
        try:
            amount = Decimal(seen)
        except InvalidOperation:
            return seen
        return amount if amount.is_finite() and abs(amount) <= MAX_AMOUNT else seen
    return read_id(seen) if field in ("owner", "company", "contact", "source") else seen
