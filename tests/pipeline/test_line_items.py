"""Line items: exact sums, an amount that follows them, and two people at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import Changed, Refused
from crm.marks import mark_of
from crm.models import Event, ExchangeRate, Organisation, Team, User
from pipeline.models import Deal, DealTerms, LineItem, Product, Seller, Stage, sums_of
from pipeline.models.line_items import MARKED
from pipeline.services.deals import edit_deal
from pipeline.services.line_items import add_item, edit_item, order_items, remove_item, restore_item
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants

D = Decimal


def line(**values: Any) -> dict[str, Any]:
    return {"name": "Set-up", "quantity": D(1), "price": D(100)} | values


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # gross, discount, net, tax, total; worked out by hand
        ((D("3"), D("33.33"), D("0"), "percent", D("20"), False), ("99.99", "0", "99.99", "20.00", "119.99")),
        ((D("3"), D("33.33"), D("10"), "percent", D("20"), True), ("99.99", "10.00", "74.99", "15.00", "89.99")),
        ((D("1"), D("0.05"), D("50"), "percent", D("0"), True), ("0.05", "0.03", "0.02", "0.00", "0.02")),
        ((D("1"), D("2.99"), D("0"), "percent", D("4"), True), ("2.99", "0", "2.87", "0.12", "2.99")),
        ((D("0.125"), D("0.2"), D("0"), "amount", D("20"), False), ("0.03", "0", "0.03", "0.01", "0.04")),
        ((D("2"), D("1000"), D("500"), "amount", D("20"), True), ("2000.00", "500", "1250.00", "250.00", "1500.00")),
    ],
)
def test_sums_of_a_line(values: tuple[Any, ...], expected: tuple[str, ...]) -> None:
    names = ("quantity", "price", "discount", "discount_kind", "tax_rate", "tax_included")
    sums = sums_of(**dict(zip(names, values, strict=True)))
    assert (sums.gross, sums.discount, sums.net, sums.tax, sums.total) == tuple(map(D, expected))


@given(
    quantity=st.decimals("0.001", "99999", places=3),
    price=st.decimals(0, "9999999", places=2),
    discount=st.decimals(0, 100, places=2),
    tax_rate=st.decimals(0, 100, places=2),
    tax_included=st.booleans(),
)
def test_a_line_always_adds_up(**values: Any) -> None:
    sums = sums_of(discount_kind="percent", **values)
    assert sums.net + sums.tax == sums.total
    assert sums.gross - sums.discount == (sums.total if values["tax_included"] else sums.net)
    assert 0 <= sums.net <= sums.gross and sums.tax >= 0
    assert all(part == part.quantize(D("0.01")) for part in (sums.gross, sums.discount, sums.net, sums.tax, sums.total))
    base = sums.net if not values["tax_included"] else sums.total * 100 / (100 + values["tax_rate"])
    assert abs(sums.tax - base * values["tax_rate"] / 100) <= D("0.005")


@pytest.mark.django_db
def test_the_amount_follows_the_items_with_its_history_and_the_columns(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None)
    first = add_item(deal_id=deal.pk, values=line(), by=anna)
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_from_items) == (D(100), True)
    add_item(deal_id=deal.pk, values=line(name="Seats", quantity=D("2.5"), price=D("10"), discount=D(10)), by=anna)
    edit_item(deal_id=deal.pk, item_id=first.pk, changes={"quantity": D(2)}, by=anna)
    deal.refresh_from_db()
    assert deal.amount == D("222.50")
    assert [row.amount for row in DealTerms.objects.filter(deal=deal)] == [None, D(100), D("122.50"), D("222.50")]
    told = Event.objects.about("deal", deal.pk).first()
    assert (told.type, told.payload["changes"]) == ("deal.edited", {"amount": ["122.50", "222.50"]})
    check_invariants()


@pytest.mark.django_db
def test_a_typed_amount_stays_until_one_asks_for_the_items(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=700)
    add_item(deal_id=deal.pk, values=line(), by=anna)
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_from_items) == (D(700), False)
    assert Event.objects.about("deal", deal.pk).first().type == "deal.items_changed"
    edit_deal(deal_id=deal.pk, changes={"amount_from_items": True}, by=anna)
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_from_items) == (D(100), True)
    edit_deal(deal_id=deal.pk, changes={"amount": D(90)}, by=anna)
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_from_items) == (D(90), False)
    check_invariants()


@pytest.mark.django_db
def test_the_database_refuses_an_amount_that_disagrees(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None)
    item = add_item(deal_id=deal.pk, values=line(), by=anna)

    def refused(change: Any) -> None:
        with pytest.raises(IntegrityError, match="items come to"), transaction.atomic():
            change()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    refused(lambda: Deal.objects.filter(pk=deal.pk).update(amount=D(99)))
    refused(lambda: LineItem.objects.filter(pk=item.pk).update(net=D(50), total=D(50)))
    refused(lambda: LineItem.objects.filter(pk=item.pk).delete())
    with pytest.raises(IntegrityError), transaction.atomic():
        LineItem.objects.filter(pk=item.pk).update(total=D(50))  # net and tax say otherwise
    other = make_deal(by=anna, amount=5)
    refused(lambda: Deal.objects.filter(pk=other.pk).update(amount_from_items=True))


@pytest.mark.django_db
def test_removed_and_brought_back_in_its_place(anna: User, boris: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None)
    items = [add_item(deal_id=deal.pk, values=line(name=name), by=anna) for name in "abc"]
    seal = remove_item(deal_id=deal.pk, item_id=items[1].pk, by=anna)
    deal.refresh_from_db()
    assert (deal.amount, [item.name for item in deal.items.all()]) == (D(200), ["a", "c"])
    for by in (boris, anna, anna):
        if by == boris:
            with pytest.raises(Refused):
                restore_item(deal_id=deal.pk, seal=seal, by=by)
        else:
            restore_item(deal_id=deal.pk, seal=seal, by=by)
    deal.refresh_from_db()
    assert (deal.amount, [item.pk for item in deal.items.all()]) == (D(300), [item.pk for item in items])
    for item in items:
        remove_item(deal_id=deal.pk, item_id=item.pk, by=anna)
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_from_items) == (None, True)
    check_invariants()


@pytest.mark.django_db
def test_nobody_overwrites_silently(anna: User, clara: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None)
    item, other = (add_item(deal_id=deal.pk, values=line(name=name), by=anna) for name in "ab")
    seen = mark_of(item, MARKED)
    edit_item(deal_id=deal.pk, item_id=item.pk, changes={"price": D(120)}, mark=seen, by=clara)
    with pytest.raises(Changed) as conflict:
        edit_item(deal_id=deal.pk, item_id=item.pk, changes={"quantity": D(9)}, mark=seen, by=anna)
    assert conflict.value.current["price"] == D(120)
    with pytest.raises(Changed):
        remove_item(deal_id=deal.pk, item_id=item.pk, mark=seen, by=anna)
    order_items(deal_id=deal.pk, order=[other.pk, item.pk], was=[item.pk, other.pk], by=clara)
    with pytest.raises(Changed):
        order_items(deal_id=deal.pk, order=[item.pk, other.pk], was=[item.pk, other.pk], by=anna)
    remove_item(deal_id=deal.pk, item_id=item.pk, by=clara)
    with pytest.raises(Changed):
        edit_item(deal_id=deal.pk, item_id=item.pk, changes={"quantity": D(9)}, by=anna)
    assert [(row.name, row.quantity) for row in deal.items.all()] == [("b", D(1))]


@pytest.mark.django_db
def test_a_product_brings_its_price_in_the_deals_currency(anna: User, stages: list[Stage]) -> None:
    Organisation.objects.create(id=1, currency="RUB")
    ExchangeRate.objects.create(currency="EUR", since="2026-01-01", rate=D(100))
    product = Product.objects.create(name="Licence", unit="seat", price=D("2500.50"), currency="RUB", tax_rate=D(20))
    Seller.objects.create(id=1, tax_included=False)
    deal = make_deal(by=anna, amount=None)
    item = add_item(deal_id=deal.pk, values={"product": product, "quantity": D(2)}, by=anna)
    assert (item.name, item.unit, item.price, item.tax_rate, item.total) == ("Licence", "seat", D("25.01"), D(20), D("60.02"))
    # The organisation changes its mind; a deal's lines still speak one language.
    Seller.objects.update(tax_included=True)
    assert add_item(deal_id=deal.pk, values=line(tax_rate=D(20)), by=anna).tax_included is False
    unknown = Product.objects.create(name="Abroad", price=D(5), currency="USD")
    assert add_item(deal_id=deal.pk, values={"product": unknown}, by=anna).price == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        {"name": " "},
        {"quantity": D(0)},
        {"quantity": D("-1")},
        {"quantity": D("0.0001")},
        {"price": D("-0.01")},
        {"price": D("NaN")},
        {"discount": D(101)},
        {"discount": D("100.01"), "discount_kind": "amount"},
        {"discount_kind": "gift"},
        {"tax_rate": D(101)},
        {"quantity": D(999999999), "price": D(9999999999999)},
        {"total": D(5)},
    ],
)
def test_nonsense_is_refused(values: dict[str, Any], anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None)
    with pytest.raises(Refused):
        add_item(deal_id=deal.pk, values=line(**values), by=anna)
    assert not deal.items.exists()


@pytest.mark.django_db
def test_only_who_may_edit_the_deal(anna: User, boris: User, denis: User, north: Team, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None)
    item = add_item(deal_id=deal.pk, values=line(), by=anna)
    for stranger in (boris, denis):
        with pytest.raises(Http404):
            add_item(deal_id=deal.pk, values=line(), by=stranger)
        with pytest.raises(Http404):
            edit_item(deal_id=deal.pk, item_id=item.pk, changes={"price": D(1)}, by=stranger)
    others = make_deal(by=denis, amount=None)
    with pytest.raises(Changed):
        edit_item(deal_id=deal.pk, item_id=add_item(deal_id=others.pk, values=line(), by=denis).pk, changes={"price": D(1)}, by=anna)
