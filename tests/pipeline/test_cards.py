"""What a card shows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.models import Company, ExchangeRate, User
from crm.queries.rates import Rates
from crm.templatetags.display import day as shown_day
from pipeline.models import Deal, NextStep, Stage
from pipeline.queries.board import Column, card_of
from pipeline.queries.board_filters import Filters
from pipeline.queries.column_totals import Totals
from pipeline.templatetags.cards import deal_card, next_step_bar
from tests.factories import make_deal

pytestmark = pytest.mark.django_db
MARKUP = """<img src=x onerror="alert('1')">&"""


def card_html(deal: Deal, *, days: int = 0) -> str:
    now = timezone.now()
    deal.stage_entered_at = now - timedelta(days=days)
    return deal_card(card_of(deal, stage=deal.stage, today=now.date(), now=now))


def test_a_card_says_whose_it_is_how_much_and_how_long(anna: User, stages: list[Stage]) -> None:
    deal = make_deal("Pumps", by=anna, amount=Decimal("1250000.50"), company="Vektor")
    html = card_html(deal, days=3)
    for part in (f'data-deal-id="{deal.pk}"', f'href="/deals/{deal.pk}/"', ">Pumps<", ">Vektor<", "€1.3M", 'title="€1,250,000.50"', ">AA<"):
        assert part in html
    assert "rots" not in html
    assert '<li class="card rots"' in card_html(deal, days=11)


def test_a_card_of_nobody_without_amount_or_company(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, amount=None, owner=None)
    assert '<span class="cc"></span><span class="cf"><b title=""></b>' in card_html(deal)
    assert '<span class="ci">–</span>' in card_html(deal)


def test_markup_that_people_typed_stays_text(anna: User, stages: list[Stage]) -> None:
    User.objects.filter(pk=anna.pk).update(name=MARKUP)
    company = Company.objects.create(name=MARKUP)
    deal = make_deal(MARKUP, by=User.objects.get(pk=anna.pk), company=company)
    html = card_html(deal)
    assert "<img" not in html and html.count("&lt;img src=x onerror=&quot;alert(&#x27;1&#x27;)&quot;&gt;&amp;") == 3


def test_the_bar_shows_each_state_and_links_to_it(anna: User, stages: list[Stage]) -> None:
    totals = Totals(count=4)
    totals.states |= {NextStep.OVERDUE: 1, NextStep.NONE: 3}
    rates = Rates("EUR", base="EUR", day=date(2026, 3, 1))
    column = Column(stages[0], totals, rates, Filters(text="a&b", step=NextStep.NONE), [])
    assert next_step_bar(column) == (
        '<a href="?text=a%26b&amp;step=overdue" aria-label="Overdue: 1"><rect class="overdue" x="0.00" width="25.00" height="10"/>'
        "<title>Overdue: 1</title></a>"
        '<a href="?text=a%26b" aria-label="No next step: 3" aria-current="true">'
        '<rect class="none" x="25.00" width="75.00" height="10"/><title>No next step: 3</title></a>'
    )


def test_the_sums_say_at_which_rate_other_currencies_stand_in_them(stages: list[Stage]) -> None:
    day = date(2026, 3, 1)
    ExchangeRate.objects.create(currency="USD", since=date(2026, 2, 1), rate=Decimal("0.5"))
    totals = Totals()
    totals.amounts |= {"EUR": Decimal(100), "USD": Decimal(20), "GBP": Decimal(7)}
    column = Column(stages[0], totals, Rates("EUR", base="EUR", day=day), Filters(), [])
    assert column.sums_title == f"€110, weighted €{11 * stages[0].probability / 10:g}. USD at the rate of {shown_day(day)}"
    totals.amounts.pop("USD")
    assert "rate" not in column.sums_title
