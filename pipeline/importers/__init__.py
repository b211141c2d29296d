"""Deals as something that can be imported, and taken back."""

from __future__ import annotations

from crm.importers import base, undo
from pipeline.importers.deal_undo import hold_deals, restore_deals
from pipeline.importers.deals import DealImporter
from pipeline.models import Deal, LostReason, Source, Stage


def register_deals() -> None:
    """Called once at start."""
    base.register(DealImporter)
    parts = {"pipeline.dealvisitmark"} | {relation.related_model._meta.label_lower for relation in Deal._meta.related_objects}
    undo.register("deal", Deal, hold=hold_deals, restore=restore_deals, parts=parts)
    undo.register("stage", Stage)
    undo.register("source", Source)
    undo.register("lost_reason", LostReason)
