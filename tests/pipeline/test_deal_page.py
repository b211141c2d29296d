"""The page of a deal: its sections, what is new to its reader, and that it costs the same whatever lies in it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import User
from crm.services.notes import add_note
from pipeline.models import Deal, DealVisitMark, LineItem, Product, Stage
from pipeline.services.checklists import add_checklist_item, tick_item
from pipeline.services.competitors import add_rival
from pipeline.services.deals import edit_deal
from pipeline.services.line_items import add_item
from pipeline.services.moves import move_deal
from pipeline.services.quotes import create_quote, make_pdf
from tests.factories import make_deal

pytestmark = pytest.mark.django_db
D = Decimal


def browser_of(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    """What a reader sees, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def fill(deal: Deal, anna: User, admin: User, times: int) -> None:
    """So many of everything that a deal has."""
    for number in range(times):
        add_item(deal_id=deal.pk, values={"name": f"Item {number}", "price": D(10)}, by=anna)
        add_rival(deal_id=deal.pk, competitor=f"Rival {number}", by=anna)
        make_pdf(quote_id=create_quote(deal_id=deal.pk, language="en", by=anna).pk, by=anna)
        check = add_checklist_item(pipeline_id=deal.pipeline_id, values={"name": f"Check {number}"}, by=admin)
        tick_item(deal_id=deal.pk, item_id=check.pk, by=anna)
        add_note(record="deal", record_id=deal.pk, body="Hello", by=anna)


@pytest.mark.parametrize(("headers", "queries"), [({}, 32), ({"X-Drawer": "1"}, 22)], ids=["page", "drawer"])
def test_the_page_costs_as_many_queries_whatever_lies_in_it(
    headers: dict[str, str], queries: int, anna: User, admin: User, stages: list[Stage]
) -> None:
    client, counts = browser_of(anna), []
    for times in (1, 4):
        deal = make_deal(by=anna, amount=None)
        fill(deal, anna, admin, times)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(f"/deals/{deal.pk}/", headers=headers).status_code == 200
        counts.append(len(asked))
    assert counts == [queries, queries]


def test_sections_stand_on_the_page_and_not_in_the_drawer(anna: User, admin: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None)
    fill(deal, anna, admin, 1)
    client = browser_of(anna)
    page = client.get(f"/deals/{deal.pk}/").content.decode()
    for section in ("items", "quotes", "rivals", "checklist"):
        assert f'data-section="{section}"' in page
    assert "data-section" not in client.get(f"/deals/{deal.pk}/", headers={"X-Drawer": "1"}).content.decode()


def test_lines_are_typed_as_people_write_them(anna: User, stages: list[Stage]) -> None:
    deal, client = make_deal(by=anna, amount=None), browser_of(anna)
    product = Product.objects.create(name="Licence", unit="seat", price=D("12.50"), currency="EUR", tax_rate=D(20))
    added = client.post(f"/deals/{deal.pk}/items/", {"name": "licence", "quantity": "1 200,5"})
    assert added.status_code == 200 and "€15,006.25" in text_of(added)
    line = LineItem.objects.get()
    assert (line.product, line.name, line.unit, line.quantity, line.price) == (product, "licence", "seat", D("1200.5"), D("12.50"))
    address = f"/deals/{deal.pk}/items/{line.pk}/"
    for typed, kind, value in (("10 %", "percent", D(10)), ("1,250.50", "amount", D("1250.50")), ("", "percent", D(0))):
        client.post(address, {"discount": typed})
        line.refresh_from_db()
        assert (line.discount_kind, line.discount) == (kind, value), typed
    for cell, typed in (("price", "ten"), ("quantity", "-1"), ("quantity", "1e5"), ("discount", "101 %"), ("name", ""), ("product", "99")):
        assert client.post(address, {cell: typed}).status_code == 422, (cell, typed)
    line.refresh_from_db()
    assert line.quantity == D("1200.5")


