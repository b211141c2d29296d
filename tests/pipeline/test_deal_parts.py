"""What stands around a deal: products to choose from, checklist, competitors, and who looked when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.errors import Changed, Forbidden, Refused
from crm.models import Event, User
from pipeline.event_words import deal_words
from pipeline.models import ChecklistTick, Competitor, DealVisitMark, LostReason, Stage
from pipeline.services.checklists import add_checklist_item, archive_checklist_item, order_checklist, tick_item
from pipeline.services.competitors import add_rival, remove_rival
from pipeline.services.outcomes import close_deal, reopen_deal
from pipeline.services.products import add_product, archive_product, edit_product
from pipeline.services.sights import mark_seen
from tests.factories import make_deal, make_pipeline

pytestmark = pytest.mark.django_db
D = Decimal


def test_products_are_an_admins_and_named_once(admin: User, anna: User) -> None:
    product = add_product(values={"name": " Licence ", "code": "L1", "price": D("10"), "currency": "eur", "tax_rate": D(20)}, by=admin)
    assert (product.name, product.currency) == ("Licence", "EUR")
    for values in (
        {"name": "licence", "currency": "EUR"},
        {"name": "Other", "code": "l1", "currency": "EUR"},
        {"name": "", "currency": "EUR"},
    ):
        with pytest.raises(Refused):
            add_product(values=values, by=admin)
    with pytest.raises(Forbidden):
        add_product(values={"name": "Mine", "currency": "EUR"}, by=anna)
    edit_product(product_id=product.pk, changes={"price": D("12.5")}, by=admin)
    assert Event.objects.first().payload["changes"] == {"price": ["10.00", "12.50"]}
    assert archive_product(product_id=product.pk, by=admin).archived_at
    with pytest.raises(Forbidden):
        archive_product(product_id=product.pk, by=anna)


def test_a_checklist_is_ticked_for_one_deal(admin: User, anna: User, boris: User, stages: list[Stage]) -> None:
    deal, other = make_deal(by=anna), make_deal(by=anna)
    items = [
        add_checklist_item(pipeline_id=deal.pipeline_id, values={"name": name, "stage": stage}, by=admin)
        for name, stage in (("Needs asked", stages[0]), ("Contract read", None))
    ]
    for _again in range(2):
        tick_item(deal_id=deal.pk, item_id=items[0].pk, by=anna)
    assert list(ChecklistTick.objects.values_list("deal", "item", "by")) == [(deal.pk, items[0].pk, anna.pk)]
    told = Event.objects.get(type="checklist.ticked")
    assert deal_words(told.type, told.payload) == f"Done: {items[0].name}"
    with pytest.raises(Http404):
        tick_item(deal_id=other.pk, item_id=items[0].pk, by=boris)
    tick_item(deal_id=deal.pk, item_id=items[0].pk, done=False, by=anna)
    archive_checklist_item(item_id=items[1].pk, by=admin)
    elsewhere = add_checklist_item(pipeline_id=make_pipeline("Partners").pk, values={"name": "x"}, by=admin)
    for item in (items[1], elsewhere):
        with pytest.raises(Refused):
            tick_item(deal_id=deal.pk, item_id=item.pk, by=anna)
    with pytest.raises(Refused):
        add_checklist_item(pipeline_id=elsewhere.pipeline_id, values={"name": "y", "stage": stages[0]}, by=admin)
    assert not ChecklistTick.objects.exists()


def test_the_order_of_a_checklist_is_guarded(admin: User, anna: User, stages: list[Stage]) -> None:
    pipeline = stages[0].pipeline_id
    a, b = (add_checklist_item(pipeline_id=pipeline, values={"name": name}, by=admin).pk for name in "ab")
    order_checklist(pipeline_id=pipeline, order=[b, a], was=[a, b], by=admin)
    with pytest.raises(Changed):
        order_checklist(pipeline_id=pipeline, order=[b, a], was=[a, b], by=admin)
    with pytest.raises(Forbidden):
        order_checklist(pipeline_id=pipeline, order=[a, b], was=[b, a], by=anna)


def test_competitors_and_whom_a_deal_was_lost_to(anna: User, boris: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    add_rival(deal_id=deal.pk, competitor="Acme", by=anna)
    add_rival(deal_id=deal.pk, competitor="acme", note="cheaper", by=anna)
    assert [(rival.competitor.name, rival.note) for rival in deal.rivals.all()] == [("Acme", "cheaper")]
    for name in ("", " ", "x" * 81, "99999"):
        with pytest.raises(Refused):
            add_rival(deal_id=deal.pk, competitor=name, by=anna)
    with pytest.raises(Http404):
        add_rival(deal_id=deal.pk, competitor="Acme", by=boris)
    LostReason.objects.create(name="Price")
    lost = close_deal(deal_id=deal.pk, outcome="lost", lost_reason="Price", lost_to="ACME", by=anna)
    assert lost.lost_to == Competitor.objects.get()
    assert Event.objects.get(type="deal.lost").payload["lost_to"] == "Acme"
    assert reopen_deal(deal_id=deal.pk, by=anna).lost_to is None
    assert close_deal(deal_id=deal.pk, outcome="won", lost_to="Acme", by=anna).lost_to is None
    remove_rival(deal_id=deal.pk, competitor_id=lost.lost_to_id or Competitor.objects.get().pk, by=anna)
    assert not deal.rivals.exists()


def test_a_visit_lasts_while_one_looks(anna: User, boris: User, stages: list[Stage]) -> None:
    deal, morning = make_deal(by=anna), timezone.now() - timedelta(days=1)
    for minutes, before in ((0, None), (20, None), (40, None), (600, 40), (620, 40), (1400, 620)):
        mark = mark_seen(deal_id=deal.pk, at=morning + timedelta(minutes=minutes), by=anna)
        assert mark.before == (None if before is None else morning + timedelta(minutes=before)), minutes
    with pytest.raises(Http404):
        mark_seen(deal_id=deal.pk, at=morning, by=boris)
    assert DealVisitMark.objects.count() == 1


def test_a_competitor_is_found_by_its_name_in_any_language(anna: User, stages: list[Stage]) -> None:
    acme = Competitor.objects.create(name="Third Shelf", labels={"en": "Third Shelf", "ru": "Третья полка"})
    deal = make_deal(by=anna)
    assert add_rival(deal_id=deal.pk, competitor="третья полка", by=anna).competitor == acme
    assert Competitor.objects.count() == 1


def test_the_dialog_of_a_loss_asks_to_whom(client: Client, anna: User, denis: User, stages: list[Stage]) -> None:
    price = LostReason.objects.create(name="Price")
    deal = make_deal(by=anna)
    client.force_login(anna)
    assert "lost_to" not in client.get(reverse("lost_reasons")).content.decode()
    Competitor.objects.create(name="Acme", labels={"ru": "Акме"})
    gone = Competitor.objects.create(name="Gone", archived_at=timezone.now())
    asked = client.get(reverse("lost_reasons")).content.decode()
    assert 'name="lost_to"' in asked and '<option value="Acme">' in asked and gone.name not in asked
    posted = {"outcome": "lost", "version": deal.version, "lost_reason": price.pk}
    assert client.post(reverse("deal_outcomes", args=[deal.pk]), posted | {"lost_to": "x" * 81}).status_code == 422
    assert client.post(reverse("deal_outcomes", args=[deal.pk]), posted | {"lost_to": "acme"}).status_code == 200
    page = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "Lost: Price" in page and "to Acme" in page
    foreign = make_deal(by=denis)
    assert client.post(reverse("deal_outcomes", args=[foreign.pk]), posted | {"lost_to": "Acme"}).status_code == 404
    assert Competitor.objects.count() == 2
