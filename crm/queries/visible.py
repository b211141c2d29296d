"""Which tasks and meetings a person may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm.models import Meeting, Task, User


def visible_tasks(user: User) -> Any:
    """Own tasks, and those about records the person sees."""
    return Task.objects.visible_to(user)


def visible_meetings(user: User) -> QuerySet[Meeting]:
    """Those that one comes to or planned, those about records that one sees, and a manager's team's."""
    return Meeting.objects.visible_to(user)
