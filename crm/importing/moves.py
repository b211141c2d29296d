"""A history of stages in a file of its own: which deal came to which stage, and when."""

from __future__ import annotations

from datetime import UTC
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


def read_moves(prepared: Prepared, table: Path, system: str) -> dict[str, list[list[str]]]:
    """By the deal's number its times and stages, in the order of time. Refused where a column is missing, or a row can't be read."""
    found = recognise([column.name for column in prepared.columns], STAGES)
    places = {column.field: index for index, column in enumerate(found.columns) if column.field}
    if NEEDED - set(places):
        raise Refused(_("This is no history of stages: it needs columns for the deal, the time and the stage."))
    zone = UTC if "salesforce" in (system, found.system) else Organisation.current().zone
    style = prepared.columns[places["at"]].date_style
    moves: dict[str, list[list[str]]] = {}
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
            moves.setdefault(cells["deal"], []).append([at[0].isoformat(), cells["stage"]])
    return {deal: sorted(told) for deal, told in moves.items()}
