"""The list of deals: its columns, how rows are loaded, and the views that everybody has."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, DecimalField, ExpressionWrapper, F, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.exporting.fields import More, moment, register_more
from crm.filtering.reader import Reader
from crm.filtering.tree import Condition, Tree
from crm.lists.columns import Column, register_columns
from crm.lists.kinds import ListKind, StandardView, Words, register_kind, register_views
from crm.queries.search import holding
from pipeline.models import Deal, NextStep, Outcome, Pipeline
from pipeline.models.deals import next_step_state

STEP_CSS = {NextStep.OVERDUE: "pill-danger", NextStep.TODAY: "pill-warning", NextStep.PLANNED: "pill-success"}
OUTCOME_CSS = {Outcome.WON: "pill-success", Outcome.LOST: ""}
OPEN = {"field": "outcome", "op": "is", "value": "open"}
MINE = {"field": "owner", "op": "is", "value": "me"}
WITHOUT_OWNER = {"field": "owner", "op": "is", "value": "nobody"}
WON = {"field": "outcome", "op": "is", "value": "won"}
CLOSING = {"field": "expected_close", "op": "is", "value": "this_month"}
CLOSED = {"field": "closed", "op": "is", "value": "this_month"}
NEEDED = ("stage", "pipeline", "owner", "team", "company", "contact", "source", "lost_reason")


def load_deals(ids: list[int], reader: Reader) -> list[Any]:
    """Deals with all that a column shows. Whoever sees a deal sees its company and contact. One query."""
    found: Any = list(Deal.objects.filter(pk__in=ids).select_related(*NEEDED))
    for deal in found:
        deal.seen_on = reader.today
    return found


def search_deals(text: str, reader: Reader) -> Q:
    """A part of the title, or of the name of the company or contact. One query."""
    return holding("deal", text, reader.user)


def by_pipeline(tree: Tree, _reader: Reader) -> list[Q]:
    """One part for each pipeline, since the index by creation begins with it; only those that the filter can let through. One query."""
    found = Pipeline.objects.all()
    if tree.root.join == "all":
        for part in tree.root.parts:
            if isinstance(part, Condition) and part.operator in ("is", "any_of"):
                keys = part.value if isinstance(part.value, list) else [part.value]
                if part.field.key == "pipeline":
                    found = found.filter(pk__in=keys)
                elif part.field.key == "stage":
                    found = found.filter(stages__in=keys).distinct()
    return [Q(pipeline=pk) for pk in found.order_by().values_list("pk", flat=True)] or [Q(pk__in=[])]


def amount_in_base(reader: Reader) -> Any:
    """The amount in the organisation's currency at today's rate; nothing where there is no rate. One query."""
    field = DecimalField(max_digits=40, decimal_places=12)
    cases = [
        When(currency=code, then=ExpressionWrapper(F("amount") * Value(rate, output_field=field), output_field=field))
        for code, rate in reader.rates.items()
    ]
    return Case(*cases, default=None, output_field=field)


def register_deals() -> None:
    """Make them known; called once at start."""
    register_columns(
        "deal",
        Column("title", _("Title"), lambda deal: deal.title, order="title"),
        Column("stage", _("Stage"), _stage, "pill", order="stage__position"),
        Column("amount", _("Amount"), lambda deal: (deal.amount, deal.currency), "money", order=amount_in_base, starts_down=True),
        Column("company", _("Company"), lambda deal: _link("company", deal.company), "link", order="company__sort_name"),
        Column("contact", _("Contact"), lambda deal: _link("contact", deal.contact), "link", order="contact__sort_name"),
        Column("owner", _("Owner"), lambda deal: deal.owner and deal.owner.name, order="owner__name"),
        Column("team", _("Team"), lambda deal: deal.team and deal.team.name, order="team__name"),
        Column("pipeline", _("Pipeline"), lambda deal: deal.pipeline.label),
        Column("next_step", _("Next step"), _next_step, "pill", order="next_step_on"),
        Column("expected_close", _("Expected close"), lambda deal: deal.expected_close, "date", order="expected_close"),
        Column("tags", _("Tags"), lambda deal: [(tag, "") for tag in deal.tags], "pills"),
        Column("source", _("Source"), lambda deal: deal.source and deal.source.label),
        Column("lost_reason", _("Lost reason"), lambda deal: deal.lost_reason and deal.lost_reason.label),
        Column(
            "stage_entered",
            _("In this stage since"),
            lambda deal: deal.stage_entered_at,
            "moment",
            order="stage_entered_at",
            starts_down=True,
        ),
        Column("created", _("Created"), lambda deal: deal.created_at, "moment", order="created_at", is_indexed=True, starts_down=True),
        Column("closed", _("Closed"), lambda deal: deal.closed_at, "moment", order="closed_at", starts_down=True),
    )
    # In files under the names by which an import knows them again.
    register_more(
        "deal",
        More("closed", _("Closed on"), lambda deal, reader: moment(deal.closed_at, reader), always=True),
        More("stage_entered", _("In its stage since"), lambda deal, reader: moment(deal.stage_entered_at, reader), always=True),
    )
    register_kind(DEALS)
    register_views(
        "deal",
        StandardView("open", _("Open deals"), OPEN),
        StandardView("mine", _("My open deals"), {"all": [MINE, OPEN]}),
        StandardView("without_owner", _("Without owner"), {"all": [WITHOUT_OWNER, OPEN]}),
        StandardView("no_step", _("Without a next step"), {"field": "next_step", "op": "is", "value": "none"}),
        StandardView("rotting", _("Rotting deals"), {"field": "rotting", "op": "is", "value": True}, order="stage_entered"),
        StandardView("closing", _("Closing this month"), {"all": [OPEN, CLOSING]}, order="expected_close"),
        StandardView("won", _("Won this month"), {"all": [WON, CLOSED]}, order="-closed"),
    )


def _link(kind: str, record: Any) -> tuple[str, str] | None:
    return (record.name, reverse(kind, args=(record.pk,))) if record else None


def _stage(deal: Any) -> tuple[str, str]:
    if deal.is_open:
        return deal.stage.label, f"hue-{deal.stage.colour}"
    return deal.get_outcome_display(), OUTCOME_CSS[deal.outcome]


def _next_step(deal: Any) -> tuple[str, str] | None:
    if not deal.is_open:
        return None
    state = next_step_state(deal.next_step_on, deal.seen_on)
    return str(NextStep(state).label), STEP_CSS.get(NextStep(state), "")


DEALS = ListKind(
    key="deal",
    model=Deal,
    icon="briefcase",
    url_name="deals",
    record_url="deal",
    words=Words(
        title=_("Deals"),
        new=_("New deal"),
        search=_("Search by title, company or contact"),
        nothing_yet=_("No deals yet"),
        what_for=_("A deal is something you try to sell. Add the first on the board."),
        first=_("To the board"),
        nothing_fits=_("No deal fits"),
    ),
    load=load_deals,
    search=search_deals,
    columns=("title", "stage", "amount", "company", "owner", "next_step", "expected_close"),
    order="-created",
    new_url="board",
    split=by_pipeline,
    layouts={"board": "board", "calendar": "deals_calendar"},
)
