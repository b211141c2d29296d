"""Where a deal stands: locking it in the one order that holds, and writing its next visit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Min
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.errors import Stale
from crm.models import Company, User
from pipeline import ranks
from pipeline.models import Deal, Exit, Fate, Outcome, Stage, StageVisit

# Written out, since composing it from querysets took longer than everything else in a move, and with questions in place of
# joins, which PostgreSQL takes twice as long to plan. What stands beside the deal can't change while its column is locked, so
# the values are those of the locked row.
PLACE = """
SELECT deal.*,
    (SELECT name FROM crm_company WHERE id = deal.company_id) AS place_company,
    (SELECT name FROM crm_user WHERE id = deal.owner_id) AS place_owner,
    target.rank AS place_target_rank,
    (
        SELECT max(rank) FROM pipeline_deal
        WHERE stage_id = %(stage)s AND outcome = '' AND id <> deal.id AND rank < coalesce(target.rank, 'infinity')
    ) AS place_above_rank,
    latest.id AS place_visit_id, latest.seq AS place_visit_seq,
    (SELECT position FROM pipeline_stage WHERE id = latest.stage_id) AS place_position,
    EXISTS (SELECT FROM pipeline_stagevisit WHERE deal_id = deal.id AND stage_id = %(stage)s) AS place_was_there,
    front.id AS place_front_id, front.stage_id AS place_front_stage_id,
    (SELECT position FROM pipeline_stage WHERE id = front.stage_id) AS place_front_position
FROM pipeline_deal AS deal
LEFT JOIN pipeline_deal AS target
    ON target.id = %(before)s AND target.id <> deal.id AND target.stage_id = %(stage)s AND target.outcome = ''
JOIN LATERAL (
    SELECT id, seq, stage_id FROM pipeline_stagevisit WHERE deal_id = deal.id ORDER BY seq DESC LIMIT 1
) AS latest ON true
JOIN LATERAL (
    SELECT id, stage_id FROM pipeline_stagevisit WHERE deal_id = deal.id AND is_front ORDER BY seq DESC LIMIT 1
) AS front ON true
WHERE deal.id = %(deal)s
FOR NO KEY UPDATE OF deal
"""

# Ends one stay, begins the next and moves the card: a locked column waits for one journey to the database instead of three.
STEP = """
WITH ended AS (
    UPDATE pipeline_stagevisit SET left_at = %(at)s, exit = 'moved', left_by_id = %(by)s, fate = %(fate)s, fate_at = %(fate_at)s
    WHERE id = %(visit)s RETURNING deal_id, seq
), begun AS (
    INSERT INTO pipeline_stagevisit
        (deal_id, stage_id, seq, entered_at, entered_by_id, exit, fate, is_front, furthest_before_id, is_late, is_back)
    SELECT deal_id, %(stage)s, seq + 1, %(at)s, %(by)s, '', '', %(is_front)s, %(furthest_before_id)s::bigint, %(is_late)s, %(is_back)s
    FROM ended RETURNING id, deal_id
)
UPDATE pipeline_deal AS deal SET stage_id = %(stage)s, stage_entered_at = %(at)s, rank = %(rank)s, version = version + 1
FROM begun WHERE deal.id = begun.deal_id RETURNING begun.id, version
"""


@dataclass
class Place:
    """A locked deal and all that decides what happens to it, read in one statement under its columns' locks."""

    deal: Deal
    target_rank: Decimal | None
    above_rank: Decimal | None
    visit_id: int
    visit_seq: int
    position: int
    was_there: bool
    front_id: int
    front_stage_id: int
    front_position: int

    def rank(self) -> Decimal:
        """Right above the card that was asked for, or at the end of the column where it isn't there."""
        return ranks.between(self.above_rank, self.target_rank)

    def now(self) -> datetime:
        """This instant, or the start of the latest visit where another server's clock runs ahead."""
        return max(timezone.now(), self.deal.stage_entered_at, self.deal.closed_at or self.deal.stage_entered_at)

    def course_to(self, stage: Stage) -> dict[str, Any]:
        """What a visit there, begun now, is in the deal's course."""
        is_front = stage.position > self.front_position
        return {
            "is_front": is_front,
            "furthest_before_id": self.front_stage_id if is_front else None,
            "is_late": not is_front and not self.was_there,
            "is_back": self.position > stage.position,
        }


PLACE_NAMES = [field.name for field in fields(Place) if field.name != "deal"]


def lock_stages(ids: set[int]) -> dict[int, Stage]:
    """Lock columns in order of id: always before any deal, so that two moves never wait for each other in a ring."""
    stages = Stage.objects.filter(pk__in=ids).select_related("pipeline").order_by("pk")
    return {stage.pk: stage for stage in stages.select_for_update(of=("self",), no_key=True)}


