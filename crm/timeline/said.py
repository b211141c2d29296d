"""What was said and written about a record: notes, calls, messages, files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Attachment, Call, Message, Note
from crm.timeline.tables import TableSource


class Notes(TableSource):
    """Notes, as long as they exist."""

    key, label, icon, order = "note", _("Notes"), "note", 10
    template = "timeline/_note.html"
    model, at = Note, "created_at"


class Calls(TableSource):
    """Calls with their outcome."""

    key, label, icon, order = "call", _("Calls"), "phone", 20
    template = "timeline/_call.html"
    model = Call

    def kind(self, row: Any) -> str:
        """Whether somebody was reached."""
        return "call" if row.outcome == "reached" else "call-missed"


class Messages(TableSource):
    """Messages in and out; an inquiry that waits is marked."""

    key, label, icon, order = "message", _("Messages"), "mail", 40
    template = "timeline/_message.html"
    model = Message

    def kind(self, row: Any) -> str:
        """Whether it waits for an answer."""
        return "inquiry" if row.is_unanswered else "message"


class Files(TableSource):
    """Files with their names and sizes."""

    key, label, icon, order = "file", _("Files"), "paperclip", 50
    template = "timeline/_file.html"
    model, actor = Attachment, "uploaded_by"
