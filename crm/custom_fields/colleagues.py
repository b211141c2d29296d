"""Who works here, for values that are people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from crm.models import User


class Colleagues(Mapping[int, str]):
    """Names of everybody who works or has worked here, read when the first one is asked for; one query at most."""

    @cached_property
    def _rows(self) -> dict[int, tuple[str, bool]]:
        rows = User.objects.order_by("name", "pk").values_list("pk", "name", "email", "is_active")
        return {pk: (name or email, is_active) for pk, name, email, is_active in rows}

    def __getitem__(self, pk: int) -> str:
        return self._rows[pk][0]

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def to_choose(self, chosen: int | None) -> list[tuple[int, str]]:
        """Those who work here, and the one who is chosen."""
        return [(pk, name) for pk, (name, is_active) in self._rows.items() if is_active or pk == chosen]
