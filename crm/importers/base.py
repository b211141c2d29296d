"""What every importer has in common: its targets, reading cells by their columns, and telling what became of each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crm.custom_fields.registry import type_of
from crm.errors import Refused
from crm.importers.owners import Owners
from crm.importing.errors import BadValue
from crm.importing.headers import Column, read_label
from crm.importing.tables import Row
from crm.importing.values import ISO, POINT, UNCLEAR, plain_text, read_day, read_number, read_time
from crm.models import CustomField, ImportBatch, ImportedRow, Organisation, RowAction, User

CUSTOM = "custom."


class BadRow(Exception):
    """A row, or several that belong together, that can't be brought in; `reasons` name the columns."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a column can be."""

    key: str
    label: Any
    has_label: bool = False
    is_date: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of one row: the record, and which fields changed."""

    line: int
    record: str
    record_id: int | None
    action: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    def row(self, batch: ImportBatch) -> ImportedRow:
        return ImportedRow(
            batch=batch,
            line=self.line,
            record=self.record,
            record_id=self.record_id,
            action=self.action,
            before=self.before,
            after=self.after,
            reasons=self.reasons,
            cells=self.cells,
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """One filled cell, under the name of its column."""

    text: str
    label: str
    slot: str
    column: int


class Cells:
    """The cells of a row by what their columns hold."""

    def __init__(self, importer: Importer, row: Row) -> None:
        self.importer = importer
        self.row = row
        self.problems: list[str] = []
        self.found: dict[str, list[Cell]] = defaultdict(list)
        labels: dict[tuple[str, str], str] = {}
        for index, column in importer.columns:
            if index < len(row.cells) and (text := plain_text(row.cells[index])):
                if column.field.endswith("_label"):
                    labels[column.field.removesuffix("_label"), column.slot] = read_label(text)
                else:
                    self.found[column.field].append(Cell(text, column.label, column.slot, index))
        self.labels = labels

    def all(self, name: str) -> list[Cell]:
        return self.found.get(name, [])

    def text(self, name: str) -> str:
        """The first filled cell of that field."""
        cells = self.found.get(name)
        return cells[0].text if cells else ""

    def last(self, name: str) -> str:
        cells = self.found.get(name)
        return cells[-1].text if cells else ""

    def label(self, cell: Cell, base: str) -> str:
        """The label of a value: its column's own, else what the column beside it says."""
        return cell.label or (self.labels.get((base, cell.slot), "") if cell.slot else "")

    def read(self, name: str, how: Any, default: Any = None) -> Any:
        """The first filled cell read by `how(text, column)`; what can't be read is noted as the row's problem."""
        cells = self.found.get(name)
        if not cells:
            return default
        try:
            return how(cells[0].text, cells[0].column)
        except (BadValue, Refused) as error:
            self.blame(cells[0].column, error)
            return default

    def blame(self, column: int, error: BadValue | Refused) -> None:
        reasons = error.reasons if isinstance(error, Refused) else [str(error)]
        name = self.importer.column_name(column)
        self.problems += [f"{name}: {reason}" for reason in reasons]

    def require_good(self) -> None:
        """Raise `BadRow` with everything that is wrong."""
        if self.problems:
            raise BadRow(*self.problems)


