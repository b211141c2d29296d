"""What the demo's people wrote and planned about its deals and clients, and the journal of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from crm.models import Event, Note, Organisation, Task, User
from crm.rich import from_text
from pipeline.models import NextStep
from pipeline.services.demo_stories import Client, Story
from pipeline.simulator.funnel import Deck, Stay
from pipeline.simulator.hours import WorkingHours, working_day
from pipeline.simulator.talk import ABOUT_COMPANY, ABOUT_CONTACT, LOOK_OVER, NOTES, STEPS

# How the next steps of a hundred open deals stand.
STATES = ((NextStep.NONE, 14), (NextStep.OVERDUE, 15), (NextStep.TODAY, 12), (NextStep.PLANNED, 59))


class Secretary:
    """Writes the notes and tasks of stories and clients; nothing of it lies in the future but what is planned."""

    def __init__(
        self, *, organisation: Organisation, managers: Mapping[int, User], random: Random, hours: WorkingHours, now: datetime
    ) -> None:
        self.managers = managers
        self.organisation, self.random, self.hours, self.now = organisation, random, hours, now
        self.today = organisation.today(now)
        self.deck = Deck(random)

    def next_steps(self, story: Story) -> list[Task]:
        """The open tasks of an open deal: often one, sometimes none, or a second one for the team's manager."""
        state = self._state()
        if not story.is_open or state == NextStep.NONE:
            return []
        stay, owner = story.stays[-1], story.history.owner
        due = self._due(state, stay)
        if due is None or owner is None:
            return []
        tasks = [self._task(story, stay, due, owner)]
        if self.random.random() < 0.12:
            later = self.hours.on(working_day(self.organisation.today(due) + timedelta(days=self.random.randrange(1, 6))))
            tasks.append(self._task(story, stay, later, owner))
            tasks[1].title = LOOK_OVER[story.language]
            tasks[1].assignee = self.managers.get(story.history.team.pk if story.history.team else 0, owner)
        return tasks

    def done_tasks(self, story: Story) -> Iterator[Task]:
        """Steps that were taken in the stages that the deal has left."""
        for stay in story.stays:
            owner = story.owner_at(stay.entered)
            if stay.left and owner and stay.left - stay.entered > timedelta(days=1) and self.random.random() < 0.5:
                done_at = self.hours.between(stay.entered, stay.left)
                created_at = stay.entered + min(timedelta(minutes=self.random.randrange(1, 30)), done_at - stay.entered)
                late = timedelta(days=self.random.choice((-1, 0, 0, 0, 1)))
                due_at = max(self.hours.on(working_day(self.organisation.today(done_at) + late)), created_at)
                task = Task(record="deal", title=self._word(STEPS, story, stay), assignee=owner, created_by=owner)
                task.created_at, task.done_at, task.due_at = created_at, done_at, due_at
                yield task

    def notes(self, story: Story) -> Iterator[Note]:
        """What was heard in each stage, never twice the same about one deal."""
        told: set[str] = set()
        for stay in story.stays:
            body = self._word(NOTES, story, stay)
            at = self.hours.between(stay.entered, stay.left or self.now)
            author = story.owner_at(at)
            if author and body not in told and self.random.random() < (0.8 if story.is_open else 0.35):
                told.add(body)
                yield Note(record="deal", body=from_text(body), author=author, created_at=at)

    def client_notes(self, client: Client) -> Iterator[Note]:
        """A few about companies and their people."""
        words = [("company", client.company, ABOUT_COMPANY)] + [("contact", contact, ABOUT_CONTACT) for contact in client.contacts]
        for kind, row, lines in words:
            if self.random.random() < 0.3:
                at = self.hours.between(client.company.created_at, self.now)
                body = self.random.choice(lines[client.invented.language])
                yield Note(record=kind, record_id=row.pk, body=from_text(body), author=client.owner, created_at=at)

    def _state(self) -> str:
        card = self.deck.draw() * sum(share for _state, share in STATES)
        for state, share in STATES:
            card -= share
            if card < 0:
                return state
        return NextStep.PLANNED

    def _due(self, state: str, stay: Stay) -> datetime | None:
        """When the next step is due; none where the deal is too young to be late."""
        if state == NextStep.TODAY:
            return self.hours.on(self.today)
        if state == NextStep.PLANNED:
            return self.hours.on(working_day(self.today + timedelta(days=self.random.choice((1, 1, 2, 3, 4, 5, 7, 9, 12, 16, 21)))))
        day = working_day(self.today - timedelta(days=self.random.choice((1, 1, 2, 3, 5, 8, 12))), back=True)
        return self.hours.on(day) if day > self.organisation.today(stay.entered) else None

    def _task(self, story: Story, stay: Stay, due: datetime, owner: User) -> Task:
        begin = max(stay.entered, due - timedelta(days=9))
        created_at = self.hours.between(begin, min(due, self.now)) if begin < min(due, self.now) else stay.entered
        return Task(
            record="deal", title=self._word(STEPS, story, stay), due_at=due, assignee=owner, created_by=owner, created_at=created_at
        )

    def _word(self, words: Mapping[str, tuple[tuple[str, ...], ...]], story: Story, stay: Stay) -> str:
        """A line that fits the stage; the small pipeline speaks as the offer does."""
        lines = words[story.language]
        return self.random.choice(lines[stay.step] if story.is_main else lines[-3])


def write_activities(notes: Sequence[Note], tasks: Sequence[Task]) -> None:
    """Write them and tell the journal; no worker hears of what is long past."""
    Note.objects.bulk_create(notes)
    Task.objects.bulk_create(tasks)
    write_events([*_note_events(notes), *_task_events(tasks)])


def write_events(events: Iterable[Event]) -> None:
    """Past events in the order in which they happened, marked as dispatched."""
    past = sorted(events, key=lambda event: event.at)
    for event in past:
        event.dispatched_at = event.at
    Event.objects.bulk_create(past)


def _note_events(notes: Iterable[Note]) -> Iterator[Event]:
    for note in notes:
        yield Event(
            type="note.added",
            record=note.record,
            record_id=note.record_id,
            actor=note.author,
            at=note.created_at,
            payload={"note": note.pk},
        )


def _task_events(tasks: Iterable[Task]) -> Iterator[Event]:
    for task in tasks:
        told = {"record": task.record, "record_id": task.record_id, "actor": task.assignee}
        payload = {"task": task.pk, "title": task.title}
        yield Event(type="task.added", at=task.created_at, payload=payload, **told)
        if task.done_at:
            yield Event(type="task.done", at=task.done_at, payload=payload, **told)
