"""Amounts as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import User
from crm.money import MAX_AMOUNT, read_money
from pipeline.models import Stage
from tests.factories import make_deal


@pytest.mark.parametrize("text", ["99999999999999999999b", "10000000000000", "9" * 20])
def test_more_than_a_column_takes_is_no_amount(text: str) -> None:
    assert read_money(text) == (None, None)


def test_the_largest_amount_is_one() -> None:
    assert read_money("9999999999999.99") == (MAX_AMOUNT, None)
    assert read_money("1,5 млн")[0] == Decimal("1500000.00")


@pytest.mark.django_db
@pytest.mark.parametrize("was", ["Infinity", "NaN", "1e999999", "sNaN"])
def test_an_impossible_amount_seen_before_is_a_change(anna: User, stages: list[Stage], client: Client, was: str) -> None:
    deal = make_deal(by=anna)
    client.force_login(anna)
    answer = client.post(reverse("deal_fields", args=[deal.pk]), {"field": "amount", "value": "7", "was": was})
    assert answer.status_code == 412
    deal.refresh_from_db()
    assert deal.amount == 1000
