"""Companies and contacts out of rows: read, found again by number, e-mail or phone, added, filled in or updated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import rules
from crm.cleaning import tidy
from crm.errors import Refused
from crm.importers.base import BadRow, Cells, Importer, Outcome, Target, custom_targets
from crm.importers.companies import find_or_add_companies
from crm.importers.journal import record_events
from crm.importers.known import Known
from crm.importers.notes import add_notes
from crm.importers.tags import add_tags
from crm.importing.tables import Row
from crm.importing.values import read_yes_no, split_values
from crm.models import Company, Consent, Contact, Duplicates, ExternalId, RowAction
from crm.models.contacts import sort_key
from crm.reach import LISTS, read_list
from crm.services.clients import plain
from crm.services.tags import MAX_TAG, MAX_TAGS

# Between several telephone numbers of a cell; a comma before an extension isn't one.
PHONES = re.compile(r":::|[;|\n]|,(?!\s*(?:доб|ext|x\b))", re.IGNORECASE)
EXTENSION = re.compile(r",? ?доб\.? ?")
PARTS = ("street", "city", "region", "postcode", "country")
EXCLUDED = {"owner", "team", "company", "custom"}
OWN = "file"
COMMON = [
    Target("email", gettext_lazy("E-mail"), has_label=True),
    Target("phone", gettext_lazy("Phone"), has_label=True),
    Target("website", gettext_lazy("Website or link")),
    Target("street", gettext_lazy("Street")),
    Target("city", gettext_lazy("City")),
    Target("region", gettext_lazy("Region")),
    Target("postcode", gettext_lazy("Postcode")),
    Target("country", gettext_lazy("Country")),
    Target("address", gettext_lazy("Whole address")),
    Target("tags", gettext_lazy("Tags")),
    Target("owner", gettext_lazy("Owner")),
    Target("note", gettext_lazy("Note")),
    Target("opt_out", gettext_lazy("Opted out of e-mail (yes or no)")),
    Target("do_not_contact", gettext_lazy("Do not contact (yes or no)")),
    Target("external_id", gettext_lazy("Number in the other program")),
    Target("created_at", gettext_lazy("Created"), is_date=True),
]


@dataclass(slots=True)
class ClientDraft:
    """What a row says of a company or contact."""

    row: Row
    values: dict[str, Any]
    company: str = ""
    key: str = ""
    note: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    # Why it is no record that is there, although it looks like one.
    doubt: str = ""


class ClientImporter(Importer):
    """What companies and contacts have in common."""

    model: type[Company] | type[Contact]
    fields: tuple[str, ...] = ()
    is_known_by_name = False

    def by_name(self, drafts: Sequence[ClientDraft]) -> list[Q]:
        """Conditions that find records by their names, for a kind whose name tells it from others."""
        return []

    def read(self, rows: Sequence[Row]) -> ClientDraft:
        [row] = rows
        if row.problem:
            raise BadRow(row.problem)
        cells = Cells(self, row)
        values: dict[str, Any] = {"name": self.name_of(cells), **self.reach(cells), **self.consent(cells)}
        values["tags"] = self.tags(cells)
        draft = ClientDraft(
            row,
            values,
            key=cells.text("external_id")[:200],
            note="\n\n".join(cell.text for cell in cells.all("note")),
            custom=self.custom_values(cells),
            created_at=cells.read("created_at", self.time),
        )
        if draft.created_at and draft.created_at > timezone.now():
            draft.created_at = None
        self.read_more(draft, cells)
        if not values["name"]:
            cells.problems.append(_("The row names nobody."))
        cells.require_good()
        values["owner"] = self.owners.get(cells.text("owner"))
        self.require_valid(values)
        return draft

    def read_more(self, draft: ClientDraft, cells: Cells) -> None:
        """What only one of the two kinds has."""

    def name_of(self, cells: Cells) -> str:
        return tidy(cells.text("name"))

    def reach(self, cells: Cells) -> dict[str, Any]:
        """E-mails, phones, addresses and links as rows keep them."""
        typed: dict[str, list[tuple[int, dict[str, str]]]] = {name: [] for name in LISTS}
        for cell in cells.all("email"):
            typed["emails"] += [(cell.column, {"address": part, "label": cells.label(cell, "email")}) for part in split_values(cell.text)]
        for cell in cells.all("phone"):
            parts = [part for part in map(str.strip, PHONES.split(cell.text)) if part]
            typed["phones"] += [(cell.column, {"number": plain_number(part), "label": cells.label(cell, "phone")}) for part in parts]
        for cell in cells.all("website"):
            typed["links"] += [(cell.column, {"url": part, "label": cells.label(cell, "website")}) for part in split_values(cell.text)]
        typed["addresses"] = addresses_of(cells)
        return {name: self.reach_list(name, rows, cells) for name, rows in typed.items()}

    def reach_list(self, name: str, rows: list[tuple[int, dict[str, str]]], cells: Cells) -> list[dict[str, str]]:
        """One of the lists; only where it can't be read as a whole is each value asked alone, to name its column."""
        try:
            return read_list(name, [row for _column, row in rows], region=self.region)
        except Refused as too_many:
            for column, row in rows:
                try:
                    read_list(name, [row], region=self.region)
                except Refused as refused:
                    cells.blame(column, refused)
            if not cells.problems:
                cells.blame(rows[-1][0], too_many)
            return []

    def consent(self, cells: Cells) -> dict[str, Any]:
        """An opt-out is a refusal; that somebody has not opted out is no consent."""
        values: dict[str, Any] = {}
        source = f"{self.batch.name}"[:200]
        if cells.read("opt_out", lambda text, _column: read_yes_no(text), False):
            values |= {"consent": Consent.REFUSED, "consent_at": self.batch.created_at, "consent_source": source}
        if cells.read("do_not_contact", lambda text, _column: read_yes_no(text), False):
            values |= {"do_not_contact": True, "do_not_contact_at": self.batch.created_at, "do_not_contact_source": source}
        return values

    def tags(self, cells: Cells) -> list[str]:
        """The words, each once; which of them are new is seen when they are written."""
        names = [tidy(part.lstrip("*# ")) for cell in cells.all("tags") for part in split_values(cell.text)]
        names = [name for name in names if name and name.casefold() != "mycontacts"]
        if any(len(name) > MAX_TAG for name in names):
            cells.problems.append(_("A tag has at most %(count)d characters.") % {"count": MAX_TAG})
        return list({name.casefold(): name for name in reversed(names)}.values())[::-1][:MAX_TAGS]

    def require_valid(self, values: dict[str, Any]) -> None:
        """The model's own validators, without asking the database."""
        record = self.model(**{name: value for name, value in values.items() if name not in EXCLUDED})
        try:
            record.clean_fields(exclude=EXCLUDED)
        except ValidationError as error:
            words = [f"{record._meta.get_field(name).verbose_name}: {' '.join(found)}" for name, found in error.message_dict.items()]
            raise BadRow(*[f"{word[:1].upper()}{word[1:]}" for word in words]) from None

    def summary(self, draft: ClientDraft) -> list[str]:
        values = draft.values
        reach = [values["emails"][0]["address"] if values["emails"] else "", *(row["number"] for row in values["phones"][:1])]
        words = [
            values["name"],
            values.get("position", ""),
            draft.company,
            *reach,
            *(row.get("city", "") for row in values["addresses"][:1]),
        ]
        return [words[0], *filter(None, words[1:])]

    def doubt(self, draft: ClientDraft) -> str:
        return draft.doubt

    # Finding those that are there already.

    def find(self, drafts: Sequence[ClientDraft]) -> list[Any]:
        return [known.match(draft) for known in [Known(self, drafts)] for draft in drafts]

    def visible(self) -> Any:
        return self.model.objects.visible_to(self.by)

    def write(self, drafts: Sequence[ClientDraft]) -> list[Outcome]:
        known = Known(self, drafts, lock=True)
        outcomes: list[Outcome] = [*add_tags(drafts), *self.prepare(drafts)]
        fresh: list[tuple[ClientDraft, Any]] = []
        changed: dict[int, Any] = {}
        waiting: list[tuple[Outcome, Any]] = []
        for draft in drafts:
            found = None if self.batch.duplicates == Duplicates.ADD and not known.by_key.get(draft.key) else known.match(draft)
            if found is None:
                record = self.build(draft)
                fresh.append((draft, record))
                known.learn(draft, record)
                outcome = Outcome(draft.row.line, self.kind, None, RowAction.CREATED)
                waiting.append((outcome, record))
            else:
                outcome = self.change(draft, found)
                if outcome.action == RowAction.UPDATED and found.pk:
                    changed[found.pk] = found
                if not found.pk:
                    waiting.append((outcome, found))
            outcomes.append(outcome)
        self.model.objects.bulk_create([record for _draft, record in fresh])
        names = [*self.fields, "custom"]
        if changed:
            self.model.objects.bulk_update(changed.values(), names)
        for outcome, record in waiting:
            outcome.record_id = record.pk
        self.finish(known, drafts, outcomes)
        return outcomes

    def prepare(self, drafts: Sequence[ClientDraft]) -> list[Outcome]:
        """What has to be there before the records themselves."""
        return []

    def build(self, draft: ClientDraft) -> Any:
        owner = draft.values["owner"]
        moment = {"created_at": draft.created_at} if draft.created_at else {}
        return self.model(**draft.values, team=owner.team if owner else None, custom=draft.custom, **moment)

    def change(self, draft: ClientDraft, found: Any) -> Outcome:
        """Fill in or update what is there, as was chosen; somebody else's record stays as it is."""
        line, pk = draft.row.line, found.pk
        if self.batch.duplicates in (Duplicates.SKIP, Duplicates.ADD):
            return Outcome(line, self.kind, pk, RowAction.SKIPPED, reasons=[_("“%(name)s” is there already.") % {"name": found.name}])
        if pk and not rules.allows(self.by, f"{self.kind}.change", found):
            reason = _("“%(name)s” belongs to somebody else and stays as it is.") % {"name": found.name}
            return Outcome(line, self.kind, pk, RowAction.SKIPPED, reasons=[reason])
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for name, value in self.new_values(draft, found).items():
            was = plain(found, name)
            setattr(found, name, value)
            if (now := plain(found, name)) != was:
                before[name], after[name] = was, now
        action = RowAction.UPDATED if after else RowAction.SKIPPED
        reasons = [] if after else [_("“%(name)s” holds all of it already.") % {"name": found.name}]
        return Outcome(line, self.kind, pk, action, before, after, reasons)

    def new_values(self, draft: ClientDraft, found: Any) -> dict[str, Any]:
        """What each field becomes: lists grow, other fields are filled or replaced; a refusal is never taken back by a file."""
        overwrite = self.batch.duplicates == Duplicates.UPDATE
        values: dict[str, Any] = {}
        for name, value in draft.values.items():
            if name == "owner" or value in ("", None, [], {}):
                continue
            present = getattr(found, name)
            if name in LISTS:
                values[name] = joined(value, present) if overwrite else joined(present, value)
            elif name == "tags":
                values[name] = [*present, *(tag for tag in value if tag.casefold() not in {each.casefold() for each in present})]
            elif name.startswith("consent"):
                if found.consent != Consent.REFUSED:
                    values[name] = value
            elif overwrite or present in ("", None, False):
                values[name] = value
        custom = {**found.custom, **draft.custom} if overwrite else {**draft.custom, **found.custom}
        return values | {"custom": custom}

    def finish(self, known: Known, drafts: Sequence[ClientDraft], outcomes: list[Outcome]) -> None:
        """Outside numbers, notes and the journal."""
        mine = [outcome for outcome in outcomes if outcome.record == self.kind]
        rows = dict(zip([outcome.line for outcome in mine], mine, strict=True))
        keys: dict[str, int] = {}
        notes: list[tuple[Outcome, str]] = []
        for draft in drafts:
            outcome = rows[draft.row.line]
            if outcome.record_id is None:
                continue
            if draft.key and draft.key not in known.by_key_before:
                keys.setdefault(draft.key, outcome.record_id)
            if outcome.action in (RowAction.CREATED, RowAction.UPDATED):
                notes.append((outcome, draft.note))
        ExternalId.objects.bulk_create(
            [ExternalId(system=self.system, record=self.kind, key=key, record_id=pk, batch=self.batch) for key, pk in keys.items()],
            ignore_conflicts=True,
        )
        outcomes += add_notes(notes, by=self.by)
        record_events(self.batch, outcomes, self.by)

    @property
    def system(self) -> str:
        return self.batch.system or OWN


