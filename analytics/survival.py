"""How long things last and how they end, when some have not ended yet.

Both estimators take grouped counts, so that a million deals cost no more than the number of different durations.
At equal times events come before censorings: who is censored at t was still under observation at t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

# The 97.5 % point of the normal distribution: intervals of 95 %.
Z = 1.959963984540054
# A product of a hundred thousand factors strays by less than this; the smallest step of a real curve is larger.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Quantile:
    """The time by which a share has ended, and its band; None where the curve never gets there."""

    time: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Incidence:
    """The share that had met one kind of end by the horizon; no interval where nothing or everything has."""

    rate: float
    low: float | None
    high: float | None


def find_quantiles(counts: Mapping[float, tuple[int, int]], shares: Sequence[float]) -> dict[float, Quantile]:
    """Quantiles of the Kaplan-Meier curve over `{time: (ended, censored)}`, one for each share.

    S(t) = product over u <= t of (1 - d(u) / n(u)); the quantile is the smallest t with S(t) <= 1 - p.
    Its band holds the times where the log(-log) band of S, with Greenwood's variance, spans 1 - p.
    Kaplan & Meier 1958, JASA 53:457; Brookmeyer & Crowley 1982, Biometrics 38:29.
    """
    times: dict[float, float | None] = dict.fromkeys(shares)
    lows: dict[float, float | None] = dict.fromkeys(shares)
    highs: dict[float, float | None] = dict.fromkeys(shares)
    at_risk = sum(ended + censored for ended, censored in counts.values())
    survival, greenwood = 1.0, 0.0
    pending = set(shares)
    for time in sorted(counts):
        if not pending:
            break
        ended, censored = counts[time]
        if ended:
            survival *= 1 - ended / at_risk
            if ended < at_risk:
                greenwood += ended / (at_risk * (at_risk - ended))
            low, high = _log_log_band(survival, sqrt(greenwood) * survival)
            for share in list(pending):
                left = 1 - share
                if lows[share] is None and low <= left + ROUNDING:
                    lows[share] = time
                if times[share] is None and survival <= left + ROUNDING:
                    times[share] = time
                if high < left - ROUNDING:
                    highs[share] = time
                    pending.discard(share)
        at_risk -= ended + censored
    return {share: Quantile(times[share], lows[share], highs[share]) for share in shares}


def find_incidence(counts: Mapping[float, tuple[int, int, int]], horizon: float) -> Incidence:
    """Aalen-Johansen incidence of the first kind of end by the horizon, over `{time: (first, second, censored)}`.

    F(t) = sum over u <= t of S(u-) d1(u) / n(u), where S is the Kaplan-Meier curve of either end;
    what happens at exactly the horizon counts. The variance is the delta method's:
    sum of (F(t) - F(u))^2 d / (n (n - d)) + S(u-)^2 d1 (n - d1) / n^3 - 2 (F(t) - F(u)) S(u-) d1 / n^2.
    Aalen & Johansen 1978, Scand J Stat 5:141; Marubini & Valsecchi 1995, section 10; interval by log(-log).
    """
    at_risk = sum(map(sum, counts.values()))
    survival, rate = 1.0, 0.0
    steps: list[tuple[float, int, int, int, float]] = []
    for time in sorted(counts):
        if time > horizon:
            break
        first, second, censored = counts[time]
        ended = first + second
        if ended:
            rate += survival * first / at_risk
            steps.append((rate, first, ended, at_risk, survival))
            survival *= 1 - ended / at_risk
        at_risk -= ended + censored
    variance = 0.0
    for reached, first, ended, n, before in steps:
        ahead = rate - reached
        if ended < n:
            variance += ahead**2 * ended / (n * (n - ended))
        variance += before**2 * first * (n - first) / n**3 - 2 * ahead * before * first / n**2
    if not ROUNDING < rate < 1 - ROUNDING:
        return Incidence(round(rate, 12), None, None)
    return Incidence(rate, *_log_log_band(rate, sqrt(max(variance, 0.0))))


def _log_log_band(probability: float, error: float) -> tuple[float, float]:
    """The 95 % band that is symmetric on the scale of log(-log), so it stays between 0 and 1."""
    if probability <= ROUNDING:
        return 0.0, 0.0
    if probability >= 1 - ROUNDING:
        return 1.0, 1.0
    half = Z * error / (probability * -log(probability))
    return probability ** exp(half), probability ** exp(-half)
