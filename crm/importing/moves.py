"""A history of stages in a file of its own: which deal came to which stage, and when. It lies on disk, found by the deal's number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from crm.errors import Refused
from crm.importing.errors import BadValue
from crm.importing.headers import recognise
from crm.importing.reader import Prepared, read_rows
from crm.importing.values import read_time, read_yes_no
from crm.importing.words import STAGES
from crm.models import Organisation

NEEDED = {"deal", "at", "stage"}
MAX_STAGES = 200


class Moves:
    """What such a file tells. Nothing where there is none."""

    def __init__(self, path: Path) -> None:
        self.file = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False) if path.exists() else None

    def of(self, deal: str) -> list[tuple[datetime, str]]:
        """The stages of a deal, in the order of time."""
        if self.file is None or not deal:
            return []
        told = self.file.execute("SELECT at, stage FROM moves WHERE deal = ? ORDER BY at, rowid", [deal])
        return [(datetime.fromtimestamp(at, UTC), stage) for at, stage in told]

    def stages(self) -> set[str]:
        """Every word that stands for a stage."""
        return set() if self.file is None else {stage for (stage,) in self.file.execute("SELECT stage FROM stages")}


def keep_moves(prepared: Prepared, table: Path, system: str, target: Path) -> int:
    """Read such a file into `target`, and tell of how many deals it is. Refused where a column is missing, or a row can't be read."""
    found = recognise([column.name for column in prepared.columns], STAGES)
    places = {column.field: index for index, column in enumerate(found.columns) if column.field}
    if NEEDED - set(places):
        raise Refused(_("This is no history of stages: it needs columns for the deal, the time and the stage."))
    zone = UTC if "salesforce" in (system, found.system) else Organisation.current().zone
    style = prepared.columns[places["at"]].date_style
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as file, file:
        file.execute("CREATE TABLE moves (deal TEXT, at REAL, stage TEXT)")
        file.executemany("INSERT INTO moves VALUES (?, ?, ?)", _read(table, places, style, zone))
        file.execute("CREATE INDEX moves_of_deal ON moves (deal, at)")
        file.execute("CREATE TABLE stages AS SELECT DISTINCT stage FROM moves")
        if file.execute("SELECT count(*) FROM stages").fetchone()[0] > MAX_STAGES:
            raise Refused(_("This is no history of stages: its column of stages holds more than %(count)d words.") % {"count": MAX_STAGES})
        return int(file.execute("SELECT count(DISTINCT deal) FROM moves").fetchone()[0])


def _read(table: Path, places: dict[str, int], style: str, zone: object) -> Iterator[tuple[str, float, str]]:
    for row, _place in read_rows(table):
        cells = {name: row.cells[index].strip() if index < len(row.cells) else "" for name, index in places.items()}
        try:
            if row.problem:
                raise BadValue(row.problem)
            if read_yes_no(cells.get("is_deleted", "")):
                continue
            at = read_time(cells["at"], style, zone)  # type: ignore[arg-type]
        except BadValue as error:
            raise Refused(_("Row %(line)s: %(reason)s") % {"line": row.line, "reason": error}) from None
        if at and cells["deal"] and cells["stage"]:
            yield cells["deal"], at[0].timestamp(), cells["stage"][:200]
