"""Who sees which record: one rule for everything that has an owner and a team (docs/help, "Who sees what")."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from crm.models.users import User


def branches(user: User) -> list[Q]:
    """The viewer's rights as alternatives, each of which one index can serve; none for somebody who sees nothing.

    An admin sees everything; a manager the team's records and those without owner and team;
    a rep own records, unassigned ones of the team, and all of a team that is switched open.
    """
    if not user.is_authenticated or not user.is_active:
        return []
    if user.is_admin:
        return [Q()]
    seen = [Q(owner=user.pk)]
    if user.is_manager:
        seen.append(Q(owner=None, team=None))
    if user.team_id and (user.is_manager or user.team.is_open):
        seen.append(Q(team=user.team_id))
    elif user.team_id:
        seen.append(Q(owner=None, team=user.team_id))
    return seen


class OwnedQuerySet(models.QuerySet[Any]):
    """Sets of records that have an owner, a team and tags."""

    def visible_to(self, user: User) -> Self:
        """The records that this person may see; everything else is not found."""
        seen = self.ways_to_see(user)
        return self.filter(reduce(or_, seen)) if seen else self.none()

    def tagged(self, name: str) -> Self:
        """Those that carry this tag, by the index that leaves out untagged rows."""
        return self.filter(tags__contains=[name]).exclude(tags=[])

    def ways_to_see(self, user: User) -> list[Q]:
        """The viewer's rights as alternatives, one for each index."""
        return branches(user)

    def walks(self, user: User) -> list[Q]:
        """The same for a list that asks of what it shows once more by `visible_to`, so that marks will do."""
        return self.ways_to_see(user)
