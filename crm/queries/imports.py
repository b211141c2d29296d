"""What an import would do: its first rows as they will come in, and how many are new, there already or refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from crm.importers.base import BadRow, Importer, registered
from crm.importing.reader import read_rows
from crm.importing.tables import Row
from crm.models import ImportBatch, User

LOOKED_AT = 1_000
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Previewed:
    """One record of the file: in words, and the record that it is already, or why it will be refused, or should be looked at."""

    line: int
    words: list[str]
    found: Any = None
    doubt: str = ""
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    """The first records, and counts over as many rows as were looked at."""

    rows: list[Previewed]
    looked_at: int
    new: int
    known: int
    refused: int
    is_whole: bool


def preview(batch: ImportBatch, by: User) -> Preview:
    """What the first rows become; changes nothing. A handful of queries, whatever the number of rows."""
    importer = registered()[batch.kind](batch, by, is_preview=True)
    rows = [row for row, _place in islice(read_rows(batch.table), LOOKED_AT)]
    seen: list[Previewed] = []
    drafts: list[tuple[int, Any]] = []
    for group in groups_of(importer, rows):
        try:
            drafts.append((len(seen), importer.read(group)))
            seen.append(Previewed(group[0].line, []))
        except BadRow as bad:
            seen.append(Previewed(group[0].line, [cell for cell in group[0].cells if cell.strip()][:4], reasons=bad.reasons))
    found = importer.find([draft for _place, draft in drafts]) if drafts else []
    for (place, draft), record in zip(drafts, found, strict=True):
        seen[place] = Previewed(seen[place].line, importer.summary(draft), record, importer.doubt(draft))
    refused = sum(bool(each.reasons) for each in seen)
    known = sum(each.found is not None for each in seen)
    # What needs a look comes first among those that are shown.
    shown = sorted(seen, key=lambda each: (not each.reasons, not each.doubt, each.found is None, each.line))[: SHOWN // 2]
    shown += [each for each in seen if each not in shown][: SHOWN - len(shown)]
    shown.sort(key=lambda each: each.line)
    return Preview(shown, len(rows), len(seen) - refused - known, known, refused, len(rows) == batch.rows)


def groups_of(importer: Importer, rows: Iterable[Row]) -> list[list[Row]]:
    """Rows of one record together."""
    groups: list[list[Row]] = []
    last = ""
    for row in rows:
        key = "" if row.problem else importer.key_of(row)
        if groups and key and key == last:
            groups[-1].append(row)
        else:
            groups.append([row])
        last = key
    return groups
