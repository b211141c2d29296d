"""Fractional ranks: where a card stands among the open deals of its stage.

A rank is a decimal with as few places as fit between its neighbours. Dropping again and again into one gap
uses up places; then a window of neighbours is numbered afresh, never the whole column.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from django.db import connection

from pipeline.models import Deal

MAX_PLACES = 20
WINDOW = 25
ROOM = Decimal("0.000001")  # the gap that a fresh numbering must leave, or the window grows


def between(low: Decimal | None, high: Decimal | None) -> Decimal:
    """The shortest decimal near the middle of `low` and `high`; an open end is one step away."""
    if low is None:
        return Decimal(0) if high is None else high.to_integral_value(rounding="ROUND_FLOOR") - 1
    if high is None:
        return low.to_integral_value(rounding="ROUND_CEILING") + 1
    with localcontext() as exact:
        exact.prec = 80
        middle = (low + high) / 2
        for places in range(MAX_PLACES + 10):
            rank = middle.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
            if low < rank < high:
                return rank
    raise ValueError(f"no room between {low} and {high}")


def is_crowded(rank: Decimal) -> bool:
    """Has the gap become so narrow that its neighbours should be numbered afresh?"""
    return -int(rank.normalize().as_tuple().exponent) > MAX_PLACES


def renumber(*, stage_id: int, around: Decimal) -> None:
    """Give some fifty cards around a rank (more where they stand very dense) evenly spaced ranks. The stage must be locked."""
    column = Deal.objects.open().filter(stage_id=stage_id)
    size = WINDOW
    while True:
        below = list(column.filter(rank__lte=around).order_by("-rank").values_list("id", "rank")[: size + 1])
        above = list(column.filter(rank__gt=around).order_by("rank").values_list("id", "rank")[: size + 1])
        low = below.pop()[1] if len(below) > size else None
        high = above.pop()[1] if len(above) > size else None
        cards = [pk for pk, _rank in reversed(below)] + [pk for pk, _rank in above]
        if low is None or high is None or (high - low) / (len(cards) + 1) >= ROOM:
            break
        size *= 2
    _write(cards, _spread(low, high, len(cards)))


def _spread(low: Decimal | None, high: Decimal | None, count: int) -> list[Decimal]:
    if low is not None and high is not None:
        step = (high - low) / (count + 1)
        return [(low + step * (i + 1)).quantize(ROOM / 1000) for i in range(count)]
    first = low.to_integral_value(rounding="ROUND_CEILING") + 1 if low is not None else Decimal(0)
    if high is not None:
        first = high.to_integral_value(rounding="ROUND_FLOOR") - count
    return [first + i for i in range(count)]


def _write(cards: list[int], ranks: list[Decimal]) -> None:
    # The unique index looks at every row as it changes, so the cards first step aside, far beyond any rank.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_deal SET rank = rank + 1e20 WHERE id = ANY(%s)", [cards])
        cursor.execute(
            "UPDATE pipeline_deal SET rank = fresh.rank FROM unnest(%s::bigint[], %s::numeric[]) AS fresh(id, rank)"
            " WHERE pipeline_deal.id = fresh.id",
            [cards, ranks],
        )
