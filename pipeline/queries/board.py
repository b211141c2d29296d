"""The board: the first cards of each column, and what stands in all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from crm.models import User
from crm.models.visibility import branches
from crm.queries.rates import Rates
from crm.templatetags.display import age, age_words, day, money_full
from pipeline.models import Deal, NextStep, Pipeline, Stage
from pipeline.models.deals import DAY, next_step_state
from pipeline.queries.board_filters import Filters
from pipeline.queries.column_totals import Totals, column_totals

FIRST_CARDS = 12
MORE_CARDS = 50
MAX_CARDS = 300


@dataclass(frozen=True)
class Card:
    """A deal as a card shows it."""

    deal: Deal
    seconds: float
    limit_days: int | None
    step: str

    @property
    def days(self) -> int:
        return int(self.seconds // DAY)

    @property
    def is_rotting(self) -> bool:
        return bool(self.limit_days) and self.seconds > (self.limit_days or 0) * DAY

    @property
    def age_text(self) -> str:
        """Days in the stage; against its limit once that is passed."""
        # The space before the stroke is the one that may break: a narrow card shows the days alone.
        return f"{age(self.seconds)} /\u00a0{self.limit_days}" if self.is_rotting else age(self.seconds)

    @property
    def age_title(self) -> str:
        if self.limit_days is None:
            return _("%(age)s in this stage") % {"age": age_words(self.seconds)}
        return _("%(age)s in this stage, limit %(limit)s d") % {"age": age_words(self.seconds), "limit": self.limit_days}

    @property
    def step_title(self) -> str:
        if self.step == NextStep.NONE:
            return _("No next step")
        due = day(self.deal.next_step_on)
        if self.step == NextStep.OVERDUE:
            return _("Next step overdue since %(day)s") % {"day": due}
        return _("Next step today") if self.step == NextStep.TODAY else _("Next step on %(day)s") % {"day": due}


@dataclass(frozen=True)
class Part:
    """One part of the bar of next-step states; `query` is the address that shows only it, or all again."""

    state: str
    label: str
    count: int
    x: str
    width: str
    is_on: bool
    query: str


@dataclass(frozen=True)
class Column:
    """One stage on the board: totals in the pipeline's currency, and the cards loaded so far."""

    stage: Stage
    totals: Totals
    rates: Rates
    filters: Filters
    cards: list[Card]
    has_more: bool = False
    is_full: bool = False
    # The first card that isn't loaded: whatever is dropped below the last loaded one stands above it.
    next_id: int | None = None

    max_cards = MAX_CARDS

    @property
    def count(self) -> int:
        return self.totals.count

    @cached_property
    def total(self) -> Decimal:
        return self.totals.converted(self.rates)

    @property
    def weighted(self) -> Decimal:
        return self.total * self.stage.probability / 100

    @property
    def sums_title(self) -> str:
        total, weighted = (money_full(amount, self.rates.currency) for amount in (self.total, self.weighted))
        told = _("%(sum)s, weighted %(weighted)s") % {"sum": total, "weighted": weighted}
        if not self.totals.foreign(self.rates):
            return told
        codes = ", ".join(self.totals.foreign(self.rates))
        return f"{told}. " + _("%(currencies)s at the rate of %(day)s") % {"currencies": codes, "day": day(self.rates.day)}

    @property
    def weighted_title(self) -> str:
        return _("Weighted with the stage's %(percent)s %%") % {"percent": self.stage.probability}

    @property
    def menu_title(self) -> str:
        return _("Menu of “%(stage)s”") % {"stage": self.stage.label}

    @property
    def without_rate(self) -> dict[str, Decimal]:
        return self.totals.without_rate(self.rates)

    @property
    def last_rank(self) -> str:
        """Where the next cards begin, as an address writes it."""
        return f"{self.cards[-1].deal.rank.normalize():f}" if self.cards else ""

    @property
    def parts(self) -> list[Part]:
        """The bar: widths in percent, in the order of what needs a person first."""
        everything = sum(self.totals.states.values())
        others = self.filters.replaced(step="").query
        parts, x = [], 0.0
        for state, count in self.totals.states.items():
            if count > 0:
                width = 100 * count / everything
                is_on = self.filters.step == state
                query = others if is_on else f"{others}&step={state.value}".lstrip("&")  # type: ignore[attr-defined]
                parts.append(Part(state, NextStep(state).label, count, f"{x:.2f}", f"{width:.2f}", is_on, query))  # type: ignore[arg-type]
                x += width
        return parts


@dataclass(frozen=True)
class Board:
    """The pipeline's columns as this viewer sees them."""

    pipeline: Pipeline
    columns: list[Column]

    @property
    def count(self) -> int:
        return sum(column.count for column in self.columns)

    @property
    def total(self) -> Decimal:
        return sum((column.total for column in self.columns), Decimal(0))


def board(
    *,
    pipeline: Pipeline,
    viewer: User,
    filters: Filters,
    today: date,
    now: datetime,
    base_currency: str,
    only: list[int] | None = None,
    loaded: Mapping[int, int] | None = None,
) -> Board:
    """Columns with their totals and first cards, or of the stages `only`, with as many cards as were `loaded`. Five queries."""
    stages = [stage for stage in pipeline.stages.live() if only is None or stage.pk in only]
    rates = Rates(pipeline.currency, base=base_currency, day=today)
    totals = column_totals(stages=stages, viewer=viewer, filters=filters, rates=rates, today=today, now=now)
    wanted = {stage.pk: min(max((loaded or {}).get(stage.pk, 0), FIRST_CARDS), MAX_CARDS) for stage in stages}
    cards = read_cards(stages=stages, viewer=viewer, filters=filters, rates=rates, today=today, now=now, wanted=wanted)
    columns = [_column(stage, totals[stage.pk], rates, filters, cards[stage.pk], wanted[stage.pk]) for stage in stages]
    return Board(pipeline, columns)


