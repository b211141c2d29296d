"""Lists of records: order, pages, columns, filters in the address, views, rights, costs."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from django import forms
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import bulk
from crm.bulk import BulkAction, Chosen, Done
from crm.filtering.reader import Reader
from crm.lists.asked import Asked
from crm.lists.kinds import list_kind
from crm.models import Company, Contact, ExchangeRate, Organisation, User
from crm.models.contacts import sort_key
from crm.pages import read_key, write_key
from crm.queries import lists as queries
from crm.queries.lists import ListPage, matching, read_list
from crm.services.clients import save_client
from crm.services.views import save_view
from pipeline.models import Deal, Stage
from tests.factories import make_deal, make_pipeline

pytestmark = pytest.mark.django_db
MINE = {"field": "owner", "op": "is", "value": "me"}


def company_of(user: User, name: str = "Vektor", **fields: Any) -> Company:
    return save_client(model=Company, by=user, name=name, **fields)


def contact_of(user: User, name: str = "Ivan Petrov", **fields: Any) -> Contact:
    return save_client(model=Contact, by=user, name=name, **fields)


def asked_of(kind: str, user: User, **given: Any) -> Asked:
    found = list_kind(kind)
    assert found is not None
    query = QueryDict(urlencode({name: json.dumps(value) if isinstance(value, dict) else value for name, value in given.items()}))
    return Asked.read(found, query, Reader.of(user))


def page_of(kind: str, user: User, *, after: str = "", **given: Any) -> ListPage:
    return read_list(asked_of(kind, user, **given), after=after)


def names(kind: str, user: User, **given: Any) -> list[str]:
    return [str(row.record) for row in page_of(kind, user, **given).rows]


def all_pages(kind: str, user: User, **given: Any) -> list[list[int]]:
    pages, after = [], ""
    while True:
        page = page_of(kind, user, after=after, **given)
        assert page.is_further == bool(after)
        pages.append([row.record.pk for row in page.rows])
        if not page.next:
            return pages
        after = page.next


def read(client: Client, user: User, name: str, **query: Any) -> str:
    client.force_login(user)
    answer = client.get(reverse(name), {key: json.dumps(value) if isinstance(value, dict) else value for key, value in query.items()})
    assert answer.status_code == 200
    return answer.content.decode()


def shown_names(html: str) -> list[str]:
    return re.findall(r'<td class="lead cut"><a [^>]*>([^<]*)</a>', html)


# Order and pages


def test_names_are_in_order_as_russians_read_them(anna: User) -> None:
    for name in ("Ёлка", "Ель", "Жук", "еда", "«Ерш»", "Ежи", "Zebra", "apple"):
        company_of(anna, name)
    assert names("company", anna) == ["apple", "Zebra", "еда", "Ежи", "Ёлка", "Ель", "«Ерш»", "Жук"]
    assert names("company", anna, order="-name") == ["Жук", "«Ерш»", "Ель", "Ёлка", "Ежи", "еда", "Zebra", "apple"]
    for company in Company.objects.all():
        assert company.sort_name == sort_key(company.name)


@pytest.mark.parametrize("order", ["name", "-name", "city", "-city", "created", "-created", "owner", "-owner"])
def test_pages_follow_one_another_without_gap_or_repetition(
    anna: User, boris: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr(queries, "PAGE", 3)
    for number in range(8):
        company = company_of(anna, "Same name" if number < 5 else f"Name {number}", city=f"City {number % 3}")
        Company.objects.filter(pk=company.pk).update(created_at=timezone.now() - timedelta(seconds=number // 2, microseconds=number))
    hidden = company_of(boris, "Same name")
    through_deal = company_of(boris, "Same name")
    make_deal(by=anna, company=through_deal)
    Company.objects.filter(pk=through_deal.pk).update(owner=None, team=None)
    pages = all_pages("company", anna, order=order)
    assert [len(page) for page in pages] == [3, 3, 3]
    down = order.startswith("-")
    column = {"name": "sort_name", "city": "city", "created": "created_at", "owner": "owner__name"}[order.lstrip("-")]
    rows = list(Company.objects.exclude(pk=hidden.pk).values_list(column, "pk"))
    valued = sorted((row for row in rows if row[0] is not None), reverse=down)
    assert [pk for page in pages for pk in page] == [pk for _value, pk in valued] + [pk for value, pk in rows if value is None]


@pytest.mark.parametrize(
    "order", ["amount", "-amount", "expected_close", "stage", "-created", "created", "title", "next_step", "-closed", "company"]
)
def test_deals_are_paged_in_every_order(anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    others = make_pipeline("Partners")
    for number in range(9):
        stage = stages[number % 3] if number % 2 else others.stages.all()[0]
        deal = make_deal(
            f"Deal {number % 4}",
            by=anna,
            stage=stage,
            amount=None if number == 3 else 100 * (number % 5),
            currency="EUR" if number != 4 else "GBP",
        )
        close = timezone.now().date() + timedelta(days=number % 3) if number % 3 else None
        Deal.objects.filter(pk=deal.pk).update(
            expected_close=close, next_step_on=close, created_at=timezone.now() - timedelta(days=number % 4)
        )
    seen = [pk for page in all_pages("deal", anna, order=order) for pk in page]
    assert sorted(seen) == sorted(Deal.objects.values_list("pk", flat=True))
    column = {"amount": "amount", "expected_close": "expected_close", "created": "created_at", "title": "title"}.get(order.lstrip("-"))
    if column and order.lstrip("-") != "amount":
        values = [getattr(Deal.objects.get(pk=pk), column) for pk in seen]
        known = [value for value in values if value is not None]
        assert values == sorted(known, reverse=order.startswith("-")) + [None] * (len(values) - len(known))


def test_sums_are_ordered_by_what_they_are_worth_today(anna: User, stages: list[Stage]) -> None:
    from_ = {"currency": "USD", "since": timezone.now().date(), "rate": Decimal("0.5")}
    Organisation.objects.update_or_create(id=1, defaults={"currency": "EUR"})
    ExchangeRate.objects.create(**from_)
    for title, amount, currency in (("Euro", 1000, "EUR"), ("Dollar", 1500, "USD"), ("Unknown", 9000, "GBP"), ("Small", 100, "EUR")):
        make_deal(title, by=anna, amount=amount, currency=currency)
    assert names("deal", anna, order="-amount") == ["Euro", "Dollar", "Small", "Unknown"]
    assert names("deal", anna, order="amount") == ["Small", "Dollar", "Euro", "Unknown"]


def test_too_long_a_list_is_not_sorted_where_no_index_helps(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_SORTED", 3)
    monkeypatch.setattr(queries, "MAX_COUNT", 3)
    for number in range(5):
        company_of(anna, f"Company {number}", city=f"City {9 - number}")
    page = page_of("company", anna, order="city")
    assert page.notice == "There are too many to sort by “City”. Narrow the list to fewer than 3 first."
    assert [row.record.name for row in page.rows] == [f"Company {number}" for number in range(5)]
    assert (page.count, page.is_counted) == (3, False)
    narrowed = page_of("company", anna, order="city", text="Company 1")
    assert (narrowed.notice, narrowed.count, narrowed.is_counted) == ("", 1, True)


@pytest.mark.parametrize("text", ["", "x", "Mw", "ы" * 50, "9" * 3000])
def test_nonsense_for_a_place_begins_at_the_start(anna: User, text: str) -> None:
    company_of(anna)
    for order in ("name", "created", "owner"):
        assert [row.record.name for row in page_of("company", anna, order=order, after=text).rows] == ["Vektor"]


@pytest.mark.parametrize(
    "place", [["a", -1], [7, "a"], ["a\0", 1], ["a", 2**70], [{}, 1], [[], 1], [True, 1], "ab", None, ["\ud800", 1], [10**400, 1]]
)
def test_no_forged_place_breaks_a_list(anna: User, stages: list[Stage], place: Any) -> None:
    company_of(anna)
    make_deal(by=anna)
    forged = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    for kind, order in (("company", "name"), ("company", "created"), ("deal", "amount"), ("deal", "created"), ("deal", "stage")):
        assert page_of(kind, anna, order=order, after=forged).count == 1


def test_keys_of_other_lists_are_read_strictly() -> None:
    assert read_key(write_key(("ёж", 7))) == ("ёж", 7)
    for text in ("", "x", "Mw", write_key(("a", -1)), write_key((7, "a")), write_key(("a\0", 1)), write_key(("a", 2**70)), "ы" * 50):  # type: ignore[arg-type]
        assert read_key(text) is None


# Searching and filtering


def test_parts_of_names_cities_mails_and_phones_are_found_in_both_languages(anna: User) -> None:
    company_of(anna, "ООО «Семёновские Сады»", city="Тверь")
    company_of(anna, "Vektor", city="Berlin", website="https://vektor.example")
    contact_of(anna, "Алёна Ёжикова", email="Alena@Example.com", phone="+7 (912) 345-67-89", position="Директор")
    contact_of(anna, "John Smith")
    for text in ("семеновские", "СЕМЁН", "тверь", "ТВ", "сады"):
        assert names("company", anna, text=text) == ["ООО «Семёновские Сады»"]
    for text in ("vek", "BERL", "vektor.ex"):
        assert names("company", anna, text=text) == ["Vektor"]
    for text in ("ежик", "АЛЁНА", "alena@", "example.COM", "9123456", "(912) 345", "директ"):
        assert names("contact", anna, text=text) == ["Алёна Ёжикова"], text
    assert names("company", anna, text="100%") == names("company", anna, text="_") == []


def test_filter_and_words_live_in_the_address(anna: User, boris: User, clara: User, client: Client) -> None:
    company_of(anna, "Anna's")
    company_of(boris, "Boris's")
    Company.objects.create(name="Nobody's", team=anna.team)
    assert shown_names(read(client, clara, "companies")) == ["Anna&#x27;s", "Boris&#x27;s", "Nobody&#x27;s"]
    html = read(client, clara, "companies", filter={"field": "owner", "op": "is", "value": boris.pk}, text="bor")
    assert shown_names(html) == ["Boris&#x27;s"]
    assert 'value="bor"' in html
    assert "Owner is Boris Belov" in html
    assert shown_names(read(client, clara, "companies", filter={"field": "owner", "op": "is", "value": "nobody"})) == ["Nobody&#x27;s"]


def test_filter_that_cannot_be_read_shows_nothing_and_says_why(anna: User, client: Client) -> None:
    company_of(anna)
    html = read(client, anna, "companies", filter='{"field": "password", "op": "is"}')
    assert shown_names(html) == []
    assert "There is no field “password” here." in html


def test_address_holds_no_more_than_what_differs_from_the_view(anna: User, boris: User) -> None:
    view = save_view(kind="company", name="Mine", by=anna, filter=MINE, columns=["name", "city"], order="-created")
    asked = asked_of("company", anna, view=view.pk)
    assert (asked.columns, asked.order, asked.tree.data, asked.differs) == (("name", "city"), "-created", {"all": [MINE]}, False)
    assert asked.query == f"view={view.pk}"
    changed = asked_of("company", anna, view=view.pk, filter="", order="name", columns="owner,unknown,name")
    assert parse_qs(changed.query, keep_blank_values=True) == {
        "view": [str(view.pk)],
        "filter": [""],
        "columns": ["name,owner"],
        "order": ["name"],
    }
    assert changed.differs
    assert Asked.read(changed.kind, QueryDict(changed.query), changed.reader).query == changed.query
    # Whoever may not see the view sees nothing, rather than everything.
    strange = asked_of("company", boris, view=view.pk)
    assert strange.tree.errors == ("This view doesn't exist, or it isn't shared with you.",)
    assert names("company", boris, view=view.pk) == []


def test_shared_view_shows_each_reader_their_own(anna: User, boris: User, clara: User) -> None:
    company_of(anna, "Anna's", city="Tver")
    company_of(boris, "Boris's", city="Tver")
    view = save_view(kind="company", name="Tver", by=clara, is_shared=True, filter={"field": "city", "op": "is", "value": "tver"})
    assert [names("company", user, view=view.pk) for user in (anna, boris, clara)] == [["Anna's"], ["Boris's"], ["Anna's", "Boris's"]]


def test_standard_views_mean_their_reader(anna: User, boris: User) -> None:
    company_of(anna, "Anna's")
    Company.objects.create(name="Nobody's", team=anna.team)
    assert names("company", anna, view="mine") == ["Anna's"]
    assert names("company", anna, view="without_owner") == ["Nobody's"]
    assert names("company", boris, view="mine") == []


def test_chosen_columns_are_shown_in_their_order(anna: User, client: Client) -> None:
    company_of(anna, city="Tver")
    html = read(client, anna, "companies", columns="created,city,rubbish")
    assert re.findall(r'class="sorter">([^<]*)<', html) == ["Name", "Added", "City"]
    assert 'data-label="City"><span' in html or 'data-label="City">Tver' in html
    assert "Website" not in html.split("<thead>")[1].split("</thead>")[0]


# Rights


def test_everybody_sees_their_own(anna: User, boris: User, denis: User, clara: User, admin: User, client: Client) -> None:
    company_of(anna)
    contact_of(anna)
    for user, seen in ((anna, True), (clara, True), (admin, True), (boris, False), (denis, False)):
        assert ("Vektor" in read(client, user, "companies")) == seen
        assert ("Ivan Petrov" in read(client, user, "contacts")) == seen


def test_a_company_behind_a_deal_is_listed_once_and_its_people_only_as_far_as_seen(
    anna: User, boris: User, stages: list[Stage], client: Client
) -> None:
    company = company_of(boris)
    contact_of(boris, "Hidden", company=company)
    contact_of(anna, "Shown", company=company)
    assert names("company", anna) == []
    # A contact that one sees does not give away a company that one doesn't.
    assert "Vektor" not in read(client, anna, "contacts")
    for title in ("One", "Two"):
        make_deal(title, by=anna, company=company)
    assert names("company", anna) == ["Vektor"]
    assert page_of("company", anna).count == 1
    assert page_of("company", anna).rows[0].record.people == 1
    assert "Vektor" in read(client, anna, "contacts")


def test_choosing_a_record_offers_only_those_one_sees(anna: User, boris: User, client: Client) -> None:
    company_of(anna, "Вектор")
    company_of(boris, "Вектор-2")
    client.force_login(anna)
    found = client.get(reverse("list_records", args=["contact"]), {"field": "company", "text": "век"}).json()
    assert [one["label"] for one in found["records"]] == ["Вектор"]
    for nonsense in ({}, {"field": "name", "text": "век"}, {"field": "company"}, {"field": "company", "text": "\0"}):
        assert client.get(reverse("list_records", args=["contact"]), nonsense).json() == {"records": []}
    assert client.get(reverse("list_records", args=["user"])).status_code == 404


def test_fields_are_told_with_their_operators_and_choices(anna: User, clara: User, stages: list[Stage], client: Client) -> None:
    client.force_login(clara)
    fields = {field["key"]: field for field in client.get(reverse("list_fields", args=["deal"])).json()["fields"]}
    assert [one["label"] for one in fields["stage"]["choices"]] == ["New", "Qualified", "Proposal", "Negotiation"]
    assert [one["label"] for one in fields["owner"]["choices"]] == ["me", "my team", "nobody", "Anna Arlova", "Clara Chen"]
    assert {"key": "more", "label": "is more than", "takes": "one"} in fields["amount"]["operators"]
    client.force_login(anna)
    fields = {field["key"]: field for field in client.get(reverse("list_fields", args=["deal"])).json()["fields"]}
    assert [one["label"] for one in fields["owner"]["choices"]] == ["me", "my team", "nobody"]


# Costs


@pytest.mark.parametrize(("kind", "url", "costs"), [("company", "companies", 12), ("contact", "contacts", 13), ("deal", "deals", 13)])
def test_lists_cost_the_same_however_long_they_are(
    anna: User, clara: User, admin: User, stages: list[Stage], client: Client, kind: str, url: str, costs: int
) -> None:
    save_view(kind=kind, name="One", by=clara, is_shared=True, filter=MINE)

    def cost(user: User, **given: Any) -> int:
        client.force_login(user)
        with CaptureQueriesContext(connection) as told:
            assert client.get(reverse(url), given).status_code == 200
        return len(told)

    def grow(number: int) -> None:
        company = company_of(anna, f"Company {number:02}")
        contact = contact_of(anna, f"Contact {number:02}", company=company)
        make_deal(f"Deal co {number:02}", by=anna, company=company, contact=contact)

    grow(0)
    before = {user.pk: cost(user, text="co") for user in (anna, clara, admin)}
    for number in range(1, 56):
        grow(number)
    for user in (anna, clara, admin):
        following = page_of(kind, user, text="co").next
        assert following
        assert cost(user, text="co") == cost(user, text="co", after=following) == before[user.pk]
        assert before[user.pk] <= costs


def test_list_reads_its_index_in_order(anna: User, admin: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crm_company (name, website, owner_id, created_at, is_sample)"
            " SELECT 'Company ' || n, '', %s, now(), false FROM generate_series(1, 3000) n",
            [anna.pk],
        )
        cursor.execute("ANALYZE crm_company")
    after = page_of("company", admin).next
    with CaptureQueriesContext(connection) as told:
        page_of("company", admin, after=after)
    [statement] = [
        query["sql"]
        for query in told.captured_queries
        if "ORDER BY" in query["sql"] and "crm_company" in query["sql"] and "LIMIT 51" in query["sql"]
    ]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "company_by_name" in plan
    assert "Sort" not in plan


def test_deals_of_one_pipeline_are_not_looked_for_in_others(anna: User, stages: list[Stage]) -> None:
    others = make_pipeline("Partners")
    make_deal("Here", by=anna, stage=stages[1])
    make_deal("There", by=anna, stage=others.stages.all()[0])
    assert sorted(names("deal", anna)) == ["Here", "There"]
    for field, value in (("stage", stages[1].pk), ("pipeline", stages[0].pipeline_id)):
        asked = asked_of("deal", anna, filter={"field": field, "op": "is", "value": str(value)})
        assert asked.kind.split is not None
        assert len(asked.kind.split(asked.tree, asked.reader)) == 1
        assert [row.record.title for row in read_list(asked).rows] == ["Here"]


def test_empty_places_say_what_they_are_for(anna: User, sales: Any, client: Client) -> None:
    assert reverse("new_company") in read(client, anna, "companies").split('class="empty')[1]
    assert reverse("new_contact") in read(client, anna, "contacts").split('class="empty')[1]
    assert reverse("board") in read(client, anna, "deals").split('class="empty')[1]
    found_none = read(client, anna, "companies", text="nothing like it").split('class="empty')[1]
    assert f'href="{reverse("companies")}"' in found_none


# Acts on many


@pytest.fixture
def renaming(monkeypatch: pytest.MonkeyPatch) -> list[Chosen]:
    """An act as an app above would register it."""
    heard: list[Chosen] = []

    class NameForm(forms.Form):
        name = forms.CharField(max_length=20)

        def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    def apply(chosen: Chosen, values: dict[str, Any], by: User) -> Done:
        heard.append(chosen)
        return Done(f"{chosen.records().update(name=values['name'])} renamed", undo="/undo/")

    action = BulkAction("rename", "Rename", "pencil", apply, NameForm, allows=lambda user: not user.is_admin)
    monkeypatch.setitem(bulk._actions, "company", [action])
    return heard


def test_act_on_picked_records_reaches_only_those_one_sees(
    anna: User, boris: User, admin: User, client: Client, renaming: list[Chosen]
) -> None:
    mine, other, hidden = company_of(anna, "One"), company_of(anna, "Two"), company_of(boris, "Three")
    client.force_login(anna)
    url = reverse("list_act", args=["company", "rename"])
    assert "data-many" in client.get(reverse("companies")).content.decode()
    picked = f"{mine.pk},{hidden.pk},x"
    assert 'name="name"' in client.get(url, {"ids": picked}).content.decode()
    assert client.post(url, {"ids": picked, "name": ""}).status_code == 422
    assert client.post(url, {"ids": picked, "name": "New"}).json() == {"text": "1 renamed", "undo": "/undo/", "progress": ""}
    assert [Company.objects.get(pk=company.pk).name for company in (mine, other, hidden)] == ["New", "Two", "Three"]
    assert client.post(url, {"ids": "", "name": "New"}).status_code == 422
    client.force_login(admin)
    assert client.post(url, {"ids": picked, "name": "New"}).status_code == 404
    assert "data-many" not in client.get(reverse("companies")).content.decode()


def test_act_on_all_that_match_takes_the_list_as_it_is_filtered(anna: User, boris: User, client: Client, renaming: list[Chosen]) -> None:
    for name, city in (("One", "Tver"), ("Two", "Tver"), ("Three", "Omsk")):
        company_of(anna, name, city=city)
    company_of(boris, "Hidden", city="Tver")
    client.force_login(anna)
    url = reverse("list_act", args=["company", "rename"])
    query = urlencode({"filter": json.dumps({"field": "city", "op": "is", "value": "Tver"})})
    assert client.post(url, {"all": "1", "query": query, "name": "New"}).json()["text"] == "2 renamed"
    # A filter that can't be read acts on nothing.
    assert client.post(url, {"all": "1", "query": "filter=rubbish", "name": "Oh"}).json()["text"] == "0 renamed"
    assert sorted(Company.objects.values_list("name", flat=True)) == ["Hidden", "New", "New", "Three"]
    assert matching(asked_of("company", anna)).count() == 3
