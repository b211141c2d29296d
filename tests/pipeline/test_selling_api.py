"""The API of products, competitors, and the sections of a deal."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from crm.models import User
from pipeline.models import ChecklistItem, Competitor, Deal, LineItem, Product, Quote, QuoteFile, Stage
from pipeline.services.sellers import edit_seller
from tests.factories import make_deal
from tests.pipeline.test_api import client_of, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(anna: User) -> APIClient:
    return client_of(anna)


@pytest.fixture
def office(admin: User) -> APIClient:
    return client_of(admin)


@pytest.fixture
def deal(anna: User, stages: list[Stage]) -> Deal:
    return make_deal("Racks", by=anna, amount=None)


def of(deal: Deal, part: str, row: Any = "") -> str:
    return f"/api/v1/deals/{deal.pk}/{part}/" + (f"{row}/" if row else "")


def test_an_admin_keeps_the_catalogue_and_everybody_reads_it(office: APIClient, api: APIClient) -> None:
    sent = {"name": "Licence", "code": "L1", "unit": "seat", "price": "12000", "currency": "eur", "tax_rate": "20"}
    made = post(office, "products/", sent)
    shown = {**sent, "id": made.json()["id"], "price": "12000.00", "currency": "EUR", "tax_rate": "20.00", "archived": False}
    assert (made.status_code, made.json()) == (201, shown)
    path = f"/api/v1/products/{shown['id']}/"
    assert office.patch(path, {"price": "9.5", "archived": True}, format="json").json() == shown | {"price": "9.50", "archived": True}
    assert api.get("/api/v1/products/?archived=false").json()["results"] == []
    assert [row["code"] for row in api.get("/api/v1/products/?code=l1&archived=true").json()["results"]] == ["L1"]
    assert api.get("/api/v1/products/?code=l").json()["results"] == []
    assert post(office, "products/", sent | {"name": "Other"}).json()["reasons"] == ["“L1” is in the list already."]
    assert post(office, "products/", sent | {"colour": "red"}).status_code == 400
    assert api.patch(path, {"archived": False}, format="json").status_code == 403


def test_competitors_are_kept_likewise(office: APIClient, api: APIClient) -> None:
    made = post(office, "competitors/", {"name": "Acme", "labels": {"ru": "Акме"}}).json()
    assert made == {"id": made["id"], "name": "Acme", "labels": {"ru": "Акме"}, "archived": False}
    changed = office.patch(f"/api/v1/competitors/{made['id']}/", {"name": "Acme Ltd", "archived": True}, format="json").json()
    assert changed == {**made, "name": "Acme Ltd", "archived": True}
    assert api.get("/api/v1/competitors/").json()["results"] == [changed]


def test_lines_are_added_and_the_amount_follows(api: APIClient, deal: Deal) -> None:
    product = Product.objects.create(name="Licence", unit="seat", price=100, currency="EUR", tax_rate=20)
    added = post(api, f"deals/{deal.pk}/items/", {"product": product.pk, "quantity": "3", "discount": "10"})
    line = added.json()
    assert added.status_code == 201 and added.headers["ETag"] == f'"{line["mark"]}"'
    assert (line["name"], line["unit"], line["price"], line["net"], line["tax"], line["total"]) == (
        "Licence",
        "seat",
        "100.00",
        "225.00",
        "45.00",
        "270.00",
    )
    shown = api.get(f"/api/v1/deals/{deal.pk}/").json()
    assert (shown["amount"], shown["amount_from_items"]) == ("270.00", True)
    post(api, f"deals/{deal.pk}/items/", {"name": "Set-up", "price": "30.5"})
    assert [row["name"] for row in api.get(of(deal, "items")).json()["results"]] == ["Licence", "Set-up"]
    assert api.get(f"/api/v1/deals/{deal.pk}/").json()["amount"] == "300.50"
    assert api.patch(f"/api/v1/deals/{deal.pk}/", {"amount_from_items": False, "amount": "1"}, format="json").json()["amount"] == "1.00"


def test_a_repeated_request_adds_one_line(api: APIClient, deal: Deal) -> None:
    for _time in range(2):
        assert post(api, f"deals/{deal.pk}/items/", {"name": "Set-up"}, **{"Idempotency-Key": "k"}).status_code == 201
    assert deal.items.count() == 1


def test_an_edit_of_what_has_changed_since_overwrites_nothing(api: APIClient, deal: Deal) -> None:
    line = post(api, f"deals/{deal.pk}/items/", {"name": "Set-up", "price": "10"}).json()
    path = of(deal, "items", line["id"])
    first = api.patch(path, {"price": "12"}, format="json", headers={"If-Match": f'"{line["mark"]}"'})
    assert (first.status_code, first.json()["total"]) == (200, "12.00")
    late = api.patch(path, {"price": "13"}, format="json", headers={"If-Match": f'"{line["mark"]}"'})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert api.delete(path, headers={"If-Match": f'"{line["mark"]}"'}).status_code == 412
    assert api.patch(path, {"discount": "101", "discount_kind": "percent"}, format="json").status_code == 422
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404 and not LineItem.objects.exists()


def test_lines_are_ordered(api: APIClient, deal: Deal) -> None:
    first, second = (post(api, f"deals/{deal.pk}/items/", {"name": name}).json()["id"] for name in ("One", "Two"))
    answer = post(api, f"deals/{deal.pk}/items/order/", {"order": [second, first]})
    assert [row["id"] for row in answer.json()["results"]] == [second, first]
    assert post(api, f"deals/{deal.pk}/items/order/", {"order": [first]}).status_code == 412


def test_a_quote_is_made_sent_and_read_as_pdf(api: APIClient, deal: Deal, admin: User) -> None:
    edit_seller(changes={"legal_name": "Acme Ltd"}, by=admin)
    assert post(api, f"deals/{deal.pk}/quotes/", {}).json()["reasons"] == [
        "There is nothing to offer yet: add items or an amount to the deal."
    ]
    post(api, f"deals/{deal.pk}/items/", {"name": "Set-up", "price": "10"})
    made = [post(api, f"deals/{deal.pk}/quotes/", {"language": "ru"}, **{"Idempotency-Key": "q"}) for _time in range(2)]
    assert [answer.status_code for answer in made] == [201, 201] and made[0].json() == made[1].json()
    quote = made[0].json()
    assert (quote["language"], quote["state"], quote["total"], quote["has_pdf"], Quote.objects.count()) == ("ru", "draft", "10.00", True, 1)
    pdf = api.get(of(deal, "quotes", f"{quote['id']}/pdf"))
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert quote["number"] in pdf.headers["Content-Disposition"]
    was = bytes(QuoteFile.objects.get().content)
    post(api, f"deals/{deal.pk}/items/", {"name": "More", "price": "5"})
    assert post(api, f"deals/{deal.pk}/quotes/{quote['id']}/renewal/", {}).json()["total"] == "15.00"
    assert bytes(QuoteFile.objects.get().content) != was
    sent = api.patch(of(deal, "quotes", quote["id"]), {"state": "sent"}, format="json").json()
    assert (sent["state"], api.get(of(deal, "quotes")).json()["results"]) == ("sent", [sent])
    assert post(api, f"deals/{deal.pk}/quotes/{quote['id']}/renewal/", {}).status_code == 422


def test_a_quote_is_found_in_its_own_deal_alone(api: APIClient, anna: User, deal: Deal) -> None:
    other = make_deal("Other", by=anna, amount=5)
    quote = post(api, f"deals/{other.pk}/quotes/", {}).json()["id"]
    assert api.get(of(other, "quotes", quote)).status_code == 200
    for part in ("", "pdf/"):
        assert api.get(of(deal, "quotes", quote) + part).status_code == 404


def test_the_checklist_is_ticked(api: APIClient, anna: User, deal: Deal, stages: list[Stage]) -> None:
    asked = ChecklistItem.objects.create(pipeline=deal.pipeline, name="Budget asked", position=0)
    later = ChecklistItem.objects.create(pipeline=deal.pipeline, name="Contract read", position=1, stage=stages[2])
    rows = api.get(of(deal, "checklist")).json()["results"]
    assert [(row["id"], row["stage"], row["is_later"], row["done_at"]) for row in rows] == [
        (asked.pk, None, False, None),
        (later.pk, stages[2].pk, True, None),
    ]
    done = api.patch(of(deal, "checklist", asked.pk), {"done": True}, format="json").json()
    assert done["done_by"] == anna.pk and done["done_at"]
    assert api.patch(of(deal, "checklist", asked.pk), {"done": False}, format="json").json()["done_at"] is None
    assert api.patch(of(deal, "checklist", asked.pk), {}, format="json").status_code == 400


def test_competitors_of_a_deal_come_and_go(api: APIClient, deal: Deal) -> None:
    added = post(api, f"deals/{deal.pk}/competitors/", {"competitor": "Acme", "note": "cheaper"})
    acme = Competitor.objects.get(name="Acme").pk
    assert (added.status_code, added.json()) == (201, {"id": acme, "name": "Acme", "note": "cheaper"})
    post(api, f"deals/{deal.pk}/competitors/", {"competitor": acme, "note": "faster"})
    assert api.get(of(deal, "competitors")).json()["results"] == [{"id": acme, "name": "Acme", "note": "faster"}]
    assert api.delete(of(deal, "competitors", acme)).status_code == 204
    assert api.get(of(deal, "competitors")).json()["results"] == []


def test_a_loss_names_who_won_it(api: APIClient, deal: Deal) -> None:
    lost = post(api, f"deals/{deal.pk}/outcomes/", {"outcome": "lost", "lost_reason": "Price", "lost_to": "Acme"}).json()
    assert (lost["lost_reason"], lost["lost_to"]) == ("Price", "Acme")
    assert api.get("/api/v1/deals/").json()["results"][0]["lost_to"] == "Acme"


def test_whoever_sees_no_deal_sees_none_of_its_parts(boris: User, api: APIClient, deal: Deal) -> None:
    post(api, f"deals/{deal.pk}/items/", {"name": "Set-up", "price": "10"})
    stranger = client_of(boris)
    for part in ("items", "quotes", "checklist", "competitors"):
        assert stranger.get(of(deal, part)).status_code == 404
    assert stranger.delete(of(deal, "items", deal.items.get().pk)).status_code == 404
    assert deal.items.count() == 1
