"""What an admin sets for the whole organisation: name, time zone, currency, language, and exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm import events, rules
from crm.cleaning import clean
from crm.errors import Refused
from crm.marks import require_mark
from crm.models import ExchangeRate, Organisation, User
from crm.services.zones import follow_organisation

EDITABLE = ("name", "time_zone", "country", "currency", "language")


def edit_organisation(*, changes: dict[str, Any], by: User, mark: str = "") -> Organisation:
    """Change what `EDITABLE` names; the currency only while no rate is told in it. Older `mark`: Changed.

    In another zone tasks of those without one of their own keep their time of day.
    """
    with transaction.atomic():
        rules.require(by, "settings.change")
        organisation = _lock()
        zone = organisation.zone
        require_mark(organisation, EDITABLE, mark)
        was = {name: getattr(organisation, name) for name in EDITABLE}
        for name in EDITABLE:
            setattr(organisation, name, changes.get(name, was[name]))
        organisation.name, organisation.currency = organisation.name.strip(), organisation.currency.upper()
        clean(organisation)
        if organisation.currency != was["currency"] and ExchangeRate.objects.exists():
            raise Refused(
                _("The exchange rates are counted in %(currency)s. Remove them first, then change the currency.")
                % {"currency": was["currency"]}
            )
        changed = {name: [was[name], getattr(organisation, name)] for name in EDITABLE if was[name] != getattr(organisation, name)}
        if changed:
            organisation.save(update_fields=list(changed))
            if organisation.zone != zone:
                follow_organisation(zone, organisation.zone)
            events.record("organisation.edited", record="organisation", record_id=organisation.pk, by=by, changes=changed)
    return organisation


def set_exchange_rate(*, currency: str, since: date, rate: Decimal, by: User) -> Decimal | None:
    """From that day on one unit of the currency is worth `rate` of the organisation's; gives the rate that stood for that day before."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        organisation = _lock()
        currency = currency.strip().upper()
        if currency == organisation.currency:
            raise Refused(_("%(currency)s is the organisation's own currency: it is worth 1.") % {"currency": currency})
        known = ExchangeRate.objects.filter(currency=currency, since=since).first()
        before = known.rate if known else None
        row = known or ExchangeRate(currency=currency, since=since)
        row.rate = rate
        clean(row)
        if rate <= 0:
            raise Refused(_("A rate is more than nothing."))
        row.save()
        if before != rate:
            events.record(
                "exchange_rate.set", record="exchange_rate", record_id=row.pk, by=by, currency=currency, since=str(since), rate=str(rate)
            )
    return before


def remove_exchange_rate(*, currency: str, since: date, by: User) -> Decimal | None:
    """Forget the rate of that day, so that the one before it holds on; gives the rate that was removed, None when there was none."""
    with transaction.atomic():
        rules.require(by, "settings.change")
        _lock()
        row = ExchangeRate.objects.filter(currency=currency, since=since).first()
        if row is None:
            return None
        events.record(
            "exchange_rate.removed",
            record="exchange_rate",
            record_id=row.pk,
            by=by,
            currency=currency,
            since=str(since),
            rate=str(row.rate),
        )
        row.delete()
    return row.rate


def _tell(type: str, row: ExchangeRate, by: User) -> None:
    told = {"currency": row.currency, "since": str(row.since), "rate": str(row.rate)}
    events.record(type, record="exchange_rate", record_id=row.pk, by=by, **told)


def _lock() -> Organisation:
    """The one row, made with its defaults when nobody has set it yet."""
    Organisation.objects.get_or_create(id=1)
    return Organisation.objects.select_for_update().get(id=1)
