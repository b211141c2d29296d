"""Which tasks and meetings a person may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm import records
from crm.models import Attendance, Meeting, Task, User


def visible_tasks(user: User) -> Any:
    """Own tasks, and those about records the person sees."""
    return Task.objects.visible_to(user)


def visible_meetings(user: User) -> QuerySet[Meeting]:
    """Those that one comes to or planned, those about records that one sees, and a manager's team's."""
    if not user.is_active:
        return Meeting.objects.none()
    if user.is_admin:
        return Meeting.objects.all()
    comes = Attendance.objects.filter(meeting=OuterRef("pk"))
    own = Q(user=user) | Q(user__team=user.team_id) if user.is_manager and user.team_id else Q(user=user)
    seen = Q(Exists(comes.filter(own))) | Q(created_by=user)
    for key in records.registered():
        seen |= Q(record=key, record_id__in=records.kind_of(key).visible_to(user).values("pk"))
    return Meeting.objects.filter(seen)
