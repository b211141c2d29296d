from crm.models.activities import Note
from crm.models.attachments import Attachment
from crm.models.bulk import BulkChange, BulkRow
from crm.models.calls import Call, CallOutcome, Direction
from crm.models.contacts import Company, Consent, Contact
from crm.models.custom_fields import CustomField, FieldKind
from crm.models.duplicates import DuplicatePair, Likeness, Merge, PairState
from crm.models.feeds import CalendarFeed
from crm.models.hooks import InboundHook
from crm.models.imports import Automation, Duplicates, ExternalId, ImportBatch, ImportedRow, ImportState, MappingMemory, RowAction
from crm.models.jobs import Job, JobState
from crm.models.journal import Event
from crm.models.keys import ApiKey, IdempotentAnswer
from crm.models.meetings import Attendance, Meeting, MeetingOutcome
from crm.models.messages import Channel, Message
from crm.models.notifications import Letter, LetterState, Notification
from crm.models.organisation import ExchangeRate, Organisation
from crm.models.reminders import Reminder, ReminderState
from crm.models.removals import Removal, RemovedLink, RemovedRow
from crm.models.search import SearchEntry, SearchNews, SearchWord
from crm.models.snoozes import Snooze
from crm.models.tag_changes import TagChange, TagChangeRow
from crm.models.tags import Tag
from crm.models.tasks import Priority, Repeat, Task
from crm.models.users import Role, Team, User
from crm.models.views import Layout, SavedView

__all__ = [
    "ApiKey",
    "Attachment",
    "Attendance",
    "Automation",
    "BulkChange",
    "BulkRow",
    "CalendarFeed",
    "Call",
    "CallOutcome",
    "Channel",
    "Company",
    "Consent",
    "Contact",
    "CustomField",
    "Direction",
    "DuplicatePair",
    "Duplicates",
    "Event",
    "ExchangeRate",
    "ExternalId",
    "FieldKind",
    "IdempotentAnswer",
    "ImportBatch",
    "ImportState",
    "ImportedRow",
    "InboundHook",
    "Job",
    "JobState",
    "Layout",
    "Letter",
    "LetterState",
    "Likeness",
    "MappingMemory",
    "Meeting",
    "MeetingOutcome",
    "Merge",
    "Message",
    "Note",
    "Notification",
    "Organisation",
    "PairState",
    "Priority",
    "Reminder",
    "ReminderState",
    "Removal",
    "RemovedLink",
    "RemovedRow",
    "Repeat",
    "Role",
    "RowAction",
    "SavedView",
    "SearchEntry",
    "SearchNews",
    "SearchWord",
    "Snooze",
    "Tag",
    "TagChange",
    "TagChangeRow",
    "Task",
    "Team",
    "User",
]
