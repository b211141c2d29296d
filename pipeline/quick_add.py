"""Reading what a rep types into a column: “Vektor 300k”, “Ромашка 300 тыс”, “Site @ Acme €20k”."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crm.money import take_amount


@dataclass(frozen=True)
class Typed:
    """What was understood: a title, and an amount, a currency and a company where they were typed."""

    title: str
    amount: Decimal | None = None
    currency: str | None = None
    company: str = ""


def read_line(line: str) -> Typed:
    """Take the amount from the end and the company after ` @ `; whatever isn't clearly an amount stays in the title."""
    rest, amount, currency = take_amount(" ".join(line.split()))
    title, at, company = rest.partition(" @ ") if " @ " in rest else f" {rest}".partition(" @")
    return Typed(title.strip(), amount, currency, company.strip()) if at else Typed(rest, amount, currency)
