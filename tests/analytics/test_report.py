"""The report as people see it: the twelve deals on the page, lists behind figures, rights, nonsense in the address."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.queries.behind import PARTS
from analytics.views.report import TITLES
from pipeline.models import Pipeline
from tests.analytics.conftest import GOLDEN_AT
from tests.factories import make_deal

AT = GOLDEN_AT.isoformat()


def table(html, name):
    """Each row's cells, by stage: the plain words, and the exact figure where the cell has one."""
    rows = re.findall(rf'<tr data-{name}-stage="([^"]*)"[^>]*>(.*?)</tr>', html, re.S)
    cells = {stage: re.findall(r'<t[hd][^>]*?(?: data-(?:rate|days)="([^"]*)")?>(.*?)</t[hd]>', row, re.S) for stage, row in rows}
    return {stage: [(" ".join(re.sub(r"<[^>]+>", " ", words).split()), exact) for exact, words in row] for stage, row in cells.items()}


def figure(cell):
    return float(cell[1]) if cell[1] else None


def report_of(client, user, *, language="en", **question):
    client.force_login(user)
    client.cookies["django_language"] = language
    return client.get(reverse("analytics"), question)


SECOND = 1 / 86_400


def test_the_page_shows_the_funnel_of_twelve_deals(golden, admin, client, expected, language):
    for days in (10, 30, 60, 90):
        html = report_of(client, admin, language=language, pipeline=golden.pk, as_of=AT, horizon_days=days).content.decode()
        rows = table(html, "funnel")
        for stage in expected["stages"]:
            cells = rows[stage["name"]]
            counts = [stage[key] for key in ("entered", "advanced", "lost", "open", "skipped")]
            assert [int(words) for words, _exact in cells[1:6]] == counts
            assert figure(cells[6]) == pytest.approx(stage["conversion"], abs=1e-6)
            assert figure(cells[7]) == pytest.approx(stage["conversion_matured"][f"{days}d"], abs=1e-6)
    top = dict(re.findall(r'<div data-top="(\w+)">.*?<dd>(.*?)</dd>', html, re.S))
    assert [int(re.sub(r"<[^>]+>", "", top[key])) for key in ("deals", "won", "lost", "open")] == [12, 4, 3, 5]
    rates = {key: float(re.search(r'data-rate="([^"]*)"', top[key])[1]) for key in ("win_rate", "wins_per_created")}
    assert rates == pytest.approx({"win_rate": expected["win_rate_closed"], "wins_per_created": expected["wins_per_created"]}, abs=1e-6)


@pytest.mark.parametrize("per", ["visit", "deal"])
def test_the_page_shows_the_times_of_twelve_deals(golden, admin, client, expected, language, per):
    rows = table(report_of(client, admin, language=language, pipeline=golden.pk, as_of=AT, per=per).content.decode(), "time")
    for stage in expected["stages"]:
        cells, times = rows[stage["name"]], stage[f"time_per_{per}"]
        assert [int(cells[place][0]) for place in (1, 2, 7)] == [times["n"], times["open"], stage["reentries"]]
        for place, name in ((3, "p50"), (4, "p75"), (5, "p90")):
            low, high = times.get(f"{name}_accept", (times[name], times[name]))
            shown = figure(cells[place])
            assert shown is None if low is None else low - SECOND <= shown <= high + SECOND
        if "mean_exited" in times:
            assert figure(cells[6]) == pytest.approx(times["mean_exited"], abs=SECOND)


def test_few_deals_are_told_in_words(golden, admin, client):
    html = report_of(client, admin, pipeline=golden.pk, as_of=AT).content.decode()
    rows = table(html, "funnel")
    assert [words for words, _exact in rows["New"][6:]] == ["75.0%", "80.6% (42.2% – 94.7%)"]
    assert [words for words, _exact in rows["Proposal"][6:]] == ["4/7", "few deals"]
    times = table(html, "time")
    assert times["New"][5][0] == "not estimable"
    assert times["Proposal"][0][0] == "Proposal · few stays"


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
        assert f"<strong data-whose>{words}</strong>" in report_of(client, user).content.decode()
    assert "<strong data-whose>Deals of Anna Arlova</strong>" in report_of(client, clara, owner=anna.pk).content.decode()
    assert "<strong data-whose>Team North</strong>" in report_of(client, admin, team=north.pk).content.decode()


