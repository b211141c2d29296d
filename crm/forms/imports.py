"""What a person chooses for a file: what each column holds, how days are written, whose the records are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.ids import read_id
from crm.importers.base import registered
from crm.importers.owners import possible_owners
from crm.importing.values import DMY, MDY, UNCLEAR
from crm.models import Automation, Duplicates, ImportBatch, User
from crm.reach import LABELS, label_words

MAX_NAMES = 60


@dataclass(frozen=True)
class Option:
    """One thing that a column can be."""

    value: str
    label: str


@dataclass(frozen=True)
class ColumnRow:
    """A column with its examples and what is chosen for it."""

    index: int
    name: str
    examples: list[str]
    filled: int
    chosen: str
    options: list[Option]
    date_style: str
    asks_order: bool


@dataclass(frozen=True)
class OwnerRow:
    """A name in the owner column that nobody bears."""

    name: str
    count: int
    chosen: int


class Choices:
    """The choices as the page shows them, and as it sends them back."""

    def __init__(self, batch: ImportBatch, by: User) -> None:
        self.batch, self.by = batch, by
        self.importer = registered()[batch.kind](batch, by, is_preview=True)
        self.targets = type(self.importer).targets()

    def columns(self) -> list[ColumnRow]:
        """Every column that holds anything."""
        dates = {target.key for target in self.targets if target.is_date}
        rows = []
        for index, (profile, chosen) in enumerate(zip(self.batch.columns, self.batch.mapping, strict=True)):
            if not profile["filled"]:
                continue
            style = self.batch.options.get("dates", {}).get(str(index)) or profile["date_style"]
            is_date = chosen["field"] in dates
            unclear = is_date and profile["date_style"] == UNCLEAR
            rows.append(
                ColumnRow(
                    index=index,
                    name=profile["name"],
                    examples=profile["examples"],
                    filled=profile["filled"],
                    chosen=value_of(chosen),
                    options=self._options(chosen),
                    date_style=(self.importer.usual_order() if style == UNCLEAR else style) if is_date else "",
                    asks_order=unclear,
                )
            )
        return rows

    def _options(self, chosen: Mapping[str, str]) -> list[Option]:
        options = [Option("||", _("Leave out"))]
        for target in self.targets:
            options.append(Option(f"{target.key}||", str(target.label)))
            if target.has_label:
                options += [Option(f"{target.key}|{label}|", f"{target.label} ({label_words(label)})") for label in LABELS]
        present = value_of(chosen)
        if present not in {option.value for option in options}:
            options.insert(1, Option(present, self._words(chosen)))
        return options

    def _words(self, chosen: Mapping[str, str]) -> str:
        base = chosen["field"].removesuffix("_label")
        label = next((str(target.label) for target in self.targets if target.key == base), base)
        if chosen["field"] != base:
            return _("Label of %(field)s %(number)s") % {"field": label, "number": chosen["slot"]}
        return f"{label} {chosen['slot']}"

    def owners(self) -> list[OwnerRow]:
        """Names that nobody bears, for whoever may give records to others."""
        if len(self.people()) < 2:
            return []
        column = next((index for index, chosen in enumerate(self.batch.mapping) if chosen["field"] == "owner"), None)
        if column is None:
            return []
        values: dict[str, int] = self.batch.columns[column]["values"]
        chosen = {name.casefold(): owner for name, owner in self.batch.options.get("owners", {}).items()}
        unknown = [name for name in values if chosen.get(name.casefold()) is not None or self.importer.owners.find(name) is None]
        return [OwnerRow(name, values[name], chosen.get(name.casefold(), 0)) for name in unknown[:MAX_NAMES]]

    def people(self) -> list[User]:
        return [person for person in possible_owners(self.by) if person.is_active]

    def read(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The choices that were sent, for `services.imports.choose`; what makes no sense stays as it was."""
        allowed = {option.value for chosen in self.batch.mapping for option in self._options(chosen)}
        mapping, dates = [], {}
        for index, present in enumerate(self.batch.mapping):
            value = sent.get(f"column-{index}", value_of(present))
            field, label, slot = (value if value in allowed else value_of(present)).split("|")
            mapping.append({"field": field, "label": label, "slot": slot})
            if sent.get(f"dates-{index}") in (DMY, MDY):
                dates[str(index)] = sent[f"dates-{index}"]
        ids = {person.pk for person in self.people()}
        owners = {row.name: owner for number, row in enumerate(self.owners()) if (owner := read_id(sent.get(f"owner-{number}"))) in ids}
        options = {**self.batch.options, "dates": dates, "owners": owners} | self.importer.read_options(sent)
        return {
            "mapping": mapping,
            "options": options,
            "duplicates": _one_of(sent.get("duplicates"), Duplicates.values, self.batch.duplicates),
            "automation": _one_of(sent.get("automation"), Automation.values, self.batch.automation),
        }


def value_of(chosen: Mapping[str, str]) -> str:
    """What is chosen for a column, as the page sends it."""
    return f"{chosen['field']}|{chosen['label']}|{chosen['slot']}"


def _one_of(value: Any, allowed: list[str], default: str) -> str:
    return value if value in allowed else default
