"""What people are told about their tasks, meetings and inquiries."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import Meeting, Task
from crm.notices import Notice, Target, Words, register, register_target
from crm.templatetags.display import locale
from crm.templatetags.tasks import due_text

SHOWN_ITEMS = 3


def _when(words: Words, name: str = "at") -> str:
    return due_text(datetime.fromisoformat(words[name]), ZoneInfo(words["zone"]))


def _assigned(words: Words) -> str:
    return _("%(by)s gave you a task: %(title)s") % {"by": words.get("by"), "title": words.get("title")}


def _reminder(words: Words) -> str:
    gaps = {"title": words["title"], "when": _when(words)}
    if "late_since" in words:
        return _("Late reminder: %(title)s, %(when)s. It should have come %(since)s.") % (gaps | {"since": _when(words, "late_since")})
    return _("%(title)s, %(when)s") % gaps


def _digest(words: Words) -> str:
    titles = ", ".join(item["title"] for item in words["items"][:SHOWN_ITEMS])
    count = words["count"]
    more = "…" if count > SHOWN_ITEMS else ""
    told = ngettext(
        "%(count)s reminder is more than a day late: %(titles)s", "%(count)s reminders are more than a day late: %(titles)s", count
    )
    return told % {"count": count, "titles": titles + more}


def _digest_lines(words: Words) -> list[str]:
    return [f"- {_when(item)}: {item['title']}" for item in words["items"]]


def _time_and_place(words: Words) -> list[str]:
    zone = ZoneInfo(words["zone"])
    whole = format_datetime(datetime.fromisoformat(words["at"]).astimezone(zone), "EEEE, d MMMM y, HH:mm", locale=locale())
    return [f"{whole} ({zone.key})", *([words["place"]] if words.get("place") else [])]


def _invited(words: Words) -> str:
    return _("%(by)s invites you: %(title)s, %(when)s") % {"by": words["by"], "title": words["title"], "when": _when(words)}


def _moved(words: Words) -> str:
    return _("%(by)s moved %(title)s to %(when)s") % {"by": words["by"], "title": words["title"], "when": _when(words)}


def _called_off(words: Words) -> str:
    return _("%(by)s called off %(title)s, %(when)s") % {"by": words["by"], "title": words["title"], "when": _when(words)}


def _inquiry(words: Words) -> str:
    return _("%(sender)s writes: %(subject)s") % {"sender": words.get("sender") or _("Somebody"), "subject": words.get("subject")}


def register_all() -> None:
    """Called once at start."""
    register_target("task", Target(Task.objects.visible_to, "task"))
    register_target("meeting", Target(Meeting.objects.visible_to, "meeting"))
    register(Notice("task.assigned", "list-check", _assigned))
    register(Notice("task.reminder", "clock", _reminder, details=_time_and_place))
    register(Notice("meeting.reminder", "calendar-event", _reminder, details=_time_and_place))
    register(Notice("meeting.invited", "calendar-plus", _invited, details=_time_and_place))
    register(Notice("meeting.moved", "calendar-event", _moved, details=_time_and_place))
    register(Notice("meeting.cancelled", "calendar-x", _called_off, details=_time_and_place))
    register(Notice("reminder.digest", "clock", _digest, address=lambda _words: reverse("tasks"), details=_digest_lines))
    register(Notice("inquiry", "message", _inquiry))
    register(Notice("mention", "at", _mentioned))


def _mentioned(words: Words) -> str:
    if not words.get("text"):
        return _("%(by)s mentioned you in a note that has been deleted") % {"by": words.get("by", "")}
    return _("%(by)s mentioned you: %(text)s") % {"by": words.get("by", ""), "text": words.get("text", "")}