def test_a_late_edit_shows_what_stands_there_and_what_was_mine(anna: User, clara: User, stages: list[Stage]) -> None:
    deal, client = make_deal(by=anna, amount=None), browser_of(anna)
    line = add_item(deal_id=deal.pk, values={"name": "Set-up", "price": D(10)}, by=anna)
    seen = re.search(r'data-mark="(\w+)"', client.get(f"/deals/{deal.pk}/").content.decode())[1]
    browser_of(clara).post(f"/deals/{deal.pk}/items/{line.pk}/", {"price": "77", "mark": seen})
    late = client.post(f"/deals/{deal.pk}/items/{line.pk}/", {"price": "55", "mark": seen})
    assert late.status_code == 412
    assert 'value="77"' in late.content.decode() and 'data-cell-price="55"' in late.content.decode()
    line.refresh_from_db()
    assert line.price == D(77)


def test_the_amount_changes_hands_with_a_word_and_back(anna: User, stages: list[Stage]) -> None:
    deal, client = make_deal(by=anna, amount=700), browser_of(anna)
    add_item(deal_id=deal.pk, values={"name": "Set-up", "price": D(100)}, by=anna)
    assert "The amount is typed: €700." in text_of(client.get(f"/deals/{deal.pk}/"))
    taken = client.post(f"/deals/{deal.pk}/amount-source/", {"source": "items"})
    assert 'data-field-value="700"' in taken.content.decode()
    deal.refresh_from_db()
    assert deal.amount == 100
    client.post(f"/deals/{deal.pk}/fields/", {"field": "amount", "value": "700", "was": "100.00"})
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_from_items) == (D(700), False)


def test_what_others_did_since_the_last_visit_is_told_and_marked(anna: User, clara: User, stages: list[Stage]) -> None:
    deal, client, now = make_deal(by=anna, amount=300_000), browser_of(anna), timezone.now()
    assert "Since your last visit" not in text_of(client.get(f"/deals/{deal.pk}/"))
    assert not DealVisitMark.objects.exists()  # reading writes nothing
    assert client.post(f"/deals/{deal.pk}/seen/").status_code == 204
    DealVisitMark.objects.update(seen_at=now - timedelta(seconds=1))
    edit_deal(deal_id=deal.pk, changes={"amount": D(320_000)}, by=clara)
    edit_deal(deal_id=deal.pk, changes={"amount": D(350_000)}, by=clara)
    move_deal(deal_id=deal.pk, to_stage=stages[2].pk, by=clara)
    for author in (clara, clara, anna):
        add_note(record="deal", record_id=deal.pk, body="Hello", by=author)
    assert "Since your last visit" not in text_of(client.get(f"/deals/{deal.pk}/"))  # the same visit still
    DealVisitMark.objects.update(before=now - timedelta(milliseconds=1))
    page = client.get(f"/deals/{deal.pk}/")
    assert "moved to “Proposal”, amount €300K → €350K, 2 notes" in text_of(page).replace("\u00a0", "")
    assert page.content.decode().count(" is-new") == 5
    assert "Since your last visit" not in text_of(browser_of(clara).get(f"/deals/{deal.pk}/"))


def test_the_path_tells_of_returns_leaps_and_limits(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    for stage in (stages[2], stages[0], stages[3]):
        move_deal(deal_id=deal.pk, to_stage=stage.pk, by=anna)
    Deal.objects.filter(pk=deal.pk).update(stage_entered_at=timezone.now() - timedelta(days=11))
    page = browser_of(anna).get(f"/deals/{deal.pk}/").content.decode()
    steps = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", step)).strip() for step in re.findall(r'<li class="hue-.*?</li>', page, re.S)]
    assert [bool("2 visits" in step) for step in steps[:4]] == [True, False, False, False]
    assert [bool("skipped" in step) for step in steps[:4]] == [False, True, False, False]
    assert "of 10" in steps[3] and 'current over"' in page


def test_a_pdf_is_downloaded_by_who_sees_the_deal(anna: User, boris: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=700)
    made = browser_of(anna).post(f"/deals/{deal.pk}/quotes/", {"language": "ru"})
    assert made.status_code == 201
    address = re.search(r"/quotes/\d+/pdf/", made.content.decode())[0]
    got = browser_of(anna).get(address)
    assert (got.status_code, got["Content-Type"], got.content[:4]) == (200, "application/pdf", b"%PDF")
    assert "attachment" in got["Content-Disposition"]
    assert browser_of(boris).get(address).status_code == 404
