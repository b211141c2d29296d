"""Rows by their numbers, however many those are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import F, Lookup, Q, QuerySet

# So many are named one by one; of more than these a walk in any order meets some soon.
MOST_NAMED = 30_000


class Among(Lookup):  # type: ignore[type-arg]
    """Is it one of these numbers? Sent as one array, which the database reads at once and looks up by a hash."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        numbers = ",".join(map(str, self.rhs))
        return f"{column} = ANY(%s::bigint[])", (*params, f"{{{numbers}}}")


def among(ids: Collection[int]) -> Q:
    """Those with these numbers."""
    return Q(Among(F("pk"), ids))


def named(entries: QuerySet[Any]) -> Q:
    """Those whose `record_id` is in these rows: by number, so that the planner knows how few they are, unless they are many. One query."""
    ids = list(entries.order_by().values_list("record_id", flat=True)[: MOST_NAMED + 1])
    return among(ids) if len(ids) <= MOST_NAMED else Q(pk__in=entries.order_by().values("record_id"))
