"""What the demo's deals are about in detail: a catalogue, line items, quotes, competitors and a checklist with ticks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from crm.errors import Refused
from crm.models import Event, Organisation
from crm.queries.rates import Rates
from pipeline.models import (
    ChecklistItem,
    ChecklistTick,
    Competitor,
    Deal,
    DealCompetitor,
    LineItem,
    Pipeline,
    Product,
    Quote,
    QuoteCounter,
    QuoteState,
    Seller,
)
from pipeline.models.line_items import money
from pipeline.services.demo_activities import write_events
from pipeline.services.quotes import make_pdf, take_snapshot
from pipeline.simulator.clients import EN, RU
from pipeline.simulator.goods import BIDS, CHECKLIST, COMPETITORS, GOODS, KIT_OF_TITLE
from pipeline.simulator.hours import WorkingHours

CURRENCIES = {RU: "RUB", EN: "EUR"}
LOST_TO_SOMEBODY = "Chose a competitor"
# From this stage on somebody has worked out what it costs, and has heard who else bids.
WORKED_OUT, QUOTED = 2, 4


class Estimator:
    """Works out the demo's deals; lines always come to the amount that the deal's history tells."""

    def __init__(self, *, sales: Pipeline, organisation: Organisation, random: Random, hours: WorkingHours, now: datetime) -> None:
        self.sales, self.organisation, self.random, self.hours, self.now = sales, organisation, random, hours, now
        self.today = organisation.today(now)
        self.open = list(Deal.objects.open().in_pipeline(sales).select_related("stage", "owner", "company", "contact").order_by("pk"))
        self.events: list[Event] = []

    def work_out(self) -> None:
        """All of it; some twenty queries and two PDFs."""
        products = self._catalogue()
        quoted = self._items(products)
        self._rivals()
        self._ticks()
        self._quotes(quoted)
        write_events(self.events)

    def _catalogue(self) -> dict[tuple[str, str], Product]:
        rows = {
            (language, key): Product(
                name=name,
                code=f"{code}-{language[0].upper()}",
                unit=unit,
                price=Decimal(price),
                currency=CURRENCIES[language],
                tax_rate=Decimal(tax),
                is_sample=True,
            )
            for key, (code, words) in GOODS.items()
            for language, (name, unit, price, tax) in words.items()
        }
        Product.objects.bulk_create(rows.values())
        return rows

    def _items(self, products: dict[tuple[str, str], Product]) -> list[Deal]:
        """Lines for a third of the open deals, of those that have got furthest; gives these."""
        rates = {code: Rates(code, base=self.organisation.currency, day=self.today) for code in CURRENCIES.values()}
        lines: list[LineItem] = []
        done: list[Deal] = []
        for deal in sorted(self.open, key=lambda deal: -deal.stage.position):
            if len(done) >= len(self.open) // 3 or not deal.amount or deal.title not in KIT_OF_TITLE:
                continue
            if own := list(self._lines(deal, products, rates[deal.currency])):
                lines += own
                done.append(deal)
        LineItem.objects.bulk_create(lines)
        Deal.objects.filter(pk__in=[deal.pk for deal in done]).update(amount_from_items=True)
        return done

    def _lines(self, deal: Deal, products: dict[tuple[str, str], Product], rates: Rates) -> Iterator[LineItem]:
        """As many of each as its share pays for; what is left is the price of the last. Nothing where the first is too dear."""
        language, kit = KIT_OF_TITLE[deal.title]
        amount = left = deal.amount or Decimal(0)
        for position, (key, share) in enumerate(kit):
            product = products[language, key]
            price = money(product.price * rates[product.currency])
            quantity = Decimal(int(amount * Decimal(share) / price)) if share else Decimal(1)
            if not quantity and position == 0:
                return
            if not quantity:
                continue
            off = Decimal(self.random.choice((0, 0, 5, 10))) if position == 0 else Decimal(0)
            line = LineItem(deal=deal, product=product, position=position, name=product.name, unit=product.unit, quantity=quantity)
            line.price, line.discount, line.tax_rate, line.tax_included = price if share else left, off, product.tax_rate, True
            line.net, line.tax, line.total = line.sums.net, line.sums.tax, line.sums.total
            left -= line.total
            yield line

    def _rivals(self) -> None:
        """Who else bids for what has been worked out, and who won what was lost to somebody."""
        known = [Competitor.objects.create(name=en, labels={"en": en, "ru": ru}) for en, ru in COMPETITORS]
        rivals = []
        for deal in self.open:
            if deal.stage.position > WORKED_OUT and self.random.random() < 0.4:
                for competitor in self.random.sample(known, self.random.choice((1, 1, 2))):
                    note = self.random.choice(BIDS[self._language(deal)])
                    rivals.append(DealCompetitor(deal=deal, competitor=competitor, note=note))
                    self._tell(deal, "deal.competitor_added", self._lately(deal), competitor=competitor.pk, title=competitor.name)
        lost = list(Deal.objects.filter(pipeline=self.sales, lost_reason__name=LOST_TO_SOMEBODY).order_by("pk"))
        named = [deal for deal in lost if self.random.random() < 0.7]
        for deal in named:
            deal.lost_to = self.random.choice(known)
            rivals.append(DealCompetitor(deal=deal, competitor=deal.lost_to))
        Deal.objects.bulk_update(named, ["lost_to"])
        DealCompetitor.objects.bulk_create(rivals)

    def _ticks(self) -> None:
        """A list for the pipeline; what earlier stages asked for is mostly done."""
        stages = list(self.sales.stages.order_by("position"))
        items = [
            ChecklistItem(pipeline=self.sales, stage=stages[place], position=position, name=en, labels={"en": en, "ru": ru})
            for position, (en, ru, place) in enumerate(CHECKLIST)
        ]
        ChecklistItem.objects.bulk_create(items)
        ticks = []
        for deal in self.open:
            for item, (_en, _ru, place) in zip(items, CHECKLIST, strict=True):
                chance = 0.85 if place < deal.stage.position else 0.45 if place == deal.stage.position else 0
                if deal.owner and self.random.random() < chance:
                    ticks.append(ChecklistTick(deal=deal, item=item, by=deal.owner, at=self.hours.between(deal.created_at, self.now)))
                    self._tell(deal, "checklist.ticked", ticks[-1].at, item=item.pk, title=item.name)
        ChecklistTick.objects.bulk_create(ticks)

    def _quotes(self, worked_out: list[Deal]) -> None:
        """Two offers of different people: one is sent, the later one is a draft yet."""
        chosen: dict[int, Deal] = {}
        for deal in worked_out:
            if deal.stage.position >= QUOTED and deal.owner and deal.owner.is_active:
                chosen.setdefault(deal.owner.pk, deal)
        dated = sorted(((self._lately(deal), deal) for deal in list(chosen.values())[:2]), key=lambda pair: pair[0])
        for state, (at, deal) in zip((QuoteState.SENT, QuoteState.DRAFT), dated, strict=False):
            self._quote(deal, at, state)

    def _quote(self, deal: Deal, at: datetime, state: str) -> None:
        day, seller, owner = self.organisation.today(at), Seller.current(), deal.owner
        assert owner is not None
        snapshot = take_snapshot(deal=deal, seller=seller, organisation=self.organisation, by=owner)
        counter, _is_new = QuoteCounter.objects.get_or_create(year=day.year)
        counter.last += 1
        counter.save(update_fields=["last"])
        quote = Quote.objects.create(
            deal=deal,
            year=day.year,
            number=counter.last,
            language=self._language(deal),
            issued_on=day,
            valid_until=day + timedelta(days=seller.valid_days),
            total=Decimal(snapshot["sums"]["total"]),
            currency=deal.currency,
            snapshot=snapshot,
            created_by=owner,
            created_at=at,
        )
        told = {"quote": quote.pk, "title": quote.label, "total": str(quote.total), "currency": quote.currency}
        self._tell(deal, "quote.created", at, **told)
        try:
            make_pdf(quote_id=quote.pk, by=owner)
        except Refused:
            return  # a draft without its PDF, as anybody would have it
        if state == QuoteState.SENT:
            Quote.objects.filter(pk=quote.pk).update(state=state)
            self._tell(deal, "quote.sent", at + (self.now - at) / 10, **told)

    def _language(self, deal: Deal) -> str:
        return EN if deal.title.isascii() else RU

    def _lately(self, deal: Deal) -> datetime:
        """A moment of the last days in the deal's stage."""
        return self.hours.between(max(deal.stage_entered_at, self.now - timedelta(days=9)), self.now)

    def _tell(self, deal: Deal, type: str, at: datetime, **payload: object) -> None:
        self.events.append(Event(type=type, record="deal", record_id=deal.pk, actor=deal.owner, at=at, payload=payload))
