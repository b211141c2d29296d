"""What people are told about their tasks and meetings."""

from __future__ import annotations

from django.utils.translation import gettext as _

from crm.notices import Notice, Words, register


def _assigned(words: Words) -> str:
    return _("%(by)s gave you a task: %(title)s") % {"by": words.get("by"), "title": words.get("title")}


def register_all() -> None:
    """Called once at start."""
    register(Notice("task.assigned", "list-check", _assigned))
