"""Who asks for a list, when, and in which currency money is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm.models import CustomField, Organisation, User
from crm.queries.custom_fields import all_fields
from crm.queries.rates import Rates


@dataclass(frozen=True)
class Reader:
    """What “me”, “today” and “more than 100,000” mean in a filter."""

    user: User
    now: datetime
    zone: ZoneInfo
    currency: str
    region: str = "RU"

    @classmethod
    def of(cls, user: User, organisation: Organisation | None = None, now: datetime | None = None) -> Self:
        """This person at this time; one query unless the organisation is at hand."""
        organisation = organisation or Organisation.current()
        return cls(user, now or timezone.now(), organisation.zone, organisation.currency, organisation.country)

    @cached_property
    def today(self) -> date:
        """The day in the organisation's zone."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def own_zone(self) -> ZoneInfo:
        """The zone that the reader lives by, by which tasks are due."""
        return ZoneInfo(self.user.time_zone) if self.user.time_zone else self.zone

    @cached_property
    def rates(self) -> Mapping[str, Decimal]:
        """Today's rates into the organisation's currency; one query where another currency is asked for."""
        return Rates(self.currency, base=self.currency, day=self.today)

    @cached_property
    def own_fields(self) -> Mapping[str, list[CustomField]]:
        """The fields that an admin has defined, by kind; one query, however many filters and views speak of them."""
        return all_fields()

    def midnight(self, day: date) -> datetime:
        """When that day begins in the organisation's zone."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)
