"""How a timeline tells of what happens to a deal beside its fields: items, quotes, competitors, checklist."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _


def deal_words(type: str, told: dict[str, Any]) -> str:
    """The event as a sentence; nothing for one that isn't known here."""
    # A line is told by its name alone; of the rest, `title` is the name and `item` a number.
    name = str(told.get("title") or told.get("item") or "")
    if type == "deal.items_changed":
        words = {
            "added": _("Item added: %(name)s"),
            "changed": _("Item changed: %(name)s"),
            "removed": _("Item removed: %(name)s"),
            "restored": _("Item back again: %(name)s"),
            "ordered": _("Items put into another order"),
        }
        return words.get(str(told.get("what")), _("Items changed")) % {"name": name}
    if type == "deal.amount_source_changed":
        return _("The amount comes from the items") if told.get("from_items") else _("The amount is typed")
    if type == "deal.retold":
        return _("The history of its stages came from a file")
    words = {
        "quote.created": _("Quote %(name)s made"),
        "quote.renewed": _("Quote %(name)s renewed"),
        "quote.drafted": _("Quote %(name)s is a draft again"),
        "quote.sent": _("Quote %(name)s sent"),
        "quote.accepted": _("Quote %(name)s accepted"),
        "quote.declined": _("Quote %(name)s declined"),
        "deal.competitor_added": _("Competitor: %(name)s"),
        "deal.competitor_removed": _("No competitor any more: %(name)s"),
        "deal.contact_added": _("Has a part in it: %(name)s"),
        "deal.contact_role_changed": _("Another role: %(name)s"),
        "deal.contact_removed": _("Has no part in it any more: %(name)s"),
        "checklist.ticked": _("Done: %(name)s"),
        "checklist.unticked": _("Not done after all: %(name)s"),
    }
    return words[type] % {"name": name} if type in words else ""
