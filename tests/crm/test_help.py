"""Help: every page in both languages with the same sections, and nothing that the product shows left unexplained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from analytics.definitions import DEFINITIONS
from analytics.queries.filters import Filters
from analytics.queries.funnel import funnel
from crm.models import User
from crm.views.help import PAGES
from pipeline.forms.stages import NewStageForm, StageForm
from pipeline.models import Stage
from pipeline.quick_add import read_line
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal
from tests.factories import make_deal, make_pipeline

pytestmark = pytest.mark.django_db
NAMES = [page.name for page in PAGES]
BY_LANGUAGE = {"label_en", "label_ru", "mark"}


def read(user: User, language: str, address: str) -> str:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def article(page: str) -> str:
    return page.split('<article class="help-text">')[1].split("</article>")[0]


@pytest.mark.parametrize("name", NAMES)
def test_each_page_has_the_same_sections_in_both_languages(anna: User, name: str) -> None:
    english, russian = (article(read(anna, language, f"/help/{name}/")) for language in ("en", "ru"))
    anchors = re.findall(r'id="([\w-]+)"', english)
    assert anchors and len(set(anchors)) == len(anchors)
    assert re.findall(r'id="([\w-]+)"', russian) == anchors
    assert [len(re.findall(f"<{tag}[ >]", russian)) for tag in ("h2", "h3", "dt", "tr", "li", "pre")] == [
        len(re.findall(f"<{tag}[ >]", english)) for tag in ("h2", "h3", "dt", "tr", "li", "pre")
    ]
    assert not re.search("[а-яё]", english.lower()) and re.search("[а-яё]", russian.lower())


def test_every_page_of_either_language_is_listed() -> None:
    folder = settings.BASE_DIR / "templates" / "help"
    for language in ("en", "ru"):
        assert sorted(Path(path).stem for path in (folder / language).iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_links_inside_help_lead_somewhere(anna: User, name: str, language: str) -> None:
    page = read(anna, language, f"/help/{name}/")
    for anchor in re.findall(r'href="#([\w-]+)"', page):
        assert f'id="{anchor}"' in page
    client = Client()
    client.force_login(anna)
    for address in set(re.findall(r'href="(/help/[^"#]*)', page)):
        assert client.get(address).status_code == 200


def test_every_figure_is_explained(anna: User, language: str) -> None:
    page = article(read(anna, language, "/help/figures/"))
    assert set(DEFINITIONS) <= set(re.findall(r'<dt id="([\w-]+)"', page))


def test_every_setting_of_a_stage_is_explained(anna: User, language: str) -> None:
    page = article(read(anna, language, "/help/settings/"))
    fields = set(StageForm().fields) | set(NewStageForm(stages=[]).fields)
    assert fields - BY_LANGUAGE <= set(re.findall(r'<dt id="([\w-]+)"', page))


def test_worked_example_is_what_the_report_counts(anna: User, language: str) -> None:
    pipeline = make_pipeline("Example", stages=("New", "Proposal", "Contract"))
    new, proposal, contract = Stage.objects.filter(pipeline=pipeline)
    deals = {name: make_deal(name, by=anna, stage=new) for name in ("Vektor", "Orbit", "Kvant", "Lumen", "Sever")}
    for name, stage in (("Vektor", proposal), ("Orbit", proposal), ("Kvant", contract)):
        move_deal(deal_id=deals[name].pk, to_stage=stage.pk, by=anna)
    close_deal(deal_id=deals["Vektor"].pk, outcome="won", by=anna)
    for name in ("Orbit", "Sever"):
        close_deal(deal_id=deals[name].pk, outcome="lost", lost_reason="Price", by=anna)
    report = funnel(pipeline=pipeline, viewer=anna, filters=Filters())
    counted = [[row.entered, row.advanced, row.lost, row.open, row.skipped] for row in report.stages]
    table = article(read(anna, language, "/help/figures/")).split("data-example")[1].split("</table>")[0]
    told = [[int(cell) for cell in re.findall(r'<td class="num">(\d+)</td>', row)] for row in table.split("<tr>")[2:]]
    assert told == counted
    shares = [[int(number) for number in re.findall(r"\d+", cell)] for cell in re.findall(r"<td class=\"num\">(\d+ \w+ \d+)</td>", table)]
    assert shares == [[row.advanced, row.entered] for row in report.stages]
    assert (report.won, report.lost, report.open) == (1, 2, 2)


def test_quick_add_examples_are_understood_as_told(anna: User, language: str) -> None:
    table = article(read(anna, language, "/help/board/")).split("<tbody>")[1].split("</tbody>")[0]
    for row in table.split("<tr>")[1:]:
        line, title, company, amount = re.findall(r"<td[^>]*>(.*?)</td>", row)
        typed = read_line(re.sub("</?code>", "", line))
        digits = re.sub(r"\D", "", amount)
        assert (typed.title, typed.company or "–") == (title, company)
        assert typed.amount == (int(digits) if digits else None)
        assert typed.currency == ("EUR" if "€" in amount else None)


def test_report_leads_to_how_it_is_counted(anna: User) -> None:
    make_pipeline()
    assert 'href="/help/figures/"' in read(anna, "en", "/analytics/")


def test_help_is_for_who_is_signed_in(client: Client, anna: User) -> None:
    assert client.get("/help/").status_code == 302
    client.force_login(anna)
    assert client.get("/help/nothing/").status_code == 404
