from crm.models.activities import Note
from crm.models.attachments import Attachment
from crm.models.calls import Call, CallOutcome, Direction
from crm.models.contacts import Company, Contact
from crm.models.custom_fields import CustomField, FieldKind
from crm.models.hooks import InboundHook
from crm.models.jobs import Job, JobState
from crm.models.journal import Event
from crm.models.keys import ApiKey, IdempotentAnswer
from crm.models.messages import Channel, Message
from crm.models.organisation import ExchangeRate, Organisation
from crm.models.tasks import Task
from crm.models.users import Role, Team, User

__all__ = [
    "ApiKey",
    "Attachment",
    "Call",
    "CallOutcome",
    "Channel",
    "Company",
    "Contact",
    "CustomField",
    "Direction",
    "Event",
    "ExchangeRate",
    "FieldKind",
    "IdempotentAnswer",
    "InboundHook",
    "Job",
    "JobState",
    "Message",
    "Note",
    "Organisation",
    "Role",
    "Task",
    "Team",
    "User",
]
