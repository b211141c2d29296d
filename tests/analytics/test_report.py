"""The report as people see it: the twelve deals on the page, lists behind figures, rights, nonsense in the address."""

import re

import pytest
from django.urls import reverse

from analytics.queries.behind import PARTS
from analytics.views.report import TITLES
from tests.analytics.conftest import GOLDEN_AT
from tests.factories import make_deal

AT = GOLDEN_AT.isoformat()


def table(html, name):
    """The plain words of each row's cells, by stage."""
    rows = re.findall(rf'<tr data-{name}-stage="([^"]*)"[^>]*>(.*?)</tr>', html, re.S)
    return {
        stage: [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
        for stage, row in rows
    }


def report_of(client, user, **question):
    client.force_login(user)
    return client.get(reverse("analytics"), question)


def test_the_page_shows_the_twelve_deals(golden, admin, client, expected):
    html = report_of(client, admin, pipeline=golden.pk, as_of=AT, per="visit").content.decode()
    rows = table(html, "funnel")
    assert {name: [int(cell) for cell in cells[1:6]] for name, cells in rows.items()} == {
        stage["name"]: [stage[key] for key in ("entered", "advanced", "lost", "open", "skipped")] for stage in expected["stages"]
    }
    assert rows["New"][6] == "75.0%"
    assert rows["New"][7].startswith("80.6%")
    # Nine deals or fewer: the fraction, no percentage.
    assert rows["Proposal"][6:] == ["4/7", "few deals"]
    times = table(html, "time")
    for stage in expected["stages"]:
        cells = times[stage["name"]]
        assert [int(cells[1]), int(cells[2]), int(cells[7])] == [
            stage["time_per_visit"]["n"],
            stage["time_per_visit"]["open"],
            stage["reentries"],
        ]
        assert cells[3].startswith(f"{stage['time_per_visit']['p50']:g}\u00a0d") or cells[3].startswith(
            f"{stage['time_per_visit']['p50']:g} d"
        )
    assert times["New"][5] == "not estimable"


def test_every_figure_on_the_page_opens_as_many_rows(golden, admin, client):
    html = report_of(client, admin, pipeline=golden.pk, as_of=AT).content.decode()
    links = set(re.findall(r'<a[^>]* href="(/analytics/deals/[^"]*)"[^>]*>([\d]+)</a>', html))
    assert len(links) > 30
    for address, figure in links:
        answer = client.get(address.replace("&amp;", "&"))
        assert f'data-count="{figure}"' in answer.content.decode(), address


def test_whose_figures_the_page_shows(sales, anna, clara, admin, client, north):
    make_deal("Anna's own", by=anna)
    for user, words in ((anna, "Your deals"), (clara, "Team North"), (admin, "All deals")):
        assert words in report_of(client, user).content.decode()


def test_others_deals_are_behind_no_figure(sales, anna, denis, client):
    make_deal("Denis has it", by=denis)
    assert "No deals in this selection" in report_of(client, anna).content.decode()
    answer = client.get(reverse("deals_behind"), {"pipeline": sales.pk, "part": "all"})
    assert 'data-count="0"' in answer.content.decode()
    assert "Denis has it" not in answer.content.decode()
    assert client.get(reverse("analytics"), {"owner": denis.pk}).status_code == 404


def test_nonsense_in_the_address_is_answered_in_words(sales, admin, client):
    answer = report_of(client, admin, **{"from": "2026-02-01", "to": "2026-01-01"})
    assert answer.status_code == 400
    assert "The period ends before it begins." in answer.content.decode()
    behind = reverse("deals_behind")
    for question in ({"part": "x"}, {"part": "entered"}, {"part": "entered", "stage": "1 OR 1"}, {"part": "all", "owner": "9" * 30}):
        assert client.get(behind, {"pipeline": sales.pk} | question).status_code == 404


def test_only_the_figures_when_asked_for_them(golden, admin, client):
    client.force_login(admin)
    html = client.get(reverse("analytics"), headers={"X-Part": "figures"}).content.decode()
    assert html.lstrip().startswith('<div class="stack" id="figures"')


def test_an_empty_product_says_what_this_place_is_for(admin, client):
    assert "No pipeline yet" in report_of(client, admin).content.decode()


def test_nothing_is_shown_without_signing_in(sales, client):
    for name in ("analytics", "deals_behind"):
        assert client.get(reverse(name)).status_code == 302


def test_each_list_has_a_title():
    assert set(TITLES) == set(PARTS)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_svg_speaks_no_language(golden, admin, client, language):
    """A comma for a decimal point would break a chart."""
    client.force_login(admin)
    client.cookies["django_language"] = language
    html = client.get(reverse("analytics"), {"as_of": AT}).content.decode()
    for value in re.findall(r'<(?:rect|line|text)[^>]* (?:x|x1|x2|width)="([^"]*)"', html):
        assert re.fullmatch(r"\d+(\.\d+)?%?", value)
    assert "style=" not in html
