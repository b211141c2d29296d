"""Sources that are tables of rows about records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from crm.timeline import Entry, Subject

# The latest keys of each record by its own walk down the index, then the latest of them all.
LATEST = """
SELECT latest.id FROM unnest(%s::text[], %s::bigint[]) AS subject(record, record_id) CROSS JOIN LATERAL (
    SELECT id, {at} AS at FROM {table}
    WHERE record = subject.record AND record_id = subject.record_id AND ({at}, id) < (%s, %s){where}
    ORDER BY {at} DESC, id DESC LIMIT %s
) AS latest ORDER BY latest.at DESC, latest.id DESC LIMIT %s
"""


class TableSource:
    """The rows of a model that is `About` records; `where` narrows them down in words of SQL that its index knows."""

    key: str
    label: Any
    icon: str
    template: str
    order: int
    model: type[models.Model]
    at = "at"
    actor = "author"
    where = ""

    def latest(self, subjects: Sequence[Subject], *, before: tuple[datetime, int], limit: int) -> list[Entry]:
        """The latest rows; see `Source.latest`."""
        return [self.entry(row) for row in self.rows(subjects, before=before, limit=limit)]

    def rows(self, subjects: Sequence[Subject], *, before: tuple[datetime, int], limit: int) -> list[Any]:
        """Them as rows of the model, with who did it."""
        sql = LATEST.format(table=self.model._meta.db_table, at=self.at, where=f" AND {self.where}" if self.where else "")
        asked = [[subject.record for subject in subjects], [subject.record_id for subject in subjects], *before, limit, limit]
        rows = self.model._default_manager.filter(pk__in=RawSQL(sql, asked))  # noqa: S611 - no words of a person
        return list(self.with_names(rows.order_by()))

    def with_names(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows with the people whom they name."""
        return rows.select_related(self.actor)

    def entry(self, row: Any) -> Entry:
        """The row as a line."""
        return Entry(
            at=getattr(row, self.at),
            source=self,
            id=row.pk,
            record=row.record,
            record_id=row.record_id,
            actor=getattr(row, self.actor),
            row=row,
            kind=self.kind(row),
        )

    def kind(self, row: Any) -> str:
        """Which of the source's kinds of lines it is, to tell them apart by eye."""
        return self.key
