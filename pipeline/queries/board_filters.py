"""What a board, or a list of its deals, is narrowed down to; it lives in the page's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.filtering.reader import Reader
from crm.filtering.tree import MAX_LENGTH, Tree, try_tree
from crm.ids import read_id
from crm.lists.views import view_tree
from crm.models import User
from crm.money import read_money
from crm.queries.rates import Rates
from crm.queries.search import matching
from pipeline.models import NextStep, Stage
from pipeline.models.deals import MAX_AMOUNT, next_step_condition

MAX_TEXT = 100
MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class Filters:
    """Owner (`me`, `none` or an id), team, words, next-step state, amounts in the pipeline's currency, rotting only."""

    owner: str = ""
    team: int | None = None
    text: str = ""
    step: str = ""
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    rotting: bool = False
    # A tree of conditions as a list of deals has it, or a view of deals that brings one: read with the reader's rights by `deal_tree`.
    filter: str = ""
    view: str = ""
    errors: list[str] = field(default_factory=list, compare=False)
    # The trees that were read, by what was asked and when, since a board asks for its cards and its totals.
    read_trees: dict[Any, Tree] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """Read the address; a value that makes no sense is named in `errors` and left out."""
        errors: list[str] = []
        owner = given.get("owner", "").strip()
        if owner not in ("", "me", "none") and _whole_number(owner) is None:
            errors.append(_("“%(value)s” is no owner, so this filter is off.") % {"value": owner[:40]})
            owner = ""
        team = given.get("team", "").strip()
        if team and _whole_number(team) is None:
            errors.append(_("“%(value)s” is no team, so this filter is off.") % {"value": team[:40]})
        step = given.get("step", "").strip()
        if step not in ("", *NextStep.values):
            errors.append(_("“%(value)s” is no state of a next step, so this filter is off.") % {"value": step[:40]})
            step = ""
        return cls(
            owner=owner,
            team=_whole_number(team),
            text=given.get("text", "").replace("\0", "").strip()[:MAX_TEXT],
            step=step,
            amount_from=_amount(given.get("amount_from", ""), errors),
            amount_to=_amount(given.get("amount_to", ""), errors),
            rotting=given.get("rotting", "") in ("1", "on", "true"),
            filter=given.get("filter", "").replace("\0", "")[:MAX_LENGTH],
            view=given.get("view", "").replace("\0", "")[:40],
            errors=errors,
        )

    @property
    def query(self) -> str:
        """The same as the part of an address behind `?`, always in one order."""
        return urlencode({name: "1" if value is True else value for name, value in self._set().items()})

    @property
    def is_active(self) -> bool:
        return bool(self._set())

    @property
    def count(self) -> int:
        """How many of those behind the filter button are on (words have their own field)."""
        return len(self._set().keys() - {"text", "filter", "view"})

    @property
    def needs_deals(self) -> bool:
        """Do totals have to be counted over deals, since tallies don't know this filter?"""
        return bool(self.text or self.rotting or self.filter or self.view or self.amount_from is not None or self.amount_to is not None)

    def replaced(self, **changes: Any) -> Self:
        return replace(self, **changes)

    def about_people(self, viewer: User) -> Q:
        """The filters that deals and tallies understand alike: owner and team."""
        condition = Q()
        if self.owner == "none":
            condition &= Q(owner=None)
        elif self.owner:
            condition &= Q(owner=viewer.pk if self.owner == "me" else int(self.owner))
        return condition & Q(team=self.team) if self.team else condition

    def about_deals(self, *, viewer: User, stages: list[Stage], rates: Rates, today: date, now: datetime) -> Q:
        """Every filter, as a condition on deals."""
        condition = self.about_people(viewer)
        if self.step:
            condition &= next_step_condition(self.step, today)
        if self.text:
            # A sub-select, so that the column's index still gives the order.
            condition &= Q(pk__in=matching("deal", self.text))
        if self.rotting:
            condition &= rotting_condition(stages, now)
        if self.amount_from is not None or self.amount_to is not None:
            condition &= self._about_amount(rates)
        if self.filter or self.view:
            reader = Reader.of(viewer, now=now)
            condition &= self.tree(reader).condition(reader)
        return condition

    def tree(self, reader: Reader) -> Tree:
        """What the view and the filter ask for together; one query for a saved view, and what own fields cost, once per request."""
        key = (self.filter, self.view, reader.user.pk, reader.now)
        if key not in self.read_trees:
            found = view_tree(self.view, "deal", reader) if self.view else Tree("deal")
            self.read_trees[key] = found.joined(try_tree(self.filter, kind="deal", reader=reader))
        return self.read_trees[key]

    def _about_amount(self, rates: Rates) -> Q:
        condition = Q(pk__in=[])
        for currency, rate in rates.items():
            within = Q(currency=currency)
            if self.amount_from is not None:
                within &= Q(amount__gte=self.amount_from / rate)
            if self.amount_to is not None:
                within &= Q(amount__lte=self.amount_to / rate)
            condition |= within
        return condition

    def _set(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("errors", "read_trees")}
        return {name: value for name, value in values.items() if value not in ("", None, False)}


def rotting_condition(stages: list[Stage], now: datetime) -> Q:
    """Deals that have stood longer than their stage allows; none where no stage has a limit."""
    condition = Q(pk__in=[])
    for stage in stages:
        if stage.rot_days:
            condition |= Q(stage=stage.pk, stage_entered_at__lt=now - timedelta(days=stage.rot_days))
    return condition


def _whole_number(text: str) -> int | None:
    return read_id(text) or None


def _amount(text: str, errors: list[str]) -> Decimal | None:
    text = text.strip()
    if not text:
        return None
    amount, _currency = read_money(text)
    if amount is None or amount > MAX_AMOUNT:
        errors.append(_("“%(value)s” is no amount, so this filter is off.") % {"value": text[:40]})
        return None
    return amount
