"""What deals can be filtered by, and what deals say of contacts and companies."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import segments
from crm.filtering.clients import all_tags, all_teams
from crm.filtering.dates import DATE
from crm.filtering.fields import FilterField, register
from crm.filtering.reader import Reader
from crm.filtering.tasks import about_record
from crm.filtering.types import CHOICE, MONEY, NOTHING, PERSON, RECORD, TAG, TEXT, YES_NO
from crm.models import Company, Contact
from pipeline.models import Deal, LostReason, NextStep, Outcome, Pipeline, Source, Stage
from pipeline.models.deals import next_step_condition
from pipeline.queries.board_filters import rotting_condition

OUTCOMES = {"open": Outcome.OPEN, "won": Outcome.WON, "lost": Outcome.LOST}


def all_pipelines(_reader: Reader) -> list[tuple[str, Any]]:
    """The pipelines; one query."""
    return [(str(pipeline.pk), pipeline.label) for pipeline in Pipeline.objects.all()]


def all_stages(_reader: Reader) -> list[tuple[str, Any]]:
    """The stages in the order of the board, each with its pipeline where there are several; one query."""
    stages = list(Stage.objects.select_related("pipeline").order_by("pipeline", "position", "pk"))
    several = len({stage.pipeline_id for stage in stages}) > 1
    return [(str(stage.pk), f"{stage.label} ({stage.pipeline.label})" if several else stage.label) for stage in stages]


def all_sources(_reader: Reader) -> list[tuple[str, Any]]:
    """Where deals come from; one query."""
    return [(str(source.pk), source.label) for source in Source.objects.all()]


def all_reasons(_reader: Reader) -> list[tuple[str, Any]]:
    """Why deals are lost; one query."""
    return [(str(reason.pk), reason.label) for reason in LostReason.objects.all()]


def about_outcome(operator: str, value: Any, _reader: Reader) -> Q:
    """Open, won or lost; a deal always is one of them."""
    found = _any_of([Q(outcome=OUTCOMES[one]) for one in _listed(value)])
    return {"is_not": ~found, "none_of": ~found, "empty": NOTHING, "filled": ~NOTHING}.get(operator, found)


def about_next_step(operator: str, value: Any, reader: Reader) -> Q:
    """How the next step of an open deal stands today."""
    open_ = Q(outcome=Outcome.OPEN)
    if operator in ("empty", "filled"):
        return open_ & (Q(next_step_on=None) if operator == "empty" else Q(next_step_on__isnull=False))
    found = open_ & _any_of([next_step_condition(one, reader.today) for one in _listed(value)])
    return open_ & ~found if operator in ("is_not", "none_of") else found


def about_rotting(_operator: str, value: Any, reader: Reader) -> Q:
    """Open deals that stand longer than their stage allows, or all others; one query for the limits."""
    limits = list(Stage.objects.exclude(rot_days=None).only("rot_days"))
    found = Q(outcome=Outcome.OPEN) & rotting_condition(limits, reader.now)
    return found if value else ~found


def about_open_deals(field: str) -> Callable[[str, Any, Reader], Q]:
    """Whether a contact or company has an open deal that the reader sees."""

    def condition(_operator: str, value: Any, reader: Reader) -> Q:
        deals = Deal.objects.visible_to(reader.user).open().exclude(**{field: None})
        found = Q(pk__in=deals.order_by().values(field))
        return found if value else ~found

    return condition


def register_deals() -> None:
    """Make them known; called once at start."""
    register(
        "deal",
        FilterField("title", _("Title"), TEXT, "title"),
        FilterField(
            "outcome", _("Outcome"), CHOICE, condition=about_outcome, choices=lambda _reader: zip(OUTCOMES, Outcome.labels, strict=True)
        ),
        FilterField("stage", _("Stage"), CHOICE, "stage", choices=all_stages),
        FilterField("pipeline", _("Pipeline"), CHOICE, "pipeline", choices=all_pipelines),
        FilterField("amount", _("Amount"), MONEY, "amount"),
        FilterField("owner", _("Owner"), PERSON, "owner"),
        FilterField("team", _("Team"), CHOICE, "team", choices=all_teams),
        FilterField("next_step", _("Next step"), CHOICE, condition=about_next_step, choices=lambda _reader: NextStep.choices),
        FilterField("rotting", _("Standing too long"), YES_NO, condition=about_rotting),
        FilterField("expected_close", _("Expected close"), DATE, "expected_close"),
        FilterField("company", _("Company"), RECORD, "company", record="company"),
        FilterField("contact", _("Contact"), RECORD, "contact", record="contact"),
        FilterField("tags", _("Tags"), TAG, "tags", choices=all_tags),
        FilterField("source", _("Source"), CHOICE, "source", choices=all_sources),
        FilterField("lost_reason", _("Lost reason"), CHOICE, "lost_reason", choices=all_reasons),
        FilterField("created", _("Created"), DATE, "created_at", is_instant=True),
        FilterField("closed", _("Closed"), DATE, "closed_at", is_instant=True),
        FilterField("stage_entered", _("In this stage since"), DATE, "stage_entered_at", is_instant=True),
    )
    for kind in ("task", "meeting"):
        register(kind, FilterField("deal", _("Deal"), RECORD, condition=about_record("deal"), record="deal"))
    segments.connect("deal", "contact", lambda found, _reader: Q(contact__in=Contact.objects.filter(found).order_by().values("pk")))
    segments.connect("deal", "company", lambda found, _reader: Q(company__in=Company.objects.filter(found).order_by().values("pk")))
    for kind in ("contact", "company"):
        register(kind, FilterField("open_deals", _("Has open deals"), YES_NO, condition=about_open_deals(kind)))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _any_of(conditions: list[Q]) -> Q:
    return reduce(or_, conditions, NOTHING)
