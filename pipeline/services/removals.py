"""What is peculiar to deals that are deleted and brought back: their column, their place in it, and what follows from their history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection
from django.db.models import Min, QuerySet
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from crm import live, removing
from crm.errors import Refused
from crm.models import Removal, RemovedRow
from pipeline import ranks
from pipeline.models import Deal, Stage
from pipeline.services.fates import rebuild_fates
from pipeline.services.next_steps import refresh_next_step
from pipeline.services.places import lock_stages

DEAL = Deal._meta.label_lower


def register_deals() -> None:
    """Called once at start."""
    removing.register(
        removing.Removable(
            "deal",
            Deal,
            is_led=lambda deal: not deal.is_open,
            lock=_lock_columns,
            make_room=make_room,
            settle=settle,
            tell=_tell,
        )
    )
    removing.follow(DEAL, tell_boards)


def make_room(removal: Removal) -> None:
    """Find the deal's place in its column anew where another card stands there by now; Refused where the column is gone.

    A deal with its key that was imported meanwhile keeps the key.
    """
    kept = RemovedRow.objects.filter(removal=removal, label=DEAL, row_id=removal.record_id)
    names = {name: KT(f"row__{name}") for name in ("stage_id", "pipeline_id", "outcome", "rank", "import_key")}
    row = kept.annotate(**{f"deal_{name}": found for name, found in names.items()}).values(*(f"deal_{name}" for name in names)).first()
    if row is None:
        raise Refused(_("“%(name)s” can't be brought back: something else has taken its place.") % {"name": removal.name})
    if row["deal_outcome"] == "":
        stage = _open_stage(int(row["deal_stage_id"]))
        if card := Deal.objects.open().in_stage(stage).filter(rank=Decimal(row["deal_rank"])).first():
            _change(removal, "rank", format(_rank_below(card), "f"))
    if row["deal_import_key"] and Deal.objects.filter(pipeline=row["deal_pipeline_id"], import_key=row["deal_import_key"]).exists():
        _change(removal, "import_key", None)


def settle(deal_id: int) -> None:
    """What became of it after each stay follows from today's order of stages, its next step from its tasks."""
    rebuild_fates(deal_ids=[deal_id])
    refresh_next_step(deal_id)


def tell_boards(deal_ids: list[int]) -> None:
    """Cards of these deals show another company by now."""
    stages: dict[int, set[int]] = defaultdict(set)
    for pipeline, stage in Deal.objects.filter(pk__in=deal_ids).order_by().values_list("pipeline_id", "stage_id").distinct():
        stages[pipeline].add(stage)
    for pipeline, changed in stages.items():
        live.publish(f"pipeline:{pipeline}", stages=changed)


def _lock_columns(removals: Sequence[Removal]) -> None:
    kept = RemovedRow.objects.filter(removal__in=removals, label=DEAL).annotate(stage=KT("row__stage_id"))
    lock_stages({int(stage) for stage in kept.values_list("stage", flat=True)})


def _open_stage(stage_id: int) -> Stage:
    stage = Stage.objects.select_related("pipeline").filter(pk=stage_id).first()
    if stage is None:
        raise Refused(_("The stage it stood in is gone, so it can't be brought back."))
    if stage.archived_at or stage.pipeline.archived_at:
        raise Refused(
            _("It stood in “%(stage)s”, which is archived. An admin can bring that back, and then this.") % {"stage": stage.label}
        )
    return stage


def _rank_below(card: Deal) -> Decimal:
    """Right below the card that stands there now."""
    column = Deal.objects.open().filter(stage=card.stage_id)
    rank = _between(column, card)
    if ranks.is_crowded(rank):
        ranks.renumber(stage_id=card.stage_id, around=rank)
        card.refresh_from_db(fields=["rank"])
        rank = _between(column, card)
    return rank


def _between(column: QuerySet[Deal], card: Deal) -> Decimal:
    return ranks.between(card.rank, column.filter(rank__gt=card.rank).aggregate(next=Min("rank"))["next"])


def _change(removal: Removal, column: str, value: str | None) -> None:
    """In the database, since a number read by Python could come back rounded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_removedrow SET row = row || jsonb_build_object(%s::text, %s::text) WHERE removal_id = %s AND label = %s AND row_id = %s",
            [column, value, removal.pk, DEAL, removal.record_id],
        )


def _tell(deal: Deal, origin: str) -> None:
    live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)
    live.touch("deal", deal.pk, origin=origin)
