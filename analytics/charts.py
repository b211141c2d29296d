"""Figures as lengths: what the charts of the report draw, in thousandths of their width."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.queries.funnel import Funnel, StageFunnel
from analytics.queries.time_in_stage import StageTime, TimeInStage

FULL = 1000
# Below this a percentage says more than is known.
FEW = 10
NICE = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar."""

    name: str
    count: int
    start: int
    width: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of the funnel as a bar in three parts."""

    row: StageFunnel
    parts: list[Part]
    width: int

    @property
    def is_few(self) -> bool:
        return self.row.entered < FEW

    @property
    def is_matured_few(self) -> bool:
        """Whether so few are known by their days that no share is made of them."""
        return self.row.entered - self.row.undated < FEW


@dataclass(frozen=True, slots=True)
class Range:
    """The stays of one stage: from the first to the third quarter, the median, and on to the ninth tenth.

    The box ends where the last of its times could be estimated; what can't be runs on to the edge, dashed.
    """

    row: StageTime
    start: int
    width: int
    median: int | None
    reach: int
    is_cut: bool

    @property
    def is_few(self) -> bool:
        return self.row.n < FEW


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis of days."""

    at: int
    days: float

    @property
    def percent(self) -> str:
        """The place on the axis as SVG wants it, whatever the reader's language."""
        return f"{self.at / 10:.1f}"


def draw_bars(report: Funnel) -> list[Bar]:
    """The bars, the longest stage filling the width."""
    most = max((row.entered for row in report.stages), default=0) or 1
    bars = []
    for row in report.stages:
        ends = [0]
        for count in (row.advanced, row.open, row.lost):
            ends.append(ends[-1] + count)
        edges = [round(end * FULL / most) for end in ends]
        parts = [
            Part(name, count, edges[place], edges[place + 1] - edges[place])
            for place, (name, count) in enumerate((("advanced", row.advanced), ("open", row.open), ("lost", row.lost)))
            if count
        ]
        bars.append(Bar(row, parts, edges[-1]))
    return bars


def draw_ranges(report: TimeInStage) -> tuple[list[Range], list[Tick]]:
    """The ranges and the axis they share; what can't be estimated runs on to the edge."""
    known = [quantile.time for row in report.stages for quantile in row.quantiles.values() if quantile.time is not None]
    longest = (max(known, default=0) or 1) * 1.04

    def place(days: float) -> int:
        return min(round(days * FULL / longest), FULL)

    ranges = []
    for row in report.stages:
        low, middle, high, far = (row.quantiles[share].time for share in (0.25, 0.5, 0.75, 0.9))
        start = place(low) if low is not None else FULL
        end = max((place(days) for days in (low, middle, high) if days is not None), default=FULL)
        is_cut = far is None and row.n > 0 and low is not None
        ranges.append(
            Range(row, start, max(end - start, 2), None if middle is None else place(middle), FULL if far is None else place(far), is_cut)
        )
    return ranges, [Tick(place(days), days) for days in _ticks(longest)]


def _ticks(longest: float) -> list[float]:
    """About four round numbers of days."""
    power = 10.0 ** len(str(int(longest / 4))) / 10 if longest >= 4 else 0.1
    while longest / power > 40:
        power *= 10
    step = next((nice * power for nice in NICE if longest / (nice * power) <= 5), 10 * power)
    return [step * number for number in range(int(longest / step) + 1)]
