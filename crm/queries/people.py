"""Colleagues to choose from."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from crm.models import User


def filter_people(viewer: User) -> list[User]:
    """Whose records the viewer can filter by: everybody's, the team's, or nobody's but their own. One query at most."""
    people: QuerySet[User] = User.objects.active()
    if viewer.is_admin:
        return list(people)
    if viewer.team_id and (viewer.is_manager or viewer.team.is_open):
        return list(people.filter(team=viewer.team_id))
    return []


def possible_owners(present: User | None) -> QuerySet[User]:
    """Active colleagues, and the one who owns it now even if they have left."""
    return User.objects.filter(Q(is_active=True) | Q(pk=present.pk if present else None))
