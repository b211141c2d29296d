"""A deal's rows, one after the other, as the visits they tell of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.models.organisation import currency_code
from pipeline.event_log.lines import Record
from pipeline.models import Exit
from pipeline.models.deals import MAX_AMOUNT

CENT = Decimal("0.01")
OUTCOMES = ("won", "lost", "reopened")
LONGEST = {"deal": 200, "stage": 80, "title": 200, "owner": 120, "company": 200, "contact": 200, "source": 80, "lost_reason": 80}


class BadRow(Exception):
    """A row that cannot be true, or cannot be read; it takes its whole deal with it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One stage entry or outcome."""

    deal: str
    at: datetime
    stage: str
    outcome: str
    amount: Decimal | None
    currency: str
    cells: dict[str, str]
    # Where the clock showed that time twice, the second one.
    later: datetime | None = None


@dataclass(slots=True)
class Stay:
    """One visit, by the names the file uses."""

    stage: str
    entered_at: datetime
    left_at: datetime | None = None
    exit: str = Exit.NONE.value
    lost_reason: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the file said of a deal's terms up to an instant."""

    since: datetime
    amount: Decimal | None
    currency: str
    owner: str


@dataclass(slots=True)
class Story:
    """What the rows so far say about one deal."""

    deal: str
    stays: list[Stay] = field(default_factory=list)
    terms: list[Known] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    clock: datetime | None = None
    is_bad: bool = False
    reopened_at: datetime | None = None

    @property
    def outcome(self) -> str:
        """How the deal stands: "" for open."""
        return self.stays[-1].exit if self.stays else ""

    def tell(self, row: Row, stage: str) -> None:
        """Take the next row in, with its stage's own name; BadRow when it contradicts those before."""
        if self.clock is not None and row.later is not None and row.at < self.clock <= row.later:
            row = replace(row, at=row.later)
        if self.clock is not None and row.at < self.clock:
            raise BadRow(f"time goes backwards: {row.at.isoformat()} after {self.clock.isoformat()}")
        if row.outcome in ("won", "lost"):
            self._close(row)
        elif row.outcome == "reopened":
            self._reopen(row, stage)
        else:
            self._enter(row, stage)
        self.clock = row.at
        self._note(row)

    def _enter(self, row: Row, stage: str) -> None:
        if self.outcome:
            raise BadRow(f"enters “{stage}” after it was {self.outcome}, without being reopened")
        if not self.stays:
            self.stays.append(Stay(stage, row.at))
        elif self.stays[-1].stage == stage:
            pass
        elif self.reopened_at == row.at:
            # "Reopened" and, at the same instant, the stage it came back to: one entry, told in two rows.
            self.stays[-1].stage = stage
        else:
            self.stays[-1].left_at, self.stays[-1].exit = row.at, Exit.MOVED.value
            self.stays.append(Stay(stage, row.at))
        self.reopened_at = None

    def _close(self, row: Row) -> None:
        if not self.stays:
            raise BadRow(f"is {row.outcome} before it entered any stage")
        if self.outcome:
            raise BadRow(f"is {row.outcome}, but was {self.outcome} already")
        self.stays[-1].left_at, self.stays[-1].exit = row.at, row.outcome
        if row.outcome == "lost":
            self.stays[-1].lost_reason = row.cells.get("lost_reason") or self.names.get("lost_reason", "")
        self.reopened_at = None

    def _reopen(self, row: Row, stage: str) -> None:
        if not self.outcome:
            raise BadRow("is reopened, but was neither won nor lost")
        self.stays.append(Stay(stage or self.stays[-1].stage, row.at))
        self.reopened_at = None if stage else row.at

    def _note(self, row: Row) -> None:
        """The last non-empty value of a column holds; when terms change, since when is kept."""
        for name in ("title", "owner", "company", "contact", "source", "lost_reason"):
            if value := row.cells.get(name):
                self.names[name] = value
        before = self.terms[-1] if self.terms else None
        known = Known(
            row.at,
            row.amount if row.amount is not None else before.amount if before else None,
            row.currency or (before.currency if before else ""),
            self.names.get("owner", ""),
        )
        if before and (known.amount, known.currency, known.owner) == (before.amount, before.currency, before.owner):
            return
        if before and before.since == known.since:
            self.terms.pop()
        self.terms.append(known)


def read_row(record: Record, zone: ZoneInfo) -> Row:
    """The record's values; BadRow says which one cannot be read."""
    cells = record.cells
    if record.problem:
        raise BadRow(record.problem)
    if not cells.get("deal"):
        raise BadRow("names no deal")
    for name, longest in LONGEST.items():
        if len(cells.get(name, "")) > longest:
            raise BadRow(f"{name} is longer than {longest} characters")
    stage, outcome = cells.get("stage", ""), cells.get("outcome", "").lower()
    if outcome and outcome not in OUTCOMES:
        raise BadRow(f"unknown outcome “{cells['outcome'][:80]}” (won, lost or reopened)")
    if not stage and not outcome:
        raise BadRow("has neither a stage nor an outcome")
    if stage and outcome in ("won", "lost"):
        raise BadRow(f"has both a stage and the outcome {outcome}: one row per event")
    at, later = _read_time(cells.get("at", ""), zone)
    if at > timezone.now():
        raise BadRow(f"{at.isoformat()} has not come yet")
    return Row(
        cells["deal"],
        at,
        stage,
        outcome,
        _read_amount(cells.get("amount", "")),
        _read_currency(cells.get("currency", "")),
        cells,
        later,
    )


def _read_time(text: str, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """A time without offset is one on the organisation's clock; in the night when that is put back, it may mean two instants."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo:
            return time.astimezone(UTC), None
        first, second = (time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return first, second if second > first else None
    except (ValueError, OverflowError):
        raise BadRow(f"“{text[:80]}” is not a time (write 2026-03-31T14:05:00+03:00)") from None


def _read_amount(text: str) -> Decimal | None:
    if not text:
        return None
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if plain.count(",") == 1 and "." not in plain and len(plain) - plain.index(",") <= 3:
        plain = plain.replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise BadRow(f"“{text[:80]}” is not an amount") from None
    if not amount.is_finite() or not 0 <= amount <= MAX_AMOUNT:
        raise BadRow(f"an amount is between 0 and {MAX_AMOUNT}, not {text[:80]}")
    return amount.quantize(CENT)


def _read_currency(text: str) -> str:
    if not text:
        return ""
    try:
        currency_code(text.upper())
    except ValidationError:
        raise BadRow(f"“{text[:80]}” is not a currency (three letters, like EUR)") from None
    return text.upper()