class Importer:
    """Makes records of one kind out of rows. `read` raises BadRow; `write` gets a chunk's good ones, inside one transaction."""

    # Pages show the class itself, as a kind.
    do_not_call_in_templates = True
    kind = ""
    label: Any = ""
    icon = "users"
    list_name = ""
    # What the page asks for this kind alone.
    extra_template = ""

    def __init__(self, batch: ImportBatch, by: User, *, is_preview: bool = False) -> None:
        self.batch, self.by, self.is_preview = batch, by, is_preview
        self.options: dict[str, Any] = batch.options
        self.columns = [(index, Column(**column)) for index, column in enumerate(batch.mapping) if column.get("field")]

    @classmethod
    def targets(cls) -> list[Target]:
        """What a column can be, in the order in which it is offered."""
        raise NotImplementedError

    def key_of(self, row: Row) -> str:
        """Rows with the same key, one after another, are one record; most kinds have one row each."""
        return ""

    def read(self, rows: Sequence[Row]) -> Any:
        """What these rows say of one record."""
        raise NotImplementedError

    def rows_of(self, draft: Any) -> Sequence[Row]:
        """The rows that a draft was read from."""
        return [draft.row]

    def write(self, drafts: Sequence[Any]) -> list[Outcome]:
        """Bring them in; one outcome for each draft, and more for what they brought along."""
        raise NotImplementedError

    def find(self, drafts: Sequence[Any]) -> list[Any]:
        """The record that each of these is already, or None; changes nothing."""
        raise NotImplementedError

    def read_options(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """What the page asks for this kind alone, as options of the import."""
        return {}

    def extra(self) -> dict[str, Any]:
        """What the page needs to ask it."""
        return {}

    def summary(self, draft: Any) -> list[str]:
        """A draft in a few words, for the preview; its first is the record's name."""
        raise NotImplementedError

    def doubt(self, draft: Any) -> str:
        """What should be looked at before it comes in, once it was looked for by `find`; mostly nothing."""
        return ""

    def column_name(self, index: int) -> str:
        return str(self.batch.columns[index]["name"]) or str(index + 1)

    @cached_property
    def organisation(self) -> Organisation:
        return Organisation.current()

    @cached_property
    def region(self) -> str:
        """The country of numbers that name none."""
        return str(self.options.get("country") or self.organisation.country)

    @cached_property
    def zone(self) -> Any:
        return self.organisation.zone

    @cached_property
    def owners(self) -> Owners:
        return Owners(self.by, self.options.get("owners", {}), is_preview=self.is_preview)

    @cached_property
    def custom(self) -> dict[str, CustomField]:
        return {field.key: field for field in CustomField.objects.of(self.kind).live()}

    def date_style(self, column: int) -> str:
        """How this column writes days: as was chosen, else as it was found."""
        chosen = self.options.get("dates", {}).get(str(column)) or self.batch.columns[column].get("date_style") or ISO
        return str(chosen) if chosen != UNCLEAR else self.usual_order()

    def usual_order(self) -> str:
        return usual_order(self.organisation)

    def time(self, text: str, column: int) -> Any:
        found = read_time(text, self.date_style(column), self.zone)
        return found[0] if found else None

    def day(self, text: str, column: int) -> Any:
        return read_day(text, self.date_style(column), self.zone)

    def number(self, text: str, column: int) -> Any:
        return read_number(text, self.batch.columns[column].get("number_style") or POINT)

    def custom_values(self, cells: Cells) -> dict[str, Any]:
        """The values of custom fields, each read as its type reads what people type."""
        values = {}
        for key, kept in self.custom.items():
            for cell in cells.all(CUSTOM + key)[:1]:
                try:
                    values[key] = self._custom_value(kept, cell)
                except (BadValue, Refused) as error:
                    cells.blame(cell.column, error)
        return {key: value for key, value in values.items() if value is not None}

    def _custom_value(self, kept: CustomField, cell: Cell) -> Any:
        text = cell.text
        if kept.type == "date":
            found = self.day(text, cell.column)
            text = found.isoformat() if found else ""
        elif kept.type == "number":
            number = self.number(text, cell.column)
            text = "" if number is None else str(number)
        return type_of(kept).read(kept, text) if text else None


def usual_order(organisation: Organisation) -> str:
    """Where a column doesn't tell day from month: the month first only where that is the custom."""
    return "mdy" if organisation.country in ("US", "PH", "CA") else "dmy"


def custom_targets(kind: str) -> list[Target]:
    """The custom fields of a kind; one query."""
    return [Target(CUSTOM + field.key, field.label, is_date=field.type == "date") for field in CustomField.objects.of(kind).live()]


def refused(rows: Sequence[Row], reasons: Sequence[str]) -> list[Outcome]:
    """Every row of a record that can't be brought in, with the reasons at the first."""
    again = [_("Belongs to the row above.")]
    return [
        Outcome(row.line, "", None, RowAction.REFUSED, reasons=list(reasons) if index == 0 else again, cells=row.cells)
        for index, row in enumerate(rows)
    ]


_importers: dict[str, type[Importer]] = {}


def register(importer: type[Importer]) -> None:
    """Make a kind importable; called once by each app at start."""
    _importers[importer.kind] = importer


def registered() -> dict[str, type[Importer]]:
    """Every importer by its kind."""
    return _importers
