"""Exchange rates as a board needs them: what one unit of a currency is worth in the pipeline's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property

from crm.models import ExchangeRate


class Rates(Mapping[str, Decimal]):
    """The latest known rate of each currency into `currency`; what has no rate is missing.

    One query, and none where only the pipeline's own currency is asked for.
    """

    def __init__(self, currency: str, *, base: str, day: date) -> None:
        self.currency = currency
        self.base = base
        self.day = day

    def __getitem__(self, currency: str) -> Decimal:
        return Decimal(1) if currency == self.currency else self._known[currency]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    @cached_property
    def _known(self) -> dict[str, Decimal]:
        latest = ExchangeRate.objects.filter(since__lte=self.day).order_by("currency", "-since").distinct("currency")
        in_base = {**dict(latest.values_list("currency", "rate")), self.base: Decimal(1)}
        own = in_base.get(self.currency)
        converted = {code: rate / own for code, rate in in_base.items()} if own else {}
        return {**converted, self.currency: Decimal(1)}
