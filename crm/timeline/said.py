"""What was said and written about a record: notes, calls, meetings, messages, files."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Attachment, Call, Meeting, Message, Note
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


class Meetings(TableSource):
    """Meetings at the time for which they are set, also those to come; with whoever of ours is there."""

    key, label, icon, order = "meeting", _("Meetings"), "calendar-event", 30
    template = "timeline/_meeting.html"
    model, at, actor = Meeting, "starts_at", "created_by"
    # Said as the index says it, so that it serves.
    where = "NOT (record = '')"

    def with_names(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """One more query where there are any."""
        return super().with_names(rows).prefetch_related("colleagues")

    def kind(self, row: Any) -> str:
        """Whether it lies ahead, took place, or not."""
        if row.is_cancelled:
            return "meeting-cancelled"
        if row.starts_at > timezone.now():
            return "meeting-coming"
        return "meeting-missed" if row.outcome == "no_show" else "meeting"


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
