"""Deals as something that can be imported, and taken back."""

from __future__ import annotations

from crm.importers import base, undo
from pipeline.importers.deals import DealImporter
from pipeline.models import Deal, LostReason, Source, Stage


def register_deals() -> None:
    """Called once at start."""
    base.register(DealImporter)
    parts = {relation.related_model._meta.label_lower for relation in Deal._meta.related_objects}
    undo.register("deal", Deal, remove=remove_deals, parts=parts)
    undo.register("stage", Stage)
    undo.register("source", Source)
    undo.register("lost_reason", LostReason)


def remove_deals(ids: list[int]) -> None:
    """Delete deals with their histories, in the order of locks that every writer of columns keeps: stages by id, then deals by id."""
    stages = Deal.objects.filter(pk__in=ids).values("stage")
    list(Stage.objects.filter(pk__in=stages).order_by("id").select_for_update(no_key=True).values_list("pk"))
    list(Deal.objects.filter(pk__in=ids).order_by("id").select_for_update().values_list("pk"))
    Deal.objects.filter(pk__in=ids).delete()
