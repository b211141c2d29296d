"""May they? One predicate per verb, asked inside the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from crm.errors import Forbidden
from crm.models import User

Predicate = Callable[[User, Any], bool]
_table: dict[str, Predicate] = {}


def register(table: dict[str, Predicate]) -> None:
    """Add an app's verbs."""
    _table.update(table)


def allows(by: User, verb: str, record: Any = None) -> bool:
    """May this person do it? Unknown verbs fail loudly."""
    return by.is_active and _table[verb](by, record)


def require(by: User, verb: str, record: Any = None) -> None:
    """Raise `Forbidden` when they may not."""
    if not allows(by, verb, record):
        raise Forbidden(_("You may see this, but not change it. Ask your manager or an admin."))


def owns_or_leads(by: User, record: Any) -> bool:
    """Own or unassigned record, the own team's for a manager, anything for an admin; an open team's reps share all."""
    if by.is_admin or record.owner_id in (by.pk, None):
        return True
    return record.team_id is not None and record.team_id == by.team_id and (by.is_manager or by.team.is_open)


def leads(by: User, record: Any) -> bool:
    """The manager of the record's team, or of one who has none; an admin leads everybody."""
    if by.is_admin or not by.is_manager:
        return by.is_admin
    if record.team_id is None:
        return record.owner_id in (by.pk, None)
    return bool(record.team_id == by.team_id)


register(
    {
        "task.change": lambda by, task: True,
        # A shared view of somebody else's is looked at and copied, but changed by its owner or an admin alone.
        "view.change": lambda by, view: by.is_admin or view.owner_id == by.pk,
        "meeting.change": lambda by, meeting: True,
        "settings.change": lambda by, _record: by.is_admin,
        "company.change": owns_or_leads,
        "contact.change": owns_or_leads,
        "company.delete": owns_or_leads,
        "contact.delete": owns_or_leads,
        # Whoever deleted it may always think again.
        "removal.restore": lambda by, removal: (
            removal.by_id == by.pk or (leads(by, removal) if removal.is_led else owns_or_leads(by, removal))
        ),
    }
)
