"""The demo's calendar: meetings that took place and some to come, and steps that come again every week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from crm.models import Attendance, Event, Meeting, MeetingOutcome, Organisation, Priority, Repeat, Task, User
from crm.services.reminders import plan_meeting_reminders, plan_task_reminder
from crm.wall_clock import instant, on_the_wall
from pipeline.models import Deal
from pipeline.services.demo_activities import write_events
from pipeline.services.demo_stories import Client
from pipeline.simulator.hours import working_day
from pipeline.simulator.talk import CALLS, MEETINGS

# Working days back and ahead that have meetings, and when they begin: nobody is at two at once.
BACK, AHEAD = 20, 8
STARTS = (time(10), time(11, 30), time(14), time(16))
BUSY, NOBODY_CAME = 0.22, 0.15
WEEKLY, URGENT = 6, 12


class Diary:
    """Plans each seller's meetings about the own open deals, with dice of its own, so that the rest stays as it is."""

    def __init__(self, *, clients: Sequence[Client], organisation: Organisation, random: Random, now: datetime) -> None:
        self.organisation, self.random, self.now = organisation, random, now
        self.today = organisation.today(now)
        self.languages = {client.company.pk: client.invented.language for client in clients}

    def fill(self) -> None:
        """Write the meetings, have people reminded of those to come, and let some of their tasks come again."""
        deals = Deal.objects.open().filter(is_sample=True, owner__is_active=True, company__in=self.languages)
        by_owner: dict[User, list[Deal]] = {}
        for deal in deals.select_related("owner", "contact").order_by("pk"):
            if deal.owner:
                by_owner.setdefault(deal.owner, []).append(deal)
        planned = [(meeting, deal) for owner, own in by_owner.items() for meeting, deal in self._meetings(owner, own)]
        meetings = Meeting.objects.bulk_create(meeting for meeting, _deal in planned)
        Attendance.objects.bulk_create(Attendance(meeting=row, user=row.created_by, starts_at=row.starts_at) for row in meetings)
        come = Meeting.contacts.through.objects
        come.bulk_create(
            Meeting.contacts.through(meeting_id=meeting.pk, contact_id=deal.contact_id) for meeting, deal in planned if deal.contact_id
        )
        for meeting in meetings:
            plan_meeting_reminders(meeting)
        write_events(_planned_event(meeting) for meeting in meetings)
        self._mark_tasks()

    def _meetings(self, owner: User, deals: Sequence[Deal]) -> Iterator[tuple[Meeting, Deal]]:
        for day in self._days():
            for start in STARTS:
                deal = self.random.choice(deals)
                at = instant(datetime.combine(day, start), self.organisation.zone)
                if self.random.random() < BUSY and (at > self.now or deal.created_at < at):
                    yield self._meeting(owner, deal, at), deal

    def _days(self) -> Iterable[date]:
        days = {working_day(self.today + timedelta(days=offset)) for offset in range(-BACK, AHEAD + 1)}
        return sorted(days)

    def _meeting(self, owner: User, deal: Deal, at: datetime) -> Meeting:
        language = self.languages[deal.company_id or 0]
        title, place = self.random.choice(MEETINGS[language])
        meeting = Meeting(record="deal", record_id=deal.pk, title=title, place=place, starts_at=at, created_by=owner)
        meeting.ends_at = at + timedelta(minutes=self.random.choice((30, 60, 60, 90)))
        meeting.zone = self.organisation.time_zone
        meeting.created_at = max(deal.created_at, min(self.now, at) - timedelta(days=self.random.randrange(1, 6)))
        if meeting.ends_at < self.now:
            missed = self.random.random() < NOBODY_CAME
            meeting.outcome = MeetingOutcome.NO_SHOW if missed else MeetingOutcome.HELD
            meeting.outcome_note = "" if missed else self.random.choice(CALLS[language])
            meeting.outcome_at = min(self.now, meeting.ends_at + timedelta(minutes=10))
        return meeting

    def _mark_tasks(self) -> None:
        """Some steps to come are urgent, and some come again every week, with a reminder."""
        ahead = list(Task.objects.open().filter(due_at__gt=self.now, record="deal").select_related("assignee").order_by("pk"))
        chosen = self.random.sample(ahead, min(len(ahead), WEEKLY + URGENT))
        for task in chosen[:WEEKLY]:
            task.repeat, task.remind = Repeat.WEEKLY, 15
            task.repeat_from = on_the_wall(task.due_at, self.organisation.zone).date()
        for task in chosen[WEEKLY:]:
            task.priority, task.remind = Priority.HIGH, 60
        Task.objects.bulk_update(chosen, ["repeat", "repeat_from", "remind", "priority"])
        for task in chosen:
            plan_task_reminder(task)


def _planned_event(meeting: Meeting) -> Event:
    payload = {"meeting": meeting.pk, "title": meeting.title}
    about = {"record": meeting.record, "record_id": meeting.record_id, "actor": meeting.created_by}
    return Event(type="meeting.planned", at=meeting.created_at, payload=payload, **about)
