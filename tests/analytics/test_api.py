"""The figures through the API: shapes, the twelve deals, rights, refusals in words."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from crm.models import ApiKey
from tests.analytics.conftest import GOLDEN_AT
from tests.factories import make_deal

AT = GOLDEN_AT.isoformat()


def ask(user, report, **question):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {ApiKey.issue(user=user, name='test')[1]}")
    return client.get(f"/api/v1/analytics/{report}/", question)


@pytest.fixture
def api(admin):
    return lambda report, **question: ask(admin, report, **question)


def test_the_funnel_of_twelve_deals(golden, api, expected):
    answer = api("funnel", pipeline=golden.pk, as_of=AT).json()
    keys = ("name", "entered", "advanced", "lost", "open", "skipped")
    assert [[stage[key] for key in keys] for stage in answer["stages"]] == [[stage[key] for key in keys] for stage in expected["stages"]]
    assert [stage["conversion"] for stage in answer["stages"]] == pytest.approx(
        [stage["conversion"] for stage in expected["stages"]], abs=1e-6
    )
    assert [answer[key] for key in ("n", "won", "lost", "open")] == [12, 4, 3, 5]
    assert answer["win_rate"] == pytest.approx(expected["win_rate_closed"])
    assert answer["wins_per_created"] == pytest.approx(expected["wins_per_created"])
    matured = answer["stages"][2]["conversion_matured"]
    assert matured["rate"] == pytest.approx(expected["stages"][2]["conversion_matured"]["90d"], abs=1e-6)
    assert matured["low"] < matured["rate"] < matured["high"]
    assert matured["horizon_days"] == 90
    assert answer["amounts_won"] == {"EUR": "15000.00"}


@pytest.mark.parametrize("per", ["visit", "deal"])
def test_the_times_of_twelve_deals(golden, api, expected, per):
    answer = api("time-in-stage", pipeline=golden.pk, as_of=AT, per=per).json()
    for stage, wanted in zip(answer["stages"], expected["stages"], strict=True):
        times = wanted[f"time_per_{per}"]
        assert (stage["n"], stage["open"], stage["reentries"]) == (times["n"], times["open"], wanted["reentries"])
        assert stage["median_days"] == pytest.approx(times["p50"], abs=1 / 86_400)
        assert (stage["p90_days"] is None) == (times["p90"] is None)


def test_a_time_with_a_lost_plus_is_understood(golden, api):
    answer = api("funnel", pipeline=golden.pk, as_of=AT.replace("+", " "))
    assert answer.json()["n"] == 12


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"pipeline": "x"}, "pipeline"),
        ({}, "pipeline"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "to"),
        ({"as_of": "soon"}, "as_of"),
        ({"as_of": "2026-13-45"}, "as_of"),
        ({"horizon_days": "0"}, "horizon_days"),
        ({"horizon_days": "1e9"}, "horizon_days"),
        ({"count": "id"}, "count"),
        ({"cohort": "owner__password"}, "cohort"),
        ({"to": "9999-12-31"}, "to"),
        ({"owner": "1; DROP TABLE"}, "owner"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_in_words(golden, api, question, field):
    if field != "pipeline":
        question = {"pipeline": golden.pk} | question
    answer = api("funnel", **question)
    assert answer.status_code == 400
    assert answer.json()[field][0]


def test_what_does_not_exist_is_not_found(golden, api):
    for name in ("pipeline", "owner", "team", "source"):
        for value in (999_999, 2**70):
            assert api("funnel", **({"pipeline": golden.pk} | {name: value})).status_code == 404


def test_nobody_is_told_anything(golden):
    assert APIClient().get("/api/v1/analytics/funnel/", {"pipeline": golden.pk}).status_code == 401


def test_each_counts_what_they_may_see(sales, anna, boris, clara, denis, admin, north, south):
    for owner, deals in ((anna, 1), (boris, 2), (denis, 4)):
        for _ in range(deals):
            make_deal(by=owner)
    counted = {who: ask(who, "funnel", pipeline=sales.pk).json()["n"] for who in (anna, boris, clara, denis, admin)}
    assert counted == {anna: 1, boris: 2, clara: 3, denis: 4, admin: 7}
    stays = {who: ask(who, "time-in-stage", pipeline=sales.pk).json()["stages"][0]["n"] for who in (anna, clara, denis, admin)}
    assert stays == {anna: 1, clara: 3, denis: 4, admin: 7}
    assert ask(clara, "funnel", pipeline=sales.pk, owner=boris.pk).json()["n"] == 2
    assert ask(clara, "funnel", pipeline=sales.pk, owner=denis.pk).status_code == 404
    assert ask(anna, "funnel", pipeline=sales.pk, owner=boris.pk).status_code == 404
    assert ask(clara, "funnel", pipeline=sales.pk, team=south.pk).status_code == 404
    assert ask(admin, "funnel", pipeline=sales.pk, team=south.pk).json()["n"] == 4


def test_the_schema_describes_both(client, admin):
    client.force_login(admin)
    schema = client.get(reverse("schema")).content.decode()
    assert "/api/v1/analytics/funnel/" in schema
    assert "/api/v1/analytics/time-in-stage/" in schema
    assert "conversion_matured" in schema