def read_place(deal_id: int, *, to_stage: int, before: int | None = None) -> Place:
    """Lock the deal (its columns are locked already) and read its place and the neighbours of the new one; one statement."""
    found = list(Deal.objects.raw(PLACE, {"deal": deal_id, "stage": to_stage, "before": before}))
    if not found:
        raise Http404(_("This deal doesn't exist, or you may not see it."))
    deal = found[0]
    names = vars(deal)
    if deal.company_id:
        deal.company = Company.from_db(deal._state.db, ["id", "name"], [deal.company_id, names["place_company"]])
    if deal.owner_id:
        deal.owner = User.from_db(deal._state.db, ["id", "name"], [deal.owner_id, names["place_owner"]])
    return Place(deal, **{name: getattr(deal, f"place_{name}") for name in PLACE_NAMES})


def top_rank(stage: Stage) -> Decimal:
    """The rank above all cards of a column, which must be locked; one query."""
    return ranks.between(None, Deal.objects.open().in_stage(stage).aggregate(first=Min("rank"))["first"])


def set_rank(place: Place, stage: Stage, rank: Decimal, before: int | None = None) -> None:
    """Note the card's new rank; where the gap has become too narrow, make room first."""
    deal = place.deal
    deal.stage, deal.rank = stage, rank
    if ranks.is_crowded(rank):
        ranks.renumber(stage_id=stage.pk, around=rank)
        deal.rank = read_place(deal.pk, to_stage=stage.pk, before=before).rank()


def step(place: Place, stage: Stage, *, at: datetime, by: User) -> int:
    """End the open stay, begin the next and put the card where `set_rank` said; the new visit's id."""
    deal, course = place.deal, place.course_to(stage)
    is_front = course["is_front"]
    fate: dict[str, Any] = {"fate": Fate.ADVANCED.value, "fate_at": at} if is_front else {"fate": Fate.OPEN.value, "fate_at": None}
    values: dict[str, Any] = {
        "visit": place.visit_id,
        "stage": stage.pk,
        "at": at,
        "by": by.pk,
        "rank": deal.rank,
    }
    if is_front and place.front_id != place.visit_id:  # it had stepped back and now goes further than ever
        StageVisit.objects.filter(pk=place.front_id).update(**fate)
        fate = {"fate": Fate.OPEN.value, "fate_at": None}
    with connection.cursor() as cursor:
        cursor.execute(STEP, values | course | fate)
        visit_id, deal.version = cursor.fetchone()
    deal.stage_entered_at = at
    return int(visit_id)


def open_visit(place: Place, stage: Stage, *, at: datetime, by: User | None) -> StageVisit:
    """Begin a stay of a closed deal, whose outcome no longer stands."""
    course = place.course_to(stage)
    fate = {"fate": Fate.ADVANCED, "fate_at": at} if course["is_front"] else {"fate": Fate.OPEN, "fate_at": None}
    StageVisit.objects.filter(pk=place.front_id).update(**fate)
    return StageVisit.objects.create(
        deal=place.deal,
        stage=stage,
        seq=place.visit_seq + 1,
        entered_at=at,
        entered_by=by,
        **course,
    )


def end_visit(place: Place, *, exit: Exit, at: datetime, by: User | None, **reason: Any) -> None:
    """End the open visit with an outcome, which is also the fate of the furthest visit."""
    fate = {"fate": Fate.ADVANCED if exit == Exit.WON else Fate.LOST, "fate_at": at}
    ending = {"left_at": at, "exit": exit, "left_by": by, **reason}
    if place.front_id == place.visit_id:
        ending |= fate
    else:
        StageVisit.objects.filter(pk=place.front_id).update(**fate)
    StageVisit.objects.filter(pk=place.visit_id).update(**ending)


def stale(deal: Deal) -> Stale:
    """Somebody was faster: say who and with what, and how the deal is now. One query."""
    rank = None if deal.rank is None else f"{deal.rank.normalize():f}"
    current = {"id": deal.pk, "stage": deal.stage_id, "version": deal.version, "outcome": deal.outcome, "rank": rank}
    latest = deal.visits.select_related("stage", "entered_by", "left_by").order_by("seq").last()
    return Stale(_told(deal, latest), current)


def _told(deal: Deal, latest: StageVisit | None) -> str:
    by = latest and (latest.entered_by if deal.is_open else latest.left_by)
    if latest is None or by is None:
        return _("Somebody else has just moved or closed this deal. This is how it stands now.")
    names = {"name": by.name, "stage": latest.stage.label}
    if deal.is_open:
        return _("%(name)s has just moved this deal to “%(stage)s”. This is how it stands now.") % names
    if deal.outcome == Outcome.WON:
        return _("%(name)s has just marked this deal as won. This is how it stands now.") % names
    return _("%(name)s has just marked this deal as lost. This is how it stands now.") % names