def heads(
    *, pipeline: Pipeline, stages: list[Stage], viewer: User, filters: Filters, today: date, now: datetime, base_currency: str
) -> list[Column]:
    """Columns without their cards, for the answer to a move. Two queries."""
    rates = Rates(pipeline.currency, base=base_currency, day=today)
    totals = column_totals(stages=stages, viewer=viewer, filters=filters, rates=rates, today=today, now=now)
    return [Column(stage, totals[stage.pk], rates, filters, []) for stage in stages]


def hidden_by_filters(
    *, deals: list[Deal], stages: list[Stage], viewer: User, filters: Filters, today: date, now: datetime, base_currency: str
) -> set[int]:
    """Those of the open deals that the filters leave out. One query, and none without a filter."""
    ids = {deal.pk for deal in deals if deal.is_open}
    if not filters.is_active or not ids:
        return set()
    rates = Rates(deals[0].pipeline.currency, base=base_currency, day=today)
    condition = filters.about_deals(viewer=viewer, stages=stages, rates=rates, today=today, now=now)
    return ids - set(Deal.objects.filter(condition, pk__in=ids).values_list("pk", flat=True))


def next_cards(
    *, stage: Stage, viewer: User, filters: Filters, today: date, now: datetime, base_currency: str, after: Decimal, loaded: int
) -> Column:
    """The cards below `after` in one column, up to `MAX_CARDS` in all. Three queries."""
    rates = Rates(stage.pipeline.currency, base=base_currency, day=today)
    room = max(min(MORE_CARDS, MAX_CARDS - loaded), 0)
    found = read_cards(
        stages=[stage], viewer=viewer, filters=filters, rates=rates, today=today, now=now, wanted={stage.pk: room}, after=after
    )[stage.pk]
    return _column(stage, Totals(), rates, filters, found, room, is_full=loaded + room >= MAX_CARDS)


def card_of(deal: Deal, *, stage: Stage, today: date, now: datetime) -> Card:
    """The card of a deal that stands in that stage."""
    return Card(deal, deal.seconds_in_stage(now), stage.rot_days, next_step_state(deal.next_step_on, today))


def read_cards(
    *,
    stages: list[Stage],
    viewer: User,
    filters: Filters,
    rates: Rates,
    today: date,
    now: datetime,
    wanted: Mapping[int, int],
    after: Decimal | None = None,
) -> dict[int, list[Card]]:
    """The first cards of each stage, one more than wanted where there are more. Two queries, whatever lies in the database."""
    condition = filters.about_deals(viewer=viewer, stages=stages, rates=rates, today=today, now=now)
    ids = _first_ids(condition, viewer, {pk: count + 1 for pk, count in wanted.items()}, after)
    by_id = {stage.pk: stage for stage in stages}
    cards: dict[int, list[Card]] = {stage.pk: [] for stage in stages}
    deals = Deal.objects.filter(pk__in=ids).select_related("company", "owner").only(*CARD_FIELDS).order_by("rank") if ids else []
    for deal in deals:
        # Moved away between the two reads: it is shown where it went to, or by the notice of that move.
        if deal.stage_id in cards and deal.is_open:
            cards[deal.stage_id].append(card_of(deal, stage=by_id[deal.stage_id], today=today, now=now))
    return cards


CARD_FIELDS = (
    "title", "stage_id", "pipeline_id", "amount", "currency", "rank", "version", "outcome", "closed_at", "stage_entered_at", "next_step_on",
    "company__name", "owner__name", "owner__email",
)  # fmt: skip


def _first_ids(condition: object, viewer: User, wanted: Mapping[int, int], after: Decimal | None) -> list[int]:
    """Per stage and per branch of the viewer's rights one short walk along an index that has the column's order."""
    deals = Deal.objects.open().filter(condition, stage_id=RawSQL("spot.stage", []))
    if after is not None:
        deals = deals.filter(rank__gt=after)
    most = max(wanted.values(), default=0)
    if not most:  # the stages asked for are gone
        return []
    ranks = [deals.filter(branch).order_by("rank").values_list("pk", "rank")[:most] for branch in branches(viewer)]
    try:
        walks = [walk.query.sql_with_params() for walk in ranks]
    except EmptyResultSet:  # a filter that nothing can fit
        return []
    if not walks or not wanted:
        return []
    both = " UNION ".join(f"({sql})" for sql, _params in walks)
    statement = (
        "SELECT found.id FROM unnest(%s::bigint[], %s::int[]) AS spot(stage, wanted)"
        f" CROSS JOIN LATERAL (SELECT id FROM ({both}) AS seen(id, rank) ORDER BY rank LIMIT spot.wanted) AS found"
    )
    params = [list(wanted.keys()), list(wanted.values())]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, *(param for _sql, given in walks for param in given)])
        return [row[0] for row in cursor.fetchall()]


def _column(
    stage: Stage, totals: Totals, rates: Rates, filters: Filters, cards: list[Card], wanted: int, *, is_full: bool | None = None
) -> Column:
    has_more = len(cards) > wanted
    is_full = wanted >= MAX_CARDS if is_full is None else is_full
    next_id = cards[wanted].deal.pk if has_more else None
    return Column(stage, totals, rates, filters, cards[:wanted], has_more=has_more, is_full=is_full and has_more, next_id=next_id)
