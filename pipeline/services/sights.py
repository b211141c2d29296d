"""Noting who has looked at a deal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from crm.models import User
from pipeline.models import Deal, DealVisitMark
from pipeline.models.sights import SITTING


def mark_seen(*, deal_id: int, at: datetime, by: User) -> DealVisitMark:
    """Note that this person looks at the deal; the beginning of the visit before is kept as long as this one lasts.

    Writes no event: that somebody looked is nobody else's business.
    """
    with transaction.atomic():
        if not Deal.objects.visible_to(by).filter(pk=deal_id).exists():
            raise Http404(_("This deal doesn't exist, or you may not see it."))
        DealVisitMark.objects.bulk_create([DealVisitMark(deal_id=deal_id, user=by, seen_at=at)], ignore_conflicts=True)
        mark = DealVisitMark.objects.select_for_update().get(deal=deal_id, user=by)
        if at - mark.seen_at > SITTING:
            mark.before = mark.seen_at
        mark.seen_at = max(at, mark.seen_at)
        mark.save(update_fields=["seen_at", "before"])
    return mark
