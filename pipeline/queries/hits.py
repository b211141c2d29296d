"""Deals as the search shows them."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import User
from crm.searching import Hit
from crm.templatetags.display import money
from pipeline.models import Deal, Outcome


def deal_hits(ids: Sequence[int], viewer: User) -> list[Hit]:
    """Those deals that the viewer sees, the open ones to be shown first. One query."""
    deals = Deal.objects.visible_to(viewer).filter(pk__in=ids).select_related("stage", "company")
    return [_hit(deal) for deal in deals]


def _hit(deal: Deal) -> Hit:
    second = " · ".join(part for part in (str(deal.company or ""), money(deal.amount, deal.currency)) if part)
    note, hue = (deal.stage.label, deal.stage.colour) if deal.is_open else (_("Won") if deal.outcome == Outcome.WON else _("Lost"), "")
    return Hit("deal", deal.pk, deal.title, reverse("deal", args=[deal.pk]), "briefcase", second, note, hue, is_over=not deal.is_open)