def plain_number(text: str) -> str:
    """A telephone number without the apostrophe of spreadsheets; “доб.” as the library reads it."""
    return EXTENSION.sub(" ext. ", " ".join(text.lstrip("'").split()))


def joined(first: list[dict[str, str]], more: list[dict[str, str]]) -> list[dict[str, str]]:
    """One list after the other, without what both have."""
    seen = [{**row, "label": ""} for row in first]
    return [*first, *(row for row in more if {**row, "label": ""} not in seen)][:20]


def addresses_of(cells: Cells) -> list[tuple[int, dict[str, str]]]:
    """Addresses out of their parts; a whole one where no parts are given."""
    slots: dict[str, dict[str, str]] = {}
    columns: dict[str, int] = {}
    for part in PARTS:
        for cell in cells.all(part):
            slots.setdefault(cell.slot, {}).setdefault(part, tidy(cell.text)[:200])
            columns.setdefault(cell.slot, cell.column)
    for cell in cells.all("address"):
        if cell.slot not in slots:
            slots[cell.slot], columns[cell.slot] = {"street": tidy(cell.text.replace("\n", ", "))[:200]}, cell.column
    return [(columns[slot], {**row, "label": cells.labels.get(("address", slot), "")}) for slot, row in slots.items()]


class CompanyImporter(ClientImporter):
    kind = "company"
    label = gettext_lazy("Companies")
    icon = "building"
    list_name = "companies"
    model = Company
    fields = ("name", "website", *LISTS, "tags", "consent", "consent_at", "consent_source")
    fields += ("do_not_contact", "do_not_contact_at", "do_not_contact_source")
    is_known_by_name = True

    @classmethod
    def targets(cls) -> list[Target]:
        return [Target("name", gettext_lazy("Name")), *COMMON, *custom_targets("company")]

    def read_more(self, draft: ClientDraft, cells: Cells) -> None:
        """The first link is the website."""
        links = draft.values["links"]
        draft.values["website"] = links[0]["url"][:200] if links else ""
        draft.values["links"] = links[1:]

    def by_name(self, drafts: Sequence[ClientDraft]) -> list[Q]:
        return [Q(sort_name__in=sorted({sort_key(draft.values["name"]) for draft in drafts}))]


