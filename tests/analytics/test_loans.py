"""A real funnel of 5,337 deals, where the file is at hand: its figures were computed by other means."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from analytics.queries.filters import Filters
from analytics.queries.funnel import funnel
from analytics.queries.time_in_stage import time_in_stage
from pipeline.models import Pipeline
from tests.samples import SHARED

FILE, FIGURES = SHARED / "loan_funnel.csv.gz", SHARED / "loan_funnel.expected.json"
AT = Filters(as_of=datetime(2011, 12, 15, tzinfo=UTC))

pytestmark = pytest.mark.skipif(
    not (FILE.exists() and FIGURES.exists()),
    reason="the loan funnel is not at hand (set VORONKA_SHARED to the folder that holds loan_funnel.csv.gz)",
)


@pytest.fixture
def loans(db):
    call_command("import_history", str(FILE), pipeline="Loans", verbosity=0)
    return Pipeline.objects.get(name="Loans")


def within(value, times, name, digits=1e-3):
    """The quantile in seconds, or any value of the flat piece that holds it."""
    low, high = times.get(f"{name}_accept", (times[name], times[name]))
    if low is None:
        return value is None
    return value is not None and low - digits <= value * 86_400 <= high + digits


def test_the_figures_of_the_loan_funnel(loans, admin):
    wanted = json.loads(FIGURES.read_text())
    per_stage = [wanted["per_stage"][name] for name in wanted["stages"]]
    report = funnel(pipeline=loans, viewer=admin, filters=AT)
    assert [row.stage.name for row in report.stages] == wanted["stages"]
    assert [row.entered for row in report.stages] == [5337, 2918, 2035, 1997, 1997, 1277]
    assert [row.entered for row in report.stages] == [stage["deals_reached_or_passed"] for stage in per_stage]
    assert [row.skipped for row in report.stages] == [stage["deals_skipped"] for stage in per_stage]
    assert (report.deals, report.won, report.lost, report.open) == (5337, 886, 4164, 287)
    assert report.win_rate == pytest.approx(wanted["deals"]["win_rate_of_closed"], abs=1e-6)
    assert sum(amount for _currency, amount in report.won_amounts) == wanted["deals"]["amount_won"]
    assert [round(row.advanced / row.entered, 6) for row in report.stages] == [
        pytest.approx(stage["conversion"]["to_any_later_or_won"], abs=1e-6) for stage in per_stage
    ]


@pytest.mark.parametrize(("per", "key"), [("visit", "visit_seconds_km"), ("deal", "per_deal_total_seconds_km")])
def test_the_times_of_the_loan_funnel(loans, admin, per, key):
    wanted = json.loads(FIGURES.read_text())
    rows = time_in_stage(pipeline=loans, viewer=admin, filters=Filters(as_of=AT.as_of, per=per)).stages
    for row in rows:
        stage, times = wanted["per_stage"][row.stage.name], wanted["per_stage"][row.stage.name][key]
        assert (row.stage.name, row.n, row.open) == (row.stage.name, times["n"], times["censored"])
        assert row.reentries == stage["reentries"]
        for name, quantile in (("p25", row.p25), ("p50", row.median), ("p75", row.p75), ("p90", row.p90)):
            assert within(quantile.time, times, name), (row.stage.name, name, quantile, times[name])
    if per == "visit":
        assert [row.reentries for row in rows][3:] == [668, 668, 59]
        assert rows[1].median.time * 86_400 == pytest.approx(14_610.571, abs=1e-3)
        assert rows[1].p90.time * 86_400 == pytest.approx(438_931.922, abs=1e-3)
        assert rows[1].open == 65
