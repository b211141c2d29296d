"""Who else bids for a deal."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from crm import events, live
from crm.cleaning import clean
from crm.errors import Refused
from crm.ids import read_id
from crm.models import User
from pipeline.models import Competitor, Deal, DealCompetitor
from pipeline.services.hold import hold_deal

MAX_RIVALS = 20


def add_rival(*, deal_id: int, competitor: int | str, note: str = "", by: User, origin: str = "") -> DealCompetitor:
    """Note that somebody else bids too (id, or name: a new name is added to the list); twice is once, with the newer note."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        chosen = find_or_add_competitor(competitor)
        rival = deal.rivals.filter(competitor=chosen).first()
        if rival is None and deal.rivals.count() >= MAX_RIVALS:
            raise Refused(_("A deal has at most %(count)s competitors.") % {"count": MAX_RIVALS})
        is_new = rival is None
        rival = rival or DealCompetitor(deal=deal, competitor=chosen)
        if not is_new and rival.note == note.strip():
            return rival
        rival.note = note.strip()
        clean(rival)
        rival.save()
        if is_new:
            _tell(deal, "competitor_added", chosen, by, origin)
    return rival


def remove_rival(*, deal_id: int, competitor_id: int, by: User, origin: str = "") -> DealCompetitor:
    """They don't bid, after all; the answer is what was removed."""
    with transaction.atomic():
        deal = hold_deal(deal_id, by)
        rival = deal.rivals.select_related("competitor").filter(competitor=competitor_id).first()
        if rival is None:
            raise Refused(_("This isn't in the list any more. Reload the page."))
        rival.delete()
        _tell(deal, "competitor_removed", rival.competitor, by, origin)
    return rival


def find_or_add_competitor(named: int | str) -> Competitor:
    """By id, or by a name of it in any language and case; a name that nobody has yet is added to the list."""
    pk = named if isinstance(named, int) else read_id(named)
    if pk or isinstance(named, int):
        found = Competitor.objects.live().filter(pk=pk).first()
        if found is None:
            raise Refused(_("This competitor doesn't exist any more. Choose another."))
        return found
    name = named.replace("\0", "").strip()
    bears_it = Q(name__iexact=name) | Q(labels__en__iexact=name) | Q(labels__ru__iexact=name)
    if found := Competitor.objects.filter(bears_it).order_by(F("archived_at").asc(nulls_first=True)).first():
        return found
    added = Competitor(name=name)
    clean(added)
    # Two who add the same name at once get the same row.
    return Competitor.objects.get_or_create(name=name)[0]


def _tell(deal: Deal, what: str, competitor: Competitor, by: User, origin: str) -> None:
    events.record(f"deal.{what}", record="deal", record_id=deal.pk, by=by, competitor=competitor.pk, title=competitor.name)
    live.publish(f"pipeline:{deal.pipeline_id}", stages=[deal.stage_id], origin=origin)
