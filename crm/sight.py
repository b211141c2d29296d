"""A small opening for the apps above: a record of theirs may show companies and contacts of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from crm.models.users import User

grants: dict[str, list[Callable[[User], Q]]] = {"company": [], "contact": []}


def grant_sight(kind: str, condition: Callable[[User], Q]) -> None:
    """Let `condition(user)` show further companies or contacts; called once per upper app at start."""
    grants[kind].append(condition)
