"""Making quotes: a number without gaps, a snapshot of the deal, the PDF, and what became of it."""

from __future__ import annotations

import hashlib
import logging
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import events, live
from crm.errors import Refused
from crm.models import Organisation, User
from pipeline import rules
from pipeline.models import Deal, LineItem, Quote, QuoteCounter, QuoteFile, QuoteState, Seller, Sums
from pipeline.quote_pdf.render import NotSet, data_of, set_pdf
from pipeline.services.hold import hold_deal

logger = logging.getLogger(__name__)
MAX_DAYS = 365
DECIDED = (QuoteState.ACCEPTED, QuoteState.DECLINED)


def create_quote(*, deal_id: int, language: str, valid_until: date | None = None, by: User, origin: str = "") -> Quote:
    """Offer what the deal's items say, or its typed amount where there are none; the next number of the year is taken for good.

    The PDF is made afterwards (`make_pdf`): no one waits for another's document to get a number.
    """
    with transaction.atomic():
        deal = hold_deal(deal_id, by, "company", "contact")
        seller, organisation = Seller.current(), Organisation.current()
        today = organisation.today()
        snapshot = take_snapshot(deal=deal, seller=seller, organisation=organisation, by=by)
        if not Decimal(snapshot["sums"]["total"]):
            raise Refused(_("This quote would be for 0. Give its lines their prices first."))
        until = _valid_until(valid_until, today, seller)
        # Last, and held until the quote is written: a rollback gives the number back.
        QuoteCounter.objects.bulk_create([QuoteCounter(year=today.year)], ignore_conflicts=True)
        counter = QuoteCounter.objects.select_for_update().get(year=today.year)
        counter.last += 1
        counter.save(update_fields=["last"])
        quote = Quote.objects.create(
            deal=deal,
            year=today.year,
            number=counter.last,
            language="ru" if language == "ru" else "en",
            issued_on=today,
            valid_until=until,
            total=Decimal(snapshot["sums"]["total"]),
            currency=deal.currency,
            snapshot=snapshot,
            created_by=by,
        )
        _tell(quote, "created", by, origin)
    return quote


def renew_quote(*, quote_id: int, by: User, origin: str = "") -> Quote:
    """Take the deal as it is now into a draft, under the same number; what was sent stays as it was sent."""
    with transaction.atomic():
        quote = _locked_quote(quote_id, by)
        if quote.state != QuoteState.DRAFT:
            raise Refused(_("Only a draft can be renewed. Make a new quote instead."))
        organisation = Organisation.current()
        seller, today = Seller.current(), organisation.today()
        days = quote.valid_until - quote.issued_on
        quote.snapshot = take_snapshot(deal=quote.deal, seller=seller, organisation=organisation, by=by)
        quote.total, quote.currency = Decimal(quote.snapshot["sums"]["total"]), quote.deal.currency
        # A number belongs to its year; so does the day.
        quote.issued_on = today if today.year == quote.year else quote.issued_on
        quote.valid_until = quote.issued_on + days
        quote.save()
        QuoteFile.objects.filter(quote=quote).delete()
        _tell(quote, "renewed", by, origin)
    return quote


def set_quote_state(*, quote_id: int, state: str, by: User, origin: str = "") -> str:
    """Say that it was sent, accepted or declined; nothing but the quote changes. Gives the state before."""
    if state not in QuoteState.values:
        raise Refused(_("A quote is a draft, sent, accepted or declined."))
    with transaction.atomic():
        quote = _locked_quote(quote_id, by)
        before = quote.state
        if state == before:
            return before
        if state != QuoteState.DRAFT and not QuoteFile.objects.filter(quote=quote).exists():
            raise Refused(_("Its PDF isn't made yet. Make it first."))
        quote.state, quote.decided_at = state, timezone.now() if state in DECIDED else None
        quote.save(update_fields=["state", "decided_at"])
        _tell(quote, state if state != QuoteState.DRAFT else "drafted", by, origin)
    return before


