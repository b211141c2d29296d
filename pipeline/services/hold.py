"""Holding a deal while something about it is changed."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _

from crm.models import User
from pipeline import rules
from pipeline.models import Deal


def hold_deal(deal_id: int, by: User, *related: str) -> Deal:
    """The deal, with these records of it, locked until the transaction ends: whoever changes it or its parts goes one by one.

    Http404 where it isn't seen, Forbidden where it may not be edited.
    """
    seen = Deal.objects.visible_to(by).select_for_update(no_key=True, of=("self",))
    deal = (seen.select_related(*related) if related else seen).filter(pk=deal_id).first()
    if deal is None:
        raise Http404(_("This deal doesn't exist, or you may not see it."))
    rules.require(by, "deal.edit", deal)
    return deal
