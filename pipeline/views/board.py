"""The board and its parts: find, call, render."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.errors import Refused
from crm.models import User
from crm.queries.known import likely_companies
from crm.views.lists import reader_of
from pipeline.models import Deal, LostReason, NextStep, Outcome, Pipeline, Stage
from pipeline.queries.board import MAX_CARDS, Board, board, card_of, heads, hidden_by_filters, next_cards
from pipeline.queries.board_filters import Filters
from pipeline.queries.deal_parts import known_competitors
from pipeline.quick_add import read_line
from pipeline.services.deals import create_deal
from pipeline.services.moves import move_deal, move_deals
from pipeline.services.outcomes import close_deal, reopen_deal
from pipeline.views.filter_chips import chips
from pipeline.views.layouts import layouts_of

MAX_LINE, MAX_TITLE = 300, 200
MAX_NUMBER = 2**63 - 1


@require_GET
@login_required
def show_board(request: HttpRequest, pipeline_id: int | None = None) -> HttpResponse:
    """The whole board of a pipeline, of the first one unless said otherwise."""
    pipelines = list(Pipeline.objects.live())
    pipeline = next((p for p in pipelines if pipeline_id in (None, p.pk)), None)
    if pipeline is None and pipeline_id is not None:
        raise Http404(_("This pipeline doesn't exist."))
    if pipeline is None:
        return render(request, "board/none.html")
    filters = Filters.read(request.GET)
    shown = _board(request, pipeline, filters)
    choices = _people(request.user)
    return render(
        request,
        "board/board.html",
        {
            "board": shown,
            "pipeline": pipeline,
            "pipelines": pipelines,
            "filters": filters,
            "owners": choices,
            "teams": sorted({person.team for person in choices if person.team}, key=str) if request.user.is_admin else [],
            "steps": NextStep.choices,
            "chips": list(chips(filters, people=choices, currency=pipeline.currency, reader=reader_of(request))),
            "layouts": layouts_of(filters, pipeline, reader_of(request)),
            "layout": "board",
            "sees": _whose(request.user),
        },
    )


@require_GET
@login_required
def show_columns(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Some columns again, as long as the browser has them: `stages=1,2&loaded=12,50`; with `all` every stage there is by now."""
    pipeline = get_object_or_404(Pipeline.objects.live(), pk=pipeline_id)
    stages = whole_numbers(request.GET.get("stages", ""))
    loaded = dict(zip(stages, whole_numbers(request.GET.get("loaded", "")), strict=False))
    filters = Filters.read(request.GET)
    shown = _board(request, pipeline, filters, only=None if request.GET.get("all") else stages or None, loaded=loaded)
    return render(request, "board/columns.html", {"board": shown, "pipeline": pipeline, "filters": filters})


@require_GET
@login_required
def show_more_cards(request: HttpRequest, pipeline_id: int, stage_id: int) -> HttpResponse:
    """The next cards of a column, below the rank `after`."""
    stage = get_object_or_404(Stage.objects.live().select_related("pipeline"), pk=stage_id, pipeline=pipeline_id)
    try:
        after = Decimal(request.GET.get("after", "")[:80])
    except InvalidOperation:
        after = Decimal("NaN")
    if not after.is_finite() or abs(after) >= Decimal(10) ** 30:
        raise Refused(_("The next cards can't be found. Reload the board."))
    loaded = whole_number(request.GET.get("loaded", "")) or 0
    column = next_cards(stage=stage, filters=Filters.read(request.GET), after=after, loaded=min(loaded, MAX_CARDS), **_reader(request))
    return render(request, "board/_cards.html", {"column": column, "pipeline": stage.pipeline})


@require_POST
@login_required
def create_move(request: HttpRequest, deal_id: int) -> HttpResponse:
    """A card was dropped: `stage, before, version`; answers the card and the heads of both columns."""
    move = move_deal(
        deal_id=deal_id,
        to_stage=asked_number(request, "stage"),
        before=whole_number(request.POST.get("before", "")),
        version=whole_number(request.POST.get("version", "")),
        by=request.user,
        origin=tab_of(request),
    )
    stages = [move.from_stage, move.to_stage] if move.changed_stage else [move.to_stage]
    return _answer(request, stages=stages, deals=[move.deal], at_end=move.at_end)


