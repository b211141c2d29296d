"""Imports in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from crm.models import ImportBatch, ImportedRow, ImportState

register = template.Library()
HUES = {ImportState.DONE: "pill-success", ImportState.RUNNING: "pill-accent", ImportState.REVERTING: "pill-accent"}
SYSTEMS = {
    "hubspot": "HubSpot",
    "pipedrive": "Pipedrive",
    "salesforce": "Salesforce",
    "amocrm": "amoCRM",
    "bitrix24": "Bitrix24",
    "google": "Google",
    "outlook": "Outlook",
    "vcard": "vCard",
}


@register.simple_tag
def import_hue(batch: ImportBatch) -> str:
    """The colour of the pill that names its state."""
    return "pill-warning" if batch.is_broken_off else HUES.get(ImportState(batch.state), "")


@register.simple_tag
def import_state(batch: ImportBatch) -> str:
    """How it stands."""
    return _("Broken off") if batch.is_broken_off else str(ImportState(batch.state).label)


@register.simple_tag
def import_row(row: ImportedRow) -> str:
    """Which row, and what of it."""
    words = {"deal": _("deal"), "contact": _("contact"), "company": _("company"), "note": _("note"), "tag": _("tag"), "user": _("person")}
    what = words.get(row.record, row.record)
    return _("Row %(line)s, %(what)s") % {"line": row.line, "what": what} if row.line else what


@register.filter
def system_name(system: str) -> str:
    """A program by its own name."""
    return SYSTEMS.get(system, system)
