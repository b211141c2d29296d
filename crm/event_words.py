"""How a timeline tells of what happens to any record beside its fields."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm import records


def record_words(type: str, told: dict[str, Any]) -> str:
    """The event as a sentence; nothing for one that isn't known here."""
    noun, _dot, happened = type.partition(".")
    if noun == "inquiry":
        return {"closed": _("Answered some other way"), "reopened": _("Waits for an answer again")}.get(happened, "")
    if noun in records.registered() and happened in ("deleted", "restored"):
        return pgettext("timeline", "Deleted") if happened == "deleted" else pgettext("timeline", "Brought back")
    words = {
        "created": pgettext("timeline", "Added"),
        "merged": _("Merged with %(name)s") % {"name": told.get("name") or "…"},
        "unmerged": _("Taken apart again"),
    }
    return words.get(happened, "")
