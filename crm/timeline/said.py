"""What was said and written about a record: notes, calls, messages, files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.models import Attachment, Call, Message, Note
from crm.timeline.tables import TableSource


class Notes(TableSource):
    """Notes, as long as they exist."""

    key, label, icon, order = "note", _("Notes"), "note", 10
    template, deletion = "timeline/_note.html", "note_deletion"
    model, at = Note, "created_at"


class Calls(TableSource):
    """Calls with their outcome."""

    key, label, icon, order = "call", _("Calls"), "phone", 20
    template, deletion = "timeline/_call.html", "call_deletion"
    model = Call

    def kind(self, row: Any) -> str:
        """Whether somebody was reached."""
        return "call" if row.outcome == "reached" else "call-missed"


class Messages(TableSource):
    """Messages in and out; an inquiry that waits is marked."""

    key, label, icon, order = "message", _("Messages"), "mail", 40
    template, deletion = "timeline/_message.html", "message_deletion"
    model = Message

    def kind(self, row: Any) -> str:
        """Whether it waits for an answer."""
        return "inquiry" if row.is_unanswered else "message"


class Files(TableSource):
    """Files with their names and sizes."""

    key, label, icon, order = "file", _("Files"), "paperclip", 50
    template, deletion = "timeline/_file.html", "file_deletion"
    model, actor = Attachment, "uploaded_by"