def test_the_question_stands_in_words_and_leads_back_to_now(golden, admin, client):
    html = report_of(client, admin, pipeline=golden.pk, as_of="2026-04-11", **{"from": "2026-01-01", "to": "2026-03-31"}).content.decode()
    assert "began from 1\u00a0Jan\u00a02026 to 31\u00a0Mar\u00a02026" in html
    assert "as of the end of 11\u00a0Apr\u00a02026" in html
    assert f'<a href="?pipeline={golden.pk}&amp;from=2026-01-01&amp;to=2026-03-31">Back to now</a>' in html


def test_each_role_opens_lists_of_what_it_may_see(sales, anna, boris, clara, denis, admin, client):
    for owner, deals in ((anna, 1), (boris, 2), (denis, 4)):
        for number in range(deals):
            make_deal(f"{owner} {number}", by=owner)
    stage = sales.stages.first().pk
    for user, count in ((anna, 1), (boris, 2), (clara, 3), (denis, 4), (admin, 7)):
        client.force_login(user)
        for part in ("entered", "open", "visits", "staying", "stayed", "all", "all_open"):
            html = client.get(reverse("deals_behind"), {"pipeline": sales.pk, "part": part, "stage": stage}).content.decode()
            assert (f'data-count="{count}"' in html, html.count("data-deal-id")) == (True, count)
    client.force_login(clara)
    assert client.get(reverse("deals_behind"), {"pipeline": sales.pk, "part": "all", "owner": denis.pk}).status_code == 404
    assert client.get(reverse("deals_behind"), {"pipeline": sales.pk, "part": "all", "team": denis.team_id}).status_code == 404


def test_a_long_list_says_how_much_of_it_is_shown(sales, admin, client):
    for number in range(55):
        make_deal(f"Deal {number}", by=admin)
    client.force_login(admin)
    question = {"pipeline": sales.pk, "part": "all"}
    first = client.get(reverse("deals_behind"), question).content.decode()
    assert "showing 1 to 50 of 55" in first
    after = re.search(r'rel="next" href="\?[^"]*after=([\d-]+)"', first)[1]
    assert "showing 51 to 55 of 55" in client.get(reverse("deals_behind"), question | {"after": after}).content.decode()


@pytest.mark.parametrize("report", [{}, {"per": "deal", "count": "visited"}, {"as_of": AT}])
def test_the_page_costs_as_many_queries_whatever_it_shows(sales, golden, admin, anna, client, django_assert_num_queries, report):
    client.force_login(admin)
    client.get(reverse("analytics"))
    for deals in (1, 30):
        for _ in range(deals):
            make_deal(by=anna)
        with django_assert_num_queries(20 if "as_of" in report else 19):
            client.get(reverse("analytics"), {"pipeline": sales.pk} | report)
        # One of them counts what the bell of every page has to tell.
        with django_assert_num_queries(8 if "as_of" in report else 9):
            client.get(reverse("deals_behind"), {"pipeline": sales.pk, "part": "all"} | report)


def test_others_deals_are_behind_no_figure(sales, anna, denis, client):
    make_deal("Denis has it", by=denis)
    page = report_of(client, anna).content.decode()
    assert "No deals yet" in page and "recorded since" not in page
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


def test_without_a_pipeline_in_use_there_is_still_a_page(golden, admin, client):
    Pipeline.objects.update(archived_at=timezone.now())
    assert "No pipeline yet" in report_of(client, admin).content.decode()
    assert "data-figures" in report_of(client, admin, pipeline=golden.pk).content.decode()  # its history stays


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
