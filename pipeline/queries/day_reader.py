"""Whose work a day is about: the tasks, deals and inquiries of one person, or of all whose work the viewer sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Company, Contact, Message, Snooze, Task, User
from crm.models.snoozes import not_snoozed
from crm.models.visibility import branches
from pipeline.models import Deal


@dataclass(frozen=True)
class Reader:
    """Who reads whose day, and when."""

    viewer: User
    only_own: bool
    now: datetime
    zone: ZoneInfo

    @property
    def tomorrow(self) -> datetime:
        """The first instant that is no longer today."""
        day = self.now.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(day, time(), tzinfo=self.zone)

    @property
    def tasks(self) -> QuerySet[Task]:
        """The open tasks of this day: own ones, or the team's as far as the viewer may see what they are about."""
        tasks = Task.objects.open().select_related("assignee").order_by("due_at", "pk")
        if self.only_own:
            return tasks.filter(assignee=self.viewer)
        if self.viewer.is_admin:
            return tasks
        return tasks.filter(self._about_seen(), assignee__team=self.viewer.team_id)

    @property
    def deals(self) -> QuerySet[Deal]:
        """The open deals of this day, without those that the viewer has put off."""
        deals = Deal.objects.visible_to(self.viewer).open().filter(not_snoozed("deal", user=self.viewer, now=self.now))
        return deals.filter(owner=self.viewer) if self.only_own else deals

    @property
    def inquiries(self) -> QuerySet[Message]:
        """Messages in that nobody has answered: about own records and the team's unassigned ones, or about all that the viewer sees.

        A record that was put off hides what had come by then; whoever writes again is heard.
        """
        put_off = Snooze.objects.filter(
            user=self.viewer, record=OuterRef("record"), record_id=OuterRef("record_id"), until__gt=self.now, since__gt=OuterRef("at")
        )
        mine = Q(owner=self.viewer) | (Q(owner=None, team=self.viewer.team_id) if self.viewer.team_id else Q(pk__in=[]))
        about = _about(mine if self.only_own else reduce(or_, branches(self.viewer)))
        return Message.objects.unanswered().filter(about, ~Q(Exists(put_off))).order_by("at", "pk")

    def _about_seen(self) -> Q:
        """One look by key per task, so that the cost follows the tasks that are due and not what lies in the database."""
        return Q(assignee=self.viewer) | Q(created_by=self.viewer) | _about(reduce(or_, branches(self.viewer)))


def _about(rights: Q) -> Q:
    """A condition on tasks and messages: what they are about has one of these owners. One look by key for each of them."""
    kinds = (("deal", Deal), ("company", Company), ("contact", Contact))
    return reduce(or_, (Q(Exists(model.objects.filter(rights, pk=OuterRef("record_id"))), record=kind) for kind, model in kinds))