def make_pdf(*, quote_id: int, by: User) -> QuoteFile:
    """Have the PDF of a quote made and keep it; one that is there stays. In vain: Refused, and the quote waits for another try."""
    quote = visible_quote(quote_id, by)
    if found := QuoteFile.objects.filter(quote=quote).first():
        return found
    rules.require(by, "deal.edit", quote.deal)
    logo = Seller.objects.filter(id=1).values_list("logo", flat=True).first()
    data = data_of(
        quote.snapshot,
        label=quote.label,
        language=quote.language,
        issued_on=quote.issued_on,
        valid_until=quote.valid_until,
        currency=quote.currency,
    )
    try:
        content = set_pdf(data, logo=bytes(logo or b""), at=quote.created_at)
    except NotSet:
        logger.exception("quote %s could not be set", quote.label)
        raise Refused(_("The PDF could not be made. The quote is kept: try again in a minute.")) from None
    with transaction.atomic():
        now = Quote.objects.select_for_update(no_key=True).get(pk=quote.pk)
        if now.snapshot != quote.snapshot:
            raise Refused(_("Somebody has renewed this quote meanwhile. Make its PDF again."))
        fresh = QuoteFile(quote=quote, content=content, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        QuoteFile.objects.bulk_create([fresh], ignore_conflicts=True)
    return QuoteFile.objects.get(quote=quote)


def visible_quote(quote_id: int, by: User) -> Quote:
    """The quote, if this person sees its deal; else Http404."""
    seen = Deal.objects.visible_to(by)
    quote = Quote.objects.select_related("deal").filter(pk=quote_id, deal__in=seen).first()
    if quote is None:
        raise Http404(_("This quote doesn't exist, or you may not see it."))
    return quote


def sample_pdf(*, organisation: Organisation, by: User, logo: bytes | None = None) -> bytes:
    """What a quote would look like with the words and the logo as they stand (or another logo); nothing is kept. `NotSet` as it is."""
    seller, today = Seller.current(), organisation.today()
    lines = [
        LineItem(
            name=_("Licence for a year"), unit=_("seat"), quantity=Decimal(10), price=Decimal(12000), discount=Decimal(10), tax_rate=20
        ),
        LineItem(name=_("Set-up and training"), unit=_("hour"), quantity=Decimal("16.5"), price=Decimal(3500), tax_rate=20),
    ]
    for line in lines:
        line.tax_rate, line.tax_included = Decimal(line.tax_rate), seller.tax_included
        line.discount, line.total = Decimal(line.discount), line.sums.total
    client = {"name": _("The client's company"), "details": []}
    snapshot = _snapshot(_("A sample"), client, lines, seller, organisation, by)
    language = "ru" if (get_language() or "").startswith("ru") else "en"
    until = today + timedelta(days=seller.valid_days)
    data = data_of(
        snapshot, label=f"{today.year}-0000", language=language, issued_on=today, valid_until=until, currency=organisation.currency
    )
    shown = logo or Seller.objects.filter(id=1).values_list("logo", flat=True).first()
    return set_pdf(data, logo=bytes(shown or b""), at=timezone.now())


def take_snapshot(*, deal: Deal, seller: Seller, organisation: Organisation, by: User) -> dict[str, Any]:
    """Every word and figure that the quote shows, as of now."""
    items = list(deal.items.all())
    if not items and deal.amount is None:
        raise Refused(_("There is nothing to offer yet: add items or an amount to the deal."))
    if not items:
        amount = deal.amount or Decimal(0)
        items = [LineItem(name=deal.title, quantity=Decimal(1), price=amount, net=amount, tax=Decimal(0), total=amount)]
    company, contact = deal.company, deal.contact
    person = contact.name if contact and company else ""
    client = {"name": (company or contact).name if company or contact else "–", "details": [person, company.city if company else ""]}
    return _snapshot(deal.title, client, items, seller, organisation, by)


def _snapshot(
    title: str, client: dict[str, Any], items: list[LineItem], seller: Seller, organisation: Organisation, by: User
) -> dict[str, Any]:
    sums = sum((item.sums for item in items), Sums())
    return {
        "title": title,
        "tax_included": items[0].tax_included,
        "lines": [_line(item) for item in items],
        "sums": {name: str(getattr(sums, name)) for name in ("gross", "discount", "net", "tax", "total")},
        "seller": {
            "name": seller.legal_name or organisation.name,
            "address": seller.address,
            "tax_id": seller.tax_id,
            "bank": seller.bank,
            "reach": seller.reach,
        },
        "client": client,
        "words": {"header": seller.header, "terms": seller.terms, "footer": seller.footer},
        "by": {"name": by.name, "reach": by.email},
    }


def _line(item: LineItem) -> dict[str, str]:
    fields = ("name", "unit", "quantity", "price", "discount", "discount_kind", "tax_rate", "total")
    return {field: str(getattr(item, field)) for field in fields}


def _valid_until(asked: date | None, today: date, seller: Seller) -> date:
    until = asked or today + timedelta(days=seller.valid_days)
    if not today <= until <= today + timedelta(days=MAX_DAYS):
        raise Refused(_("A quote is valid from today on, for a year at most."))
    return until


def _locked_quote(quote_id: int, by: User) -> Quote:
    """The quote and its deal, held in the order deal, quote."""
    deal = hold_deal(visible_quote(quote_id, by).deal_id, by, "company", "contact")
    quote = Quote.objects.select_for_update(no_key=True).get(pk=quote_id)
    quote.deal = deal
    return quote


def _tell(quote: Quote, what: str, by: User, origin: str) -> None:
    told = {"quote": quote.pk, "title": quote.label, "total": str(quote.total), "currency": quote.currency}
    events.record(f"quote.{what}", record="deal", record_id=quote.deal_id, by=by, **told)
    live.publish(f"pipeline:{quote.deal.pipeline_id}", stages=[quote.deal.stage_id], origin=origin)
