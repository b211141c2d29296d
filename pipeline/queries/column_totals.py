"""What stands in a column: how many deals, how much, and how their next steps stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Sum

from crm.models import User
from crm.queries.rates import Rates
from pipeline.models import Deal, NextStep, Stage, StageTally
from pipeline.models.deals import next_step_state
from pipeline.queries.board_filters import Filters

Row = tuple[int, str, date | None, int, Decimal | None]


@dataclass
class Totals:
    """Sums of one column. `states` ignores the next-step filter, so that its other parts can still be chosen."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    states: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys((NextStep.OVERDUE, NextStep.TODAY, NextStep.PLANNED, NextStep.NONE), 0)
    )

    def converted(self, rates: Rates) -> Decimal:
        """The sum of what has a rate, in the pipeline's currency."""
        return sum((amount * rates[currency] for currency, amount in self.amounts.items() if currency in rates), Decimal(0))

    def foreign(self, rates: Rates) -> list[str]:
        """The currencies that were converted for it."""
        return sorted(code for code, amount in self.amounts.items() if amount and code != rates.currency and code in rates)

    def without_rate(self, rates: Rates) -> dict[str, Decimal]:
        """What can't be added to that sum, by currency."""
        return {currency: amount for currency, amount in self.amounts.items() if amount and currency not in rates}


def column_totals(*, stages: list[Stage], viewer: User, filters: Filters, rates: Rates, today: date, now: datetime) -> dict[int, Totals]:
    """Totals of each stage, of what this viewer sees; one query: over tallies, or over deals where a filter needs them."""
    ids = [stage.pk for stage in stages]
    if filters.needs_deals:
        condition = filters.replaced(step="").about_deals(viewer=viewer, stages=stages, rates=rates, today=today, now=now)
        deals = Deal.objects.visible_to(viewer).open().filter(condition, stage__in=ids)
        rows = deals.order_by().values_list("stage_id", "currency", "next_step_on").annotate(Count("pk"), Sum("amount"))
    else:
        tallies = StageTally.objects.visible_to(viewer).filter(filters.about_people(viewer), stage__in=ids)
        rows = tallies.order_by().values_list("stage_id", "currency", "next_step_on").annotate(Sum("deals"), Sum("amount"))
    return _gather(ids, rows, today, filters.step)


def _gather(ids: list[int], rows: Iterable[Row], today: date, wanted: str) -> dict[int, Totals]:
    totals = {pk: Totals() for pk in ids}
    for stage_id, currency, next_step_on, deals, amount in rows:
        column, state = totals[stage_id], next_step_state(next_step_on, today)
        column.states[state] += deals
        if wanted in ("", state):
            column.count += deals
            column.amounts[currency] += amount or 0
    return totals
