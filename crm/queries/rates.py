"""Exchange rates: what one unit of a currency is worth in another, as a board or a filter needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db import connection

# Written out: it is asked with every move, and composing it took ten times as long as answering it.
LATEST = "SELECT DISTINCT ON (currency) currency, rate FROM crm_exchangerate WHERE since <= %s ORDER BY currency, since DESC"


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
        with connection.cursor() as cursor:
            cursor.execute(LATEST, [self.day])
            in_base = {**dict(cursor.fetchall()), self.base: Decimal(1)}
        own = in_base.get(self.currency)
        converted = {code: rate / own for code, rate in in_base.items()} if own else {}
        return {**converted, self.currency: Decimal(1)}