class ContactImporter(ClientImporter):
    kind = "contact"
    label = gettext_lazy("Contacts")
    list_name = "contacts"
    model = Contact
    fields = ("name", "position", "company", *LISTS, "tags", "consent", "consent_at", "consent_source")
    fields += ("do_not_contact", "do_not_contact_at", "do_not_contact_source")

    @classmethod
    def targets(cls) -> list[Target]:
        own = [
            Target("name", gettext_lazy("Whole name")),
            Target("first_name", gettext_lazy("First name")),
            Target("middle_name", gettext_lazy("Middle name")),
            Target("last_name", gettext_lazy("Last name")),
            Target("position", gettext_lazy("Position")),
            Target("company", gettext_lazy("Company")),
        ]
        return [*own, *COMMON, *custom_targets("contact")]

    def name_of(self, cells: Cells) -> str:
        parts = [cells.text(part) for part in ("first_name", "middle_name", "last_name")]
        whole = tidy(" ".join(filter(None, parts))) or tidy(cells.text("name"))
        # Better somebody with an address for a name than nobody.
        return whole or tidy(cells.text("email").split("@")[0] or cells.text("phone"))

    def read_more(self, draft: ClientDraft, cells: Cells) -> None:
        draft.values["position"] = tidy(cells.text("position"))[:120]
        draft.company = tidy(cells.text("company"))[:200]

    def prepare(self, drafts: Sequence[ClientDraft]) -> list[Outcome]:
        """The companies that rows name: found among those the person sees, else added for the contact's owner."""
        companies, outcomes = find_or_add_companies(self, [(draft.row.line, draft.company, draft.values["owner"]) for draft in drafts])
        for draft in drafts:
            if draft.company:
                draft.values["company"] = companies[sort_key(draft.company)]
        return outcomes