@require_POST
@login_required
def create_moves(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Several cards were dropped together: `deals=1,2,3`, their `versions=0,4,1`, `stage`, `before`."""
    deals = whole_numbers(request.POST.get("deals", "")) or _refuse_nothing()
    versions = whole_numbers(request.POST.get("versions", ""))
    moves = move_deals(
        deal_ids=deals,
        versions=dict(zip(deals, versions, strict=False)),
        to_stage=asked_number(request, "stage"),
        before=whole_number(request.POST.get("before", "")),
        by=request.user,
        origin=tab_of(request),
    )
    stages = {stage.pk: stage for move in moves for stage in (move.from_stage, move.to_stage)}
    return _answer(request, stages=list(stages.values()), deals=[move.deal for move in moves], at_end=moves[-1].at_end)


@require_POST
@login_required
def create_outcome(request: HttpRequest, deal_id: int) -> HttpResponse:
    """A deal was won, lost (`lost_reason`) or `reopened`; answers its card and its column's head."""
    asked = {"deal_id": deal_id, "version": whole_number(request.POST.get("version", "")), "by": request.user, "origin": tab_of(request)}
    outcome = request.POST.get("outcome", "")
    if outcome == "reopened":
        deal = reopen_deal(**asked)
    else:
        posted = request.POST
        reason = posted.get("lost_reason") or posted.get("new_reason")
        deal = close_deal(outcome=outcome, lost_reason=reason, lost_to=posted.get("lost_to"), **asked)
    return _answer(request, stages=[deal.stage], deals=[deal])


@require_POST
@login_required
def create_board_deal(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """One line typed into a column becomes a deal at its top."""
    stage = get_object_or_404(Stage, pk=asked_number(request, "stage"), pipeline=pipeline_id)
    line = request.POST.get("title", "").replace("\0", "")
    typed = read_line(line)
    if len(line) > MAX_LINE or len(typed.title) > MAX_TITLE:
        raise Refused(_("A title has at most 200 characters."))
    if not typed.title:
        raise Refused(_("Write what the deal is about before the @."))
    deal = create_deal(
        title=typed.title,
        stage=stage.pk,
        amount=typed.amount,
        currency=typed.currency,
        company=typed.company or None,
        by=request.user,
        origin=tab_of(request),
    )
    return _answer(request, stages=[stage], deals=[deal], status=201)


@require_GET
@login_required
def show_likely_companies(request: HttpRequest, pipeline_id: int) -> HttpResponse:
    """Companies that the line being typed may mean, where it would add one more: `line`."""
    typed = read_line(request.GET.get("line", "").replace("\0", "")[:MAX_LINE]).company
    found = likely_companies(typed, viewer=request.user) if typed else None
    return render(request, "clients/_likely.html", {"companies": found, "typed": typed})


@require_GET
@login_required
def show_lost_reasons(request: HttpRequest) -> HttpResponse:
    """The reasons to choose from when a deal is lost."""
    return render(request, "board/_lost_reasons.html", {"reasons": LostReason.objects.live(), "competitors": known_competitors()})


def _board(
    request: HttpRequest, pipeline: Pipeline, filters: Filters, *, only: list[int] | None = None, loaded: Mapping[int, int] | None = None
) -> Board:
    return board(pipeline=pipeline, filters=filters, only=only, loaded=loaded, **_reader(request))


def _answer(request: HttpRequest, *, stages: list[Stage], deals: list[Deal], at_end: bool = False, status: int = 200) -> HttpResponse:
    """The cards that changed (closed ones have left, and some the filters hide) and the heads of the columns concerned."""
    reader = _reader(request)
    filters = Filters.read(request.GET)
    by_id = {stage.pk: stage for stage in stages}
    pipeline = stages[0].pipeline
    return render(
        request,
        "board/changed.html",
        {
            "columns": heads(pipeline=pipeline, stages=stages, filters=filters, **reader),
            "unfit": hidden_by_filters(deals=deals, stages=stages, filters=filters, **reader),
            "cards": [card_of(deal, stage=by_id[deal.stage_id], today=reader["today"], now=reader["now"]) for deal in deals],
            "pipeline": pipeline,
            "at_end": at_end,
            "outcomes": Outcome,
        },
        status=status,
    )


def _reader(request: HttpRequest) -> dict[str, Any]:
    """Who reads, when, and in which currency rates are kept."""
    organisation = request.organisation
    return {"viewer": request.user, "now": request.now, "today": organisation.today(request.now), "base_currency": organisation.currency}


def _people(viewer: User) -> list[User]:
    """Whose deals the viewer can filter by: nobody's but their own for a rep of a closed team."""
    people = (
        User.objects.filter(Q(is_active=True) | Exists(Deal.objects.open().filter(owner=OuterRef("pk"))))
        .select_related("team")
        .only("name", "email", "team__name")
    )
    if viewer.is_admin:
        return list(people)
    if viewer.team_id and (viewer.is_manager or viewer.team.is_open):
        return list(people.filter(team=viewer.team_id))
    return []


def _whose(viewer: User) -> str:
    if viewer.is_admin:
        return _("All deals")
    if viewer.team_id and (viewer.is_manager or viewer.team.is_open):
        return _("Team %(team)s") % {"team": viewer.team.name}
    return _("Your deals")


def _refuse_nothing() -> list[int]:
    raise Refused(_("Choose at least one deal."))


def tab_of(request: HttpRequest) -> str:
    """The browser tab that asked, which ignores its own echo."""
    return request.headers.get("X-Tab", "")[:64]


def whole_number(text: str) -> int | None:
    """A number from the address or a form; nothing for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_NUMBER else None


def whole_numbers(text: str) -> list[int]:
    """`1,2,3`; what is no number is left out."""
    return [number for part in text[:5000].split(",") if (number := whole_number(part.strip())) is not None]


def asked_number(request: HttpRequest, name: str) -> int:
    """A number that the form must bring."""
    number = whole_number(request.POST.get(name, ""))
    if number is None:
        raise Refused(_("Choose a stage."))
    return number
