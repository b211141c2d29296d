from crm.models.activities import Note, Task
from crm.models.contacts import Company, Contact
from crm.models.custom_fields import CustomField, FieldKind
from crm.models.journal import Event
from crm.models.keys import ApiKey, IdempotentAnswer
from crm.models.organisation import ExchangeRate, Organisation
from crm.models.users import Role, Team, User

__all__ = [
    "ApiKey",
    "Company",
    "Contact",
    "CustomField",
    "Event",
    "ExchangeRate",
    "FieldKind",
    "IdempotentAnswer",
    "Note",
    "Organisation",
    "Role",
    "Task",
    "Team",
    "User",
]
