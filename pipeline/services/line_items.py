"""The line items of a deal, and the amount that follows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crm import events, live
from crm.cleaning import clean
from crm.errors import Changed, Refused
from crm.marks import mark_of, require_mark
from crm.models import Organisation, User
from crm.queries.rates import Rates
from pipeline.models import Deal, DiscountKind, LineItem, Product, Seller
from pipeline.models.deals import MAX_AMOUNT
from pipeline.models.line_items import CENT, MARKED, money
from pipeline.services.deals import edit_deal
from pipeline.services.hold import hold_deal

EDITABLE = ("name", "unit", "quantity", "price", "discount", "discount_kind", "tax_rate", "product")
MAX_ITEMS = 200
UNDO_SECONDS = 15 * 60
MILLI = Decimal("0.001")


def add_item(*, deal_id: int, values: dict[str, Any], by: User, origin: str = "") -> LineItem:
    """Add a line at the end: what `values` (`EDITABLE`) leave out comes from the product.

    The first line of a deal without an amount makes the amount come from the items.
    """
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        lines = list(deal.items.only("position", "tax_included"))
        if len(lines) >= MAX_ITEMS:
            raise Refused(_("A deal has at most %(count)s lines.") % {"count": MAX_ITEMS})
        item = LineItem(deal=deal, position=max((line.position for line in lines), default=-1) + 1)
        # All lines of a deal tell their prices in one way, also when the organisation changes its mind.
        item.tax_included = lines[0].tax_included if lines else Seller.current().tax_included
        _fill(item, values, deal)
        item.save(force_insert=True)
        takes_over = not lines and deal.amount is None and not deal.amount_from_items
        _follow(deal, "added", item.name, by, origin, takes_over=takes_over)
    return item


def edit_item(*, deal_id: int, item_id: int, changes: dict[str, Any], mark: str = "", by: User, origin: str = "") -> LineItem:
    """Change a line; where it is no longer what `mark` saw: Changed, with the present values."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        item = _item(deal, item_id)
        require_mark(item, MARKED, mark)
        before = mark_of(item, MARKED)
        _fill(item, changes, deal)
        if mark_of(item, MARKED) != before:
            item.save()
            _follow(deal, "changed", item.name, by, origin)
    return item


def remove_item(*, deal_id: int, item_id: int, mark: str = "", by: User, origin: str = "") -> str:
    """Take a line away; the answer, sealed, is what brings it back (`restore_item`)."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        item = _item(deal, item_id)
        require_mark(item, MARKED, mark)
        kept = {
            field.attname: field.value_to_string(item) for field in item._meta.concrete_fields if getattr(item, field.attname) is not None
        }
        item.delete()
        _follow(deal, "removed", item.name, by, origin)
    return signing.dumps({"by": by.pk, "values": kept}, salt=LineItem._meta.label, compress=True)


def restore_item(*, deal_id: int, seal: str, by: User, origin: str = "") -> LineItem:
    """Bring back what `remove_item` took, in its place; twice is once."""
    try:
        kept = signing.loads(seal, salt=LineItem._meta.label, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        kept = {"by": None}
    if kept["by"] != by.pk:
        raise Refused(_("This can't be brought back any more."))
    item = LineItem(**{field: LineItem._meta.get_field(field).to_python(value) for field, value in kept["values"].items()})
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        if item.deal_id != deal.pk:
            raise Refused(_("This can't be brought back any more."))
        if found := deal.items.filter(pk=item.pk).first():
            return found
        if item.product_id and not Product.objects.filter(pk=item.product_id).exists():
            item.product_id = None
        if deal.items.filter(position=item.position).exists():
            deal.items.filter(position__gte=item.position).update(position=F("position") + 1)
        item.save(force_insert=True)
        _follow(deal, "restored", item.name, by, origin)
    return item


def order_items(*, deal_id: int, order: list[int], was: list[int] | None = None, by: User, origin: str = "") -> None:
    """Put the lines into this order; where they no longer stand as `was` saw them: Changed."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        items = {item.pk: item for item in deal.items.all()}
        now = list(items)
        if (was is not None and was != now) or sorted(order) != sorted(now):
            raise Changed(_("Somebody else has changed these lines meanwhile."), {"order": now})
        if order == now:
            return
        for position, pk in enumerate(order):
            items[pk].position = position
        LineItem.objects.bulk_update(items.values(), ["position"])
        events.record("deal.items_changed", record="deal", record_id=deal.pk, by=by, what="ordered")
        live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)


def _item(deal: Deal, item_id: int) -> LineItem:
    item = deal.items.filter(pk=item_id).first()
    if item is None:
        raise Changed(_("Somebody else has removed this line meanwhile."), {})
    return item


def _fill(item: LineItem, values: dict[str, Any], deal: Deal) -> None:
    """Put the values in, those of a newly chosen product below them, and work out what the line comes to."""
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    product = values.get("product")
    if product is not None and product.pk != item.product_id:
        values = _taken_from(product, deal) | values
    for field, value in values.items():
        setattr(item, field, value)
    item.name, item.unit = item.name.strip(), item.unit.strip()
    _require_sane(item)


def _taken_from(product: Product, deal: Deal) -> dict[str, Any]:
    """What a line takes over from its product, the price in the deal's currency at today's rate; without a rate no price."""
    organisation = Organisation.current()
    rates = Rates(deal.currency, base=organisation.currency, day=organisation.today())
    price = money(product.price * rates[product.currency]) if product.currency in rates else Decimal(0)
    return {"name": product.name, "unit": product.unit, "price": min(price, MAX_AMOUNT), "tax_rate": product.tax_rate}


def _require_sane(item: LineItem) -> None:
    if item.discount_kind == DiscountKind.PERCENT and item.discount is not None and item.discount > 100:
        raise Refused(_("A discount is at most 100 %."))
    item.net = item.tax = item.total = Decimal(0)
    clean(item)
    # As the database gives them back, so that an equal value is no change.
    item.quantity = Decimal(item.quantity).quantize(MILLI)
    item.price, item.discount, item.tax_rate = (Decimal(value).quantize(CENT) for value in (item.price, item.discount, item.tax_rate))
    sums = item.sums
    if sums.discount > sums.gross:
        raise Refused(_("The discount is more than the line itself."))
    if sums.total > MAX_AMOUNT:
        raise Refused(_("That comes to more than an amount can hold."))
    item.net, item.tax, item.total = sums.net, sums.tax, sums.total


def _follow(deal: Deal, what: str, name: str, by: User, origin: str, *, takes_over: bool = False) -> None:
    """Have the amount follow where it comes from the items, and tell of it once: as a change of the amount, or of the lines alone."""
    before = deal.amount
    if deal.amount_from_items or takes_over:
        changed = edit_deal(deal_id=deal.pk, changes={"amount_from_items": True}, by=by, origin=origin)
        if changed.amount != before:
            return
    events.record("deal.items_changed", record="deal", record_id=deal.pk, by=by, what=what, item=name)
    live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)
