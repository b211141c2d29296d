"""Our two estimators against those of statsmodels, on data full of ties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from analytics.survival import Z, find_incidence, find_quantiles

SHARES = (0.25, 0.5, 0.75, 0.9)
observations = st.lists(st.tuples(st.integers(1, 12), st.sampled_from([0, 1, 2])), min_size=3, max_size=120)


def group(rows, kinds):
    counts = {}
    for time, status in rows:
        counts.setdefault(time, [0] * kinds)[status - 1] += 1  # status 0, censored, is the last place
    return {time: tuple(row) for time, row in counts.items()}


@settings(max_examples=200, deadline=None)
@given(observations)
def test_quantiles_equal_statsmodels(rows):
    ours = find_quantiles(group([(time, min(status, 1)) for time, status in rows], 2), SHARES)
    times, status = np.array([row[0] for row in rows]), np.array([min(row[1], 1) for row in rows])
    if not status.any():
        assert all(quantile.time is None for quantile in ours.values())
        return
    theirs = SurvfuncRight(times, status)
    for share in SHARES:
        if np.isclose(theirs.surv_prob, 1 - share, atol=1e-9).any():
            continue  # statsmodels takes the first time strictly below
        time = theirs.quantile(share)
        assert ours[share].time == (None if np.isnan(time) else time)


@settings(max_examples=200, deadline=None)
@given(observations)
def test_bands_of_quantiles_equal_statsmodels(rows):
    counts = group([(time, min(status, 1)) for time, status in rows], 2)
    times, status = np.array([row[0] for row in rows]), np.array([min(row[1], 1) for row in rows])
    if not status.any():
        return
    theirs = SurvfuncRight(times, status)
    for share, ours in find_quantiles(counts, SHARES).items():
        with np.errstate(all="ignore"):
            low, high = theirs.quantile_ci(share)
            distance = (np.log(-np.log(theirs.surv_prob)) - np.log(-np.log(1 - share))) / (
                -theirs.surv_prob_se / (theirs.surv_prob * np.log(theirs.surv_prob))
            )
        if np.isnan(low) or not (np.diff(np.abs(distance) <= Z).astype(int) != 0).sum() <= 2:
            continue  # no time lies inside the band, and statsmodels gives up
        if np.isclose(np.abs(distance), Z, atol=1e-6).any():
            continue
        assert ours.low == low
        assert ours.high == (None if np.isinf(high) else high)


@settings(max_examples=200, deadline=None)
@given(observations, st.integers(1, 14))
@pytest.mark.filterwarnings("ignore")
def test_incidence_equals_statsmodels(rows, horizon):
    status = np.array([row[1] for row in rows])
    if not (status == 1).any():
        return
    theirs = CumIncidenceRight(np.array([row[0] for row in rows]), status)
    upto = np.flatnonzero(theirs.times <= horizon)
    ours = find_incidence(group(rows, 3), horizon)
    rate = theirs.cinc[0][upto[-1]] if len(upto) else 0.0
    assert ours.rate == pytest.approx(rate, abs=1e-9)
    if ours.low is None:
        assert rate == pytest.approx(0) or rate == pytest.approx(1)
        return
    error = theirs.cinc_se[0][upto[-1]]
    if np.isfinite(error):
        half = Z * error / (rate * np.log(rate))
        assert (ours.low, ours.high) == pytest.approx((rate ** np.exp(-half), rate ** np.exp(half)), abs=1e-9)


def test_events_at_exactly_the_horizon_count():
    counts = {10.0: (1, 0, 0), 20.0: (1, 0, 0)}
    assert find_incidence(counts, 10).rate == 0.5
    assert find_incidence(counts, 9.999).rate == 0


def test_censored_at_the_time_of_an_event_was_still_at_risk():
    assert find_incidence({5.0: (1, 0, 1)}, 5).rate == 0.5


def test_a_curve_that_never_falls_so_far_gives_no_quantile():
    assert find_quantiles({1.0: (1, 0), 2.0: (0, 3)}, [0.5])[0.5].time is None


def test_the_quantile_is_the_first_time_at_or_below():
    assert find_quantiles({1.0: (1, 0), 2.0: (1, 0), 3.0: (1, 0), 4.0: (1, 0)}, [0.75])[0.75].time == 3.0


def test_nothing_known_about_nobody():
    assert find_quantiles({}, [0.5])[0.5].time is None
    assert find_incidence({}, 90).rate == 0
