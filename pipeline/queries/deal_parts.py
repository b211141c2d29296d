"""The sections of a deal's page beside its fields: items, quotes, competitors, checklist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from crm.marks import mark_of
from crm.models import Contact, User
from crm.queries.rates import Rates
from pipeline.models import (
    ChecklistItem,
    ChecklistTick,
    Competitor,
    Deal,
    DealCompetitor,
    DealContact,
    LineItem,
    Product,
    Quote,
    Stage,
    Sums,
)
from pipeline.models.line_items import MARKED, money

MAX_SUGGESTIONS = 8
MAX_COMPETITORS = 200
MAX_QUOTES = 50


@dataclass(frozen=True)
class Items:
    """The lines with their marks, and what they come to."""

    lines: list[LineItem]
    sums: Sums
    tax_included: bool

    @property
    def order(self) -> str:
        return ",".join(str(line.pk) for line in self.lines)

    @property
    def has_tax(self) -> bool:
        return self.sums.tax > 0


def items_of(deal: Deal) -> Items:
    """The deal's lines in order. One query."""
    lines = list(deal.items.order_by("position", "id"))
    for line in lines:
        line.mark = mark_of(line, MARKED)  # type: ignore[attr-defined]
    return Items(lines, sum((line.sums for line in lines), Sums()), lines[0].tax_included if lines else True)


def quotes_of(deal: Deal, today: date) -> list[Quote]:
    """The deal's quotes, latest first, without what is large in them. One query."""
    light = ("pk", "deal_id", "year", "number", "state", "language", "issued_on", "valid_until", "total", "currency", "created_at")
    found = deal.quotes.select_related("file").only(*light, "file__size", "file__sha256", "file__made_at", "file__quote_id")
    quotes = list(found.order_by("-year", "-number")[:MAX_QUOTES])
    for quote in quotes:
        quote.has_file = hasattr(quote, "file")  # type: ignore[attr-defined]
        quote.is_over = quote.state == "sent" and quote.valid_until < today  # type: ignore[attr-defined]
    return quotes


def rivals_of(deal: Deal) -> list[DealCompetitor]:
    """Who else bids. One query."""
    return list(deal.rivals.select_related("competitor").order_by("id"))


def people_of(deal: Deal) -> list[DealContact]:
    """Who has a part in it: whoever sees the deal sees them. One query."""
    return list(DealContact.objects.filter(deal=deal).select_related("contact", "role").order_by("id"))


def company_people(deal: Deal, viewer: User) -> list[str]:
    """Names at the deal's company to choose from. One query, none without a company."""
    if not deal.company_id:
        return []
    return list(Contact.objects.visible_to(viewer).filter(company=deal.company_id).values_list("name", flat=True)[:MAX_COMPETITORS])


def known_competitors() -> list[Competitor]:
    """Whom one can choose from. One query."""
    return list(Competitor.objects.live()[:MAX_COMPETITORS])


@dataclass(frozen=True)
class Check:
    """One thing on the deal's checklist."""

    item: ChecklistItem
    tick: ChecklistTick | None
    # Its stage is still to come.
    is_later: bool


@dataclass(frozen=True)
class Checklist:
    """What is to be done by now, and what only later stages ask for."""

    now: list[Check]
    later: list[Check]

    @property
    def done(self) -> int:
        return sum(check.tick is not None for check in self.now)

    @property
    def all(self) -> list[Check]:
        return self.now + self.later


def checklist_of(deal: Deal, stages: Iterable[Stage]) -> Checklist:
    """The pipeline's list as it stands for this deal. Two queries, one where there is no list."""
    items = list(ChecklistItem.objects.live().filter(pipeline=deal.pipeline_id).order_by("position", "id"))
    ticks = {tick.item_id: tick for tick in deal.ticks.select_related("by")} if items else {}
    by_id = {stage.pk: stage for stage in stages}
    here = deal.stage.position
    checks = []
    for item in items:
        item.stage = by_id.get(item.stage_id) if item.stage_id else None
        is_later = item.stage is not None and item.stage.position > here and deal.is_open
        checks.append(Check(item, ticks.get(item.pk), is_later))
    return Checklist([check for check in checks if not check.is_later], [check for check in checks if check.is_later])


def suggest_products(*, text: str, deal: Deal, base: str, today: date) -> list[dict[str, Any]]:
    """Products whose name or code holds what was typed, with the price in the deal's currency at today's rate. Two queries."""
    rates = Rates(deal.currency, base=base, day=today)
    begins, holds = Q(name__istartswith=text) | Q(code__istartswith=text), Q(name__icontains=text) | Q(code__icontains=text)
    first = list(Product.objects.live().filter(begins)[:MAX_SUGGESTIONS])
    rest = Product.objects.live().filter(holds).exclude(begins)[: MAX_SUGGESTIONS - len(first)] if text else []
    return [{"product": product, "price": _in_currency(product, rates)} for product in [*first, *rest]]


def _in_currency(product: Product, rates: Rates) -> Decimal | None:
    return money(product.price * rates[product.currency]) if product.currency in rates else None
