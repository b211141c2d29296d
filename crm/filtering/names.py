"""Names of the people and records that a filter speaks of, each kind read at once and as far as the reader sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from crm import records
from crm.filtering.reader import Reader
from crm.models import User
from crm.queries.merged import follow_merges


class Names:
    """First every id is wanted, then every name is got: one query for each kind that is asked for at all."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._wanted: dict[str, set[int]] = defaultdict(set)
        self._found: dict[str, dict[int, str]] = {}

    def want(self, kind: str, ids: Iterable[int]) -> None:
        """Note ids whose names will be needed."""
        self._wanted[kind].update(ids)

    def get(self, kind: str, pk: Any) -> str:
        """The name; nothing for what isn't there, or not for this reader to see."""
        if kind not in self._found:
            self._found[kind] = self._read(kind)
        return self._found[kind].get(pk, "")

    def _read(self, kind: str) -> dict[int, str]:
        ids = self._wanted[kind]
        if not ids:
            return {}
        rows = User.objects.all() if kind == "user" else records.kind_of(kind).visible_to(self.reader.user)
        found = {row.pk: str(row) for row in rows.filter(pk__in=ids)}
        if kind == "user" or ids <= found.keys():
            return found
        kept = follow_merges(kind, ids - found.keys())
        names = {row.pk: str(row) for row in rows.filter(pk__in=kept.values())}
        return found | {pk: names[at] for pk, at in kept.items() if at in names}
