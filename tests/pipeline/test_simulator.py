"""The simulator behind the demo: its shares are the published ones, and the same seed tells the same year."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from crm.models import Note
from pipeline.models import Deal
from pipeline.services.demo import fill_demo
from pipeline.simulator.funnel import LOANS, FunnelSimulator
from pipeline.simulator.hours import WorkingHours

# BPI Challenge 2012: how the visits to a sent and to a returned offer ended.
SENT = {"onward": 1336, "lost": 557, "back": 553, "won straight": 40}
RETURNED = {"won": 846, "lost": 333, "back": 115}


def test_ways_out_follow_the_published_counts() -> None:
    random = Random(1)
    simulator = FunnelSimulator(
        steps=LOANS,
        random=random,
        hours=WorkingHours(ZoneInfo("Europe/Moscow"), random),
        now=datetime(2100, 1, 1, tzinfo=UTC),
    )
    ways: Counter[tuple[int, int | str]] = Counter()
    for _deal in range(6000):
        stays = simulator.walk(datetime(2025, 3, 3, 9, tzinfo=UTC))
        assert stays[-1].exit in ("won", "lost")
        for stay, after in zip(stays, [*stays[1:], None], strict=True):
            ways[stay.step, after.step if after and stay.exit == "moved" else stay.exit] += 1
    ended = [sum(number for (step, _way), number in ways.items() if step == place) for place in range(7)]
    share = {way: number / ended[way[0]] for way, number in ways.items()}
    assert share[0, 1] == pytest.approx(2918 / 5337, abs=0.01)
    assert share[1, 2] == pytest.approx(2035 / (2035 + 818), abs=0.01)
    assert share[2, 3] == pytest.approx(1997 / (1997 + 37), abs=0.01)
    assert share[3, 4] == 1.0
    assert [share[4, way] for way in (5, "lost", 3, 6)] == [
        pytest.approx(number / sum(SENT.values()), abs=0.015) for number in SENT.values()
    ]
    # The log's last step stands as two: what gets through both was won there.
    assert share[5, 6] * share[6, "won"] == pytest.approx(RETURNED["won"] / sum(RETURNED.values()), abs=0.02)
    assert share[5, 3] == pytest.approx(RETURNED["back"] / sum(RETURNED.values()), abs=0.015)


@pytest.mark.django_db
def test_same_seed_and_instant_give_the_same_year() -> None:
    told = []
    for _turn in range(2):
        with transaction.atomic():
            fill_demo(seed=7, now=datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
            deals = Deal.objects.order_by("id").values_list("title", "amount", "outcome", "created_at", "next_step_on", "company__name")
            told.append(json.dumps([list(deals), list(Note.objects.order_by("id").values_list("body", "created_at"))], default=str))
            transaction.set_rollback(True)
    assert told[0] == told[1]
