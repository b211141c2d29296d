"""The board under a view or under the filter of a list: cards, totals, chips, and the way to the list and back."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import User
from crm.services.views import save_view
from pipeline.models import Deal, Pipeline, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db
LARGE = {"field": "amount", "op": "more", "value": 3000}


def board(client: Client, user: User, pipeline: Pipeline, **given: Any) -> str:
    client.force_login(user)
    query = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in given.items()}
    answer = client.get(f"/board/{pipeline.pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(html: str) -> list[str]:
    return sorted(re.findall(r'<a class="ct"[^>]*>([^<]*)</a>', html))


@pytest.fixture
def deals(anna: User, boris: User, sales: Pipeline, stages: list[Stage]) -> None:
    from_ = {"currency": "RUB"}
    make_deal("Small", by=anna, amount=100, **from_)
    make_deal("Large", by=anna, amount=5000, stage=stages[1], **from_)
    make_deal("Huge", by=boris, amount=90_000, stage=stages[1], **from_)


def test_board_shows_what_fits_a_view_and_a_filter_at_once(anna: User, clara: User, sales: Pipeline, deals: None, client: Client) -> None:
    view = save_view(kind="deal", name="Big ones", by=clara, is_shared=True, filter=LARGE, layout="board")
    html = board(client, clara, sales, view=view.pk)
    assert titles(html) == ["Huge", "Large"]
    assert "Big ones" in html
    assert titles(board(client, anna, sales, view=view.pk)) == ["Large"]
    both = board(client, clara, sales, view=view.pk, filter={"field": "owner", "op": "is", "value": anna.pk}, text="arg")
    assert titles(both) == ["Large"]
    assert "Owner is Anna Arlova" in both
    assert titles(board(client, clara, sales, owner=str(anna.pk), view=view.pk)) == ["Large"]


def test_totals_count_the_same_deals(clara: User, sales: Pipeline, stages: list[Stage], deals: None, client: Client) -> None:
    html = board(client, clara, sales, filter=LARGE)
    head = html.split(f'data-head="{stages[1].pk}"')[1]
    assert re.search(r'class="col-count"[^>]*>2<', head)


def test_strange_view_and_rubbish_show_nothing_and_say_so(anna: User, boris: User, sales: Pipeline, deals: None, client: Client) -> None:
    view = save_view(kind="deal", name="Private", by=boris)
    for given, words in (({"view": view.pk}, "isn&#x27;t shared with you"), ({"filter": "{"}, "no JSON")):
        html = board(client, anna, sales, **given)
        assert titles(html) == []
        assert words in html
        assert "Private" not in html


def test_list_shows_the_same_deals_as_the_board(anna: User, boris: User, clara: User, sales: Pipeline, deals: None, client: Client) -> None:
    html = board(client, clara, sales, owner=str(boris.pk), filter=LARGE)
    assert titles(html) == ["Huge"]
    address = unescape(re.search(r'href="(/deals/\?[^"]*)"', html)[1])  # type: ignore[index]
    listed = client.get(address).content.decode()
    assert re.findall(r"<td class=\"lead cut\"><a [^>]*>([^<]*)</a>", listed) == ["Huge"]
    back = unescape(re.search(r'href="(/board/\?[^"]*)"', listed)[1])  # type: ignore[index]
    assert titles(client.get(back).content.decode()) == ["Huge"]
    assert urlsplit(back).query


def test_view_costs_the_same_however_many_deals(anna: User, sales: Pipeline, deals: None, client: Client) -> None:
    view = save_view(kind="deal", name="Big ones", by=anna, filter=LARGE)

    client.force_login(anna)

    def cost() -> int:
        with CaptureQueriesContext(connection) as told:
            assert client.get(f"/board/{sales.pk}/?view={view.pk}").status_code == 200
        return len(told)

    before = cost()
    for number in range(15):
        make_deal(f"Another {number}", by=anna, amount=9000)
    assert cost() == before


def test_calendar_shows_the_same_deals_by_their_expected_close(
    anna: User, boris: User, clara: User, sales: Pipeline, deals: None, client: Client
) -> None:
    Deal.objects.filter(title="Huge").update(expected_close="2026-11-24")
    Deal.objects.filter(title="Small").update(expected_close="2026-11-30")

    def shown(user: User, **given: Any) -> list[tuple[str, str]]:
        client.force_login(user)
        query = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in given.items()}
        html = client.get("/deals/calendar/", query).content.decode()
        squares = re.findall(r'<time datetime="([\d-]+)">.*?</time>(.*?)</li>', html)
        return [(day, title) for day, rest in squares for title in re.findall(r'<span class="cut">([^<]*)</span>', rest)]

    assert shown(clara, month="2026-11") == [("2026-11-24", "Huge"), ("2026-11-30", "Small")]
    assert shown(clara, month="2026-11", filter=LARGE) == [("2026-11-24", "Huge")]
    assert shown(anna, month="2026-11") == [("2026-11-30", "Small")]
    assert shown(clara, month="2026-12") == [("2026-11-30", "Small")]  # the week that both months share
    assert shown(clara, month="2027-03") == []
    view = save_view(kind="deal", name="By month", by=clara, filter=LARGE, layout="calendar")
    assert shown(clara, month="2026-11", view=view.pk) == [("2026-11-24", "Huge")]
    assert f'href="/deals/calendar/?view={view.pk}"' in client.get("/deals/").content.decode()
