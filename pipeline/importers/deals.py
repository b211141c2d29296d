"""Deals out of rows, with all that their files tell of stages: exactly where a history is given, and marked as vague where it isn't."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.cleaning import tidy
from crm.errors import Refused
from crm.ids import read_id
from crm.importers.base import BadRow, Cells, Importer, Outcome, Target, custom_targets
from crm.importers.clients import plain_number
from crm.importing.moves import Moves
from crm.importing.tables import Row
from crm.importing.values import currency_beside, read_currency, read_yes_no, split_values
from crm.reach import read_list
from pipeline.importers.deal_writing import DealWriter
from pipeline.models import Outcome as DealOutcome
from pipeline.models import Pipeline, Stage
from pipeline.models.deals import MAX_AMOUNT
from pipeline.services.history import ImpossibleHistory

WON = {"won", "closed won", "выиграна", "успешно реализовано", "сделка успешна", "успешна", "closedwon"}
LOST = {
    "lost",
    "closed lost",
    "проиграна",
    "закрыто и не реализовано",
    "сделка провалена",
    "провалена",
    "closedlost",
    "abandoned",
    "deleted",
}
NOBODY = re.compile(r"0{15,}[A-Z]*")
IN_BRACKETS = re.compile(r"\([^()]*\)$")
OUTCOMES = {"won": DealOutcome.WON, "lost": DealOutcome.LOST}


@dataclass(slots=True)
class DealDraft:
    """What one or several rows say of a deal."""

    rows: Sequence[Row]
    key: str
    title: str
    values: dict[str, Any]
    stage: str
    outcome: str
    created_at: datetime | None
    closed_at: datetime | None
    stage_since: datetime | None
    company: str = ""
    company_key: str = ""
    contact: str = ""
    contact_key: str = ""
    emails: list[dict[str, str]] = field(default_factory=list)
    phones: list[dict[str, str]] = field(default_factory=list)
    note: str = ""
    moves: list[tuple[datetime, str]] = field(default_factory=list)


class DealImporter(Importer):
    """Past deals are written as a history; an open one ends in the stage where it stands."""

    kind = "deal"
    label = gettext_lazy("Deals")
    icon = "layout-kanban"
    list_name = "deals"
    extra_template = "imports/_stages.html"
    # A word for a stage that is to be added.
    NEW = "new"

    @classmethod
    def targets(cls) -> list[Target]:
        own = [
            Target("title", gettext_lazy("Title")),
            Target("external_id", gettext_lazy("Number in the other program")),
            Target("amount", gettext_lazy("Amount")),
            Target("currency", gettext_lazy("Currency")),
            Target("pipeline", gettext_lazy("Pipeline")),
            Target("stage", gettext_lazy("Stage")),
            Target("status", gettext_lazy("Won, lost or open")),
            Target("is_closed", gettext_lazy("Closed (yes or no)")),
            Target("is_won", gettext_lazy("Won (yes or no)")),
            Target("owner", gettext_lazy("Owner")),
            Target("company", gettext_lazy("Company")),
            Target("company_id", gettext_lazy("Number of the company there")),
            Target("contact", gettext_lazy("Contact")),
            Target("contact_id", gettext_lazy("Number of the contact there")),
            Target("email", gettext_lazy("E-mail of the contact"), has_label=True),
            Target("phone", gettext_lazy("Phone of the contact"), has_label=True),
            Target("created_at", gettext_lazy("Created"), is_date=True),
            Target("closed_at", gettext_lazy("Closed on"), is_date=True),
            Target("close_date", gettext_lazy("Closed on, or expected to"), is_date=True),
            Target("won_at", gettext_lazy("Won on"), is_date=True),
            Target("lost_at", gettext_lazy("Lost on"), is_date=True),
            Target("stage_since", gettext_lazy("In its stage since"), is_date=True),
            Target("expected_close", gettext_lazy("Expected close"), is_date=True),
            Target("lost_reason", gettext_lazy("Lost reason")),
            Target("source", gettext_lazy("Source")),
            Target("tags", gettext_lazy("Tags")),
            Target("note", gettext_lazy("Note")),
            Target("product", gettext_lazy("Product")),
            Target("product_price", gettext_lazy("Price of the product")),
            Target("product_quantity", gettext_lazy("Quantity of the product")),
            Target("is_deleted", gettext_lazy("Deleted there (yes or no)")),
        ]
        return [*own, *custom_targets("deal")]

    @cached_property
    def zone(self) -> Any:
        """Salesforce writes times of UTC without saying so."""
        return UTC if self.batch.system == "salesforce" else self.organisation.zone

    # Which pipeline, and what each word in the column of stages means.

    @cached_property
    def pipeline(self) -> Pipeline:
        live = list(Pipeline.objects.live())
        chosen = self.options.get("pipeline")
        named = {name.casefold() for name in self.profile_of("pipeline")}
        found = next((each for each in live if each.pk == chosen), None)
        found = found or next((each for each in live if each.name.casefold() in named), None) or (live[0] if live else None)
        if found is None:
            raise BadRow(_("There is no pipeline yet. Ask an admin to add one."))
        return found

    @cached_property
    def stages(self) -> list[Stage]:
        return list(self.pipeline.stages.live())

    def profile_of(self, name: str) -> dict[str, int]:
        """The values of the column that holds this, and how often each occurs."""
        index = next((index for index, column in self.columns if column.field == name), None)
        return {} if index is None else self.batch.columns[index]["values"]

    @staticmethod
    def plain_stage(text: str) -> str:
        """A stage's name without its pipeline in brackets."""
        return IN_BRACKETS.sub("", text).strip()

    def stage_called(self, text: str) -> Stage | None:
        """The stage that this word means, where it means one."""
        means = self.meaning(text)
        return next((stage for stage in self.stages if str(stage.pk) == means), None)

    def meaning(self, text: str) -> str:
        """What a word in the column of stages means: `won`, `lost`, `new`, or the id of a stage; empty for the first stage."""
        chosen = self.options.get("stages", {}).get(text)
        known = {str(stage.pk) for stage in self.stages}
        if chosen in known or chosen in (*OUTCOMES, "") or (chosen == self.NEW and self.by.is_admin):
            return str(chosen)
        plain = self.plain_stage(text).casefold()
        if plain in WON:
            return "won"
        if plain in LOST:
            return "lost"
        for stage in self.stages:
            if plain in {name.casefold() for name in (stage.name, *stage.labels.values())}:
                return str(stage.pk)
        return self.NEW if self.by.is_admin and plain else ""

    def extra(self) -> dict[str, Any]:
        words = sorted({*self.profile_of("stage"), *self.history_words}, key=str.casefold)
        return {
            "pipelines": Pipeline.objects.live(),
            "pipeline": self.pipeline if Pipeline.objects.live().exists() else None,
            "stages": self.stages if Pipeline.objects.live().exists() else [],
            "words": [(number, word, self.meaning(word)) for number, word in enumerate(words)] if Pipeline.objects.live().exists() else [],
            "may_add": self.by.is_admin,
            "history": self.options.get("history"),
        }

    def read_options(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        options: dict[str, Any] = {}
        wanted = read_id(sent.get("pipeline"))
        if wanted and wanted != self.options.get("pipeline", self.pipeline.pk):
            return {"pipeline": wanted, "stages": {}}
        words = sorted({*self.profile_of("stage"), *self.history_words}, key=str.casefold)
        chosen = {word: sent[f"stage-{number}"] for number, word in enumerate(words) if f"stage-{number}" in sent}
        if chosen:
            options["stages"] = chosen
        return options

    # A history of stages in a file of its own.

    @cached_property
    def moves(self) -> Moves:
        return Moves(self.batch.history)

    @cached_property
    def history_words(self) -> set[str]:
        return self.moves.stages()

    # Reading.

    def key_of(self, row: Row) -> str:
        index = next((index for index, column in self.columns if column.field == "external_id"), None)
        return row.cells[index].strip() if index is not None and index < len(row.cells) else ""

    def rows_of(self, draft: DealDraft) -> Sequence[Row]:
        return draft.rows

    def summary(self, draft: DealDraft) -> list[str]:
        values = draft.values
        currency = values["currency"] or self.pipeline.currency
        amount = "" if values["amount"] is None else f"{values['amount']:,.2f} {currency}".replace(".00 ", " ")
        outcome = str(DealOutcome(draft.outcome).label) if draft.outcome else draft.stage
        return [draft.title, *filter(None, (outcome, amount, draft.company, draft.contact))]

    def read(self, rows: Sequence[Row]) -> DealDraft:
        for row in rows:
            if row.problem:
                raise BadRow(row.problem)
        every = [Cells(self, row) for row in rows]
        cells = every[0]
        if cells.read("is_deleted", lambda text, _column: read_yes_no(text), False):
            raise BadRow(_("It was deleted in the other program."))
        number = cells.text("external_id")[:150]
        draft = DealDraft(
            rows,
            key=f"{self.batch.system or 'file'}:{number}" if number else self.key_without_number(rows),
            title=tidy(cells.text("title"))[:200],
            values=self.values(every),
            stage=cells.text("stage"),
            outcome="",
            created_at=cells.read("created_at", self.time),
            closed_at=None,
            stage_since=cells.read("stage_since", self.time),
            company=tidy(cells.text("company"))[:200],
            company_key=_number(cells.text("company_id")),
            contact=tidy(_first(cells.text("contact")))[:200],
            contact_key=_number(cells.text("contact_id")),
            note="\n\n".join(dict.fromkeys(cell.text for each in every for cell in each.all("note"))),
            moves=self.moves.of(number),
        )
        draft.title = draft.title or draft.company or draft.contact or (f"№ {number}" if number else "")
        if not draft.title:
            cells.problems.append(_("The row names no deal."))
        self.read_reach(draft, cells)
        self.read_outcome(draft, cells)
        for each in every:
            each.require_good()
        self.check_times(draft)
        draft.values["owner"] = self.owners.get(cells.text("owner"))
        return draft

    def key_without_number(self, rows: Sequence[Row]) -> str:
        """By what a deal is known while its file comes in, and never again."""
        return f"import-{self.batch.pk}:{rows[0].line}"

    def values(self, every: list[Cells]) -> dict[str, Any]:
        cells = every[0]
        amount = self.amount(every)
        if amount is not None and not 0 <= amount <= MAX_AMOUNT:
            cells.problems.append(_("The amount is below zero, or beyond what can be kept."))
            amount = None
        beside = currency_beside(cells.text("amount"))
        currency = cells.read("currency", lambda text, _column: read_currency(text), "") or beside
        names = [tidy(part) for cell in cells.all("tags") for part in split_values(cell.text)]
        return {
            "amount": amount,
            "currency": currency,
            "expected_close": cells.read("expected_close", self.day) or None,
            "tags": list(dict.fromkeys(name[:40] for name in names if name))[:30],
            "source": tidy(cells.last("source"))[:80],
            "lost_reason": tidy(cells.text("lost_reason"))[:80],
            "custom": self.custom_values(cells),
        }

    def amount(self, every: list[Cells]) -> Decimal | None:
        """Of a deal in several rows the sum, unless each row repeats the whole, as the products' sum tells."""
        sums = [each.read("amount", self.number) for each in every]
        known = [value for value in sums if value is not None]
        if not known:
            return None
        products = [
            (each.read("product_price", self.number) or Decimal(0)) * (each.read("product_quantity", self.number) or Decimal(1))
            for each in every
        ]
        whole = len(every) > 1 and len(set(known)) == 1 and sum(products) == known[0]
        return (known[0] if whole or len(every) == 1 else sum(known, Decimal(0))).quantize(Decimal("0.01"))

    def read_reach(self, draft: DealDraft, cells: Cells) -> None:
        for name, key, into in (("email", "address", "emails"), ("phone", "number", "phones")):
            for cell in cells.all(name):
                for part in split_values(cell.text):
                    try:
                        row = {key: plain_number(part) if name == "phone" else part, "label": cells.label(cell, name)}
                        setattr(draft, into, [*getattr(draft, into), *read_list(into, [row], region=self.region)])
                    except Refused as error:
                        cells.blame(cell.column, error)

    def read_outcome(self, draft: DealDraft, cells: Cells) -> None:
        """Won, lost or open, by whichever columns say so, and since when."""

        def yes(name: str) -> bool:
            return bool(cells.read(name, lambda text, _column: read_yes_no(text), False))

        won_at, lost_at = cells.read("won_at", self.time), cells.read("lost_at", self.time)
        closed_at, close_date = cells.read("closed_at", self.time), cells.read("close_date", self.time)
        status = cells.text("status").casefold()
        means = self.meaning(draft.stage)
        if status in WON or means == "won" or yes("is_won") or (won_at and not status):
            draft.outcome = DealOutcome.WON
        elif status in LOST or means == "lost" or (yes("is_closed") and cells.all("is_won")) or (lost_at and not status):
            draft.outcome = DealOutcome.LOST
        if draft.outcome:
            told = won_at if draft.outcome == DealOutcome.WON else lost_at
            expected = cells.read("expected_close", self.time) if yes("is_closed") else None
            draft.closed_at = told or closed_at or close_date or expected
        elif close_date and not draft.values["expected_close"]:
            draft.values["expected_close"] = close_date.astimezone(self.zone).date()

    def check_times(self, draft: DealDraft) -> None:
        now = timezone.now()
        draft.created_at = draft.created_at or (draft.moves[0][0] if draft.moves else None) or draft.closed_at or now
        for at in (draft.created_at, draft.closed_at, *(at for at, _stage in draft.moves)):
            if at and at > now:
                raise BadRow(_("%(day)s has not come yet.") % {"day": at.astimezone(self.zone).date().isoformat()})
        if draft.closed_at and draft.closed_at < draft.created_at:
            # A date without a time of day, on the day on which the deal began.
            if draft.closed_at.date() < draft.created_at.date():
                raise BadRow(_("It was closed before it was created."))
            draft.closed_at = draft.created_at

    # Writing.

    def find(self, drafts: Sequence[DealDraft]) -> list[Any]:
        """Of somebody else's deal that the person can't see no more than that it is there."""
        writer = DealWriter(self, drafts)
        return [deal if deal is None or deal.pk in writer.seen else _("belongs to somebody else") for deal in writer.found]

    def write(self, drafts: Sequence[DealDraft]) -> list[Outcome]:
        # A stage that an attempt added is gone again when the attempt was taken back.
        self.__dict__.pop("stages", None)
        try:
            return DealWriter(self, drafts).write()
        except ImpossibleHistory:
            raise BadRow(_("Its stages and times don't fit together.")) from None


def _number(text: str) -> str:
    """The first of the other program's numbers; none for the number that means nobody."""
    first = _first(text)
    return "" if NOBODY.fullmatch(first) else first[:200]


def _first(text: str) -> str:
    return re.split(r";|:::|\n", text, maxsplit=1)[0].strip()
