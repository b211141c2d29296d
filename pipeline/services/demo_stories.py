"""The stories of the demo's deals: who sold what to whom, for how much, and how that changed on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import exp, floor, log10
from random import Random
from typing import Any

from crm.models import Company, Contact, User
from crm.phones import read_phone
from pipeline.models import Exit, LostReason, Pipeline, Stage
from pipeline.services.demo_world import DemoWorld
from pipeline.services.history import History, Terms, Visit
from pipeline.simulator.clients import EN, ClientSimulator, InventedCompany
from pipeline.simulator.funnel import FunnelSimulator, Stay, Step
from pipeline.simulator.hours import WorkingHours, working_day

SPAN_DAYS = 364
ROUBLES_PER_EURO = 95
SELLERS = ("anna", "boris", "gleb", "denis", "igor")
# In the middle of the year somebody of the South left, and a colleague took over.
LEFT, HEIR, LEFT_DAYS_AGO = "faina", "igor", 150
OFFER, LATER_REASONS = 3, 5


@dataclass
class Edit:
    """Terms of a deal changed by somebody."""

    at: datetime
    by: User | None
    changes: dict[str, list[Any]]


@dataclass
class Client:
    """An invented company with its people, as rows not yet written."""

    invented: InventedCompany
    company: Company
    contacts: list[Contact]
    owner: User


@dataclass
class Story:
    """One deal: what `record_history` writes, and what the rest is written from."""

    history: History
    stays: list[Stay]
    language: str
    is_main: bool = True
    edits: list[Edit] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.history.key or ""

    @property
    def is_open(self) -> bool:
        return self.stays[-1].left is None

    def owner_at(self, moment: datetime) -> User | None:
        """Whose deal it was then."""
        return [terms for terms in self.history.terms if terms.since <= moment or terms is self.history.terms[0]][-1].owner


class StoryTeller:
    """Tells the same stories for the same seed and instant."""

    def __init__(self, *, world: DemoWorld, random: Random, now: datetime) -> None:
        self.world, self.random, self.now = world, random, now
        self.hours = WorkingHours(world.organisation.zone, random)
        self.simulator = ClientSimulator(random)
        self.clients: list[Client] = []
        self.left_at = self.hours.on(working_day(world.organisation.today(now) - timedelta(days=LEFT_DAYS_AGO)))

    def tell(
        self, *, pipeline: Pipeline, steps: Sequence[Step], titles: Mapping[str, tuple[str, ...]], deals: int, known: bool
    ) -> list[Story]:
        """The stories of one pipeline, in the order of its cards; `known`: told of clients that we have already."""
        funnel = FunnelSimulator(steps=steps, random=self.random, hours=self.hours, now=self.now)
        stages = list(pipeline.stages.order_by("position"))
        stories = []
        for number, start in enumerate(self._starts(deals), start=1):
            client = self.random.choice(self.clients) if known else self._client(start)
            story = self._story(f"demo-{pipeline.pk}-{number}", funnel.walk(start), stages, client, titles)
            story.is_main = not known
            stories.append(story)
        # Reps keep the fresher cards further up, more or less.
        return sorted(stories, key=lambda story: story.stays[-1].entered - timedelta(days=self.random.randrange(40)), reverse=True)

    def _starts(self, deals: int) -> list[datetime]:
        """Over the past year, slowly growing more frequent, none later than the last minutes."""
        today = self.world.organisation.today(self.now)
        starts = []
        for place in range(deals):
            share = ((place + self.random.random()) / deals) ** 0.9
            day = working_day(today - timedelta(days=round(SPAN_DAYS * (1 - share))), back=True)
            at = self.hours.on(day)
            starts.append(at if at < self.now else self.hours.on(working_day(day - timedelta(days=1), back=True)))
        return sorted(starts)

    def _client(self, start: datetime) -> Client:
        """A new company for about every fifth deal, else one that has bought or asked before."""
        if self.clients and self.random.random() > 0.22:
            return self.random.choice(self.clients)
        invented, at = self.simulator.company(), start - timedelta(minutes=5)
        owner = self.world.people[self.random.choice(SELLERS)]
        row = {"owner": owner, "team": owner.team, "is_sample": True, "created_at": at}
        company = Company(
            name=invented.name, website=f"https://{invented.domain}", addresses=[{"label": "work", "city": invented.city}], **row
        )
        people = [self.simulator.person(invented) for _ in range(self.random.choice((1, 1, 2, 3)))]
        contacts = [
            Contact(
                name=who.name,
                emails=[{"label": "work", "address": who.email}],
                phones=[{"label": "work", "number": read_phone(who.phone, "RU")}],
                position=who.position,
                company=company,
                **row,
            )
            for who in people
        ]
        self.clients.append(Client(invented, company, contacts, owner))
        return self.clients[-1]

    def _story(self, key: str, stays: list[Stay], stages: list[Stage], client: Client, titles: Mapping[str, tuple[str, ...]]) -> Story:
        random, language = self.random, client.invented.language
        start = stays[0].entered
        currency = "EUR" if language == EN and random.random() < 0.5 else "RUB"
        # One enquiry in twenty doesn't say what it is worth.
        amount = None if random.random() < 0.05 else self._price(currency)
        owner: User | None = client.owner
        if owner is self.world.people[HEIR] and start < self.left_at and random.random() < 0.7:
            owner = self.world.people[LEFT]
        team = client.owner.team
        if self._is_unclaimed(stays):
            owner, team = None, random.choice((team, team, None))
        first = Terms(start, amount, currency, owner, team, start.date() + timedelta(days=random.randrange(45, 110)))
        terms, edits = [first], []
        for at, changes in self._changes(stays, first):
            last = terms[-1]
            terms.append(replace(last, since=at, **changes))
            told = {name: [_told(getattr(last, name)), _told(value)] for name, value in changes.items() if name != "team"}
            edits.append(Edit(at, last.owner, told))
        now = terms[-1]
        history = History(
            title=random.choice(titles[language]).format(n=random.randrange(3, 60)),
            visits=[],
            key=key,
            amount=now.amount,
            currency=now.currency,
            owner=now.owner,
            team=now.team,
            company=client.company,
            contact=random.choice(client.contacts),
            source=random.choices(self.world.sources, (9, 6, 3, 4, 2))[0],
            expected_close=now.expected_close,
            terms=terms,
            is_sample=True,
        )
        story = Story(history, stays, language, edits=edits)
        story.history = replace(history, visits=[self._visit(story, stay, stages) for stay in stays])
        return story

    def _visit(self, story: Story, stay: Stay, stages: list[Stage]) -> Visit:
        reason: LostReason | None = None
        if stay.exit == Exit.LOST:
            reason = self.random.choice(self.world.reasons if stay.step == 0 else self.world.reasons[:LATER_REASONS])
        left_by = story.owner_at(stay.left) if stay.left else None
        return Visit(stages[stay.step], stay.entered, stay.left, stay.exit, reason, story.owner_at(stay.entered), left_by)

    def _price(self, currency: str) -> Decimal:
        """Many small ones, few large ones."""
        roubles = exp(self.random.gauss(12.8, 1.15))
        return _round(roubles / (ROUBLES_PER_EURO if currency == "EUR" else 1))

    def _is_unclaimed(self, stays: list[Stay]) -> bool:
        """Fresh enquiries that wait for somebody to take them."""
        return len(stays) == 1 and stays[0].left is None and self.now - stays[0].entered < timedelta(days=5) and self.random.random() < 0.3

    def _changes(self, stays: list[Stay], first: Terms) -> Iterator[tuple[datetime, dict[str, Any]]]:
        """What changed and when, in order."""
        end = stays[-1].left or self.now
        changes = [*self._new_amounts(stays, first), *self._new_owners(stays, first.owner), *self._delays(first, end)]
        for at, values in sorted(changes, key=lambda change: change[0]):
            if first.since < at < end:
                yield at, values

    def _new_amounts(self, stays: list[Stay], first: Terms) -> Iterator[tuple[datetime, dict[str, Any]]]:
        """The calculation gives another amount than the first guess; negotiating takes some of it away again."""
        amount = first.amount
        offered = next((stay for stay in stays if stay.step == OFFER), None)
        if offered and (amount is None or self.random.random() < 0.45):
            amount = _round(float(amount) * self.random.uniform(0.7, 1.4)) if amount else self._price(first.currency)
            yield offered.entered + timedelta(minutes=self.random.randrange(2, 40)), {"amount": amount}
        agreed = next((stay for stay in stays if stay.step == OFFER + 2), None)
        if amount and agreed and self.random.random() < 0.3:
            yield agreed.entered + timedelta(minutes=self.random.randrange(2, 40)), {"amount": _round(float(amount) * 0.93)}

    def _new_owners(self, stays: list[Stay], owner: User | None) -> Iterator[tuple[datetime, dict[str, Any]]]:
        if owner is self.world.people[LEFT]:
            heir = self.world.people[HEIR]
            yield self.left_at, {"owner": heir, "team": heir.team}
        elif owner and len(stays) > 2 and self.random.random() < 0.07:
            colleagues = [self.world.people[name] for name in SELLERS]
            heir = self.random.choice([colleague for colleague in colleagues if colleague.team == owner.team and colleague is not owner])
            yield stays[1].entered + timedelta(minutes=90), {"owner": heir, "team": heir.team}

    def _delays(self, first: Terms, end: datetime) -> Iterator[tuple[datetime, dict[str, Any]]]:
        """When the expected day has come and the deal is still open, a new one is set; sometimes nobody does."""
        day = first.expected_close or first.since.date()
        while (at := self.hours.on(working_day(day))) < end and self.random.random() < 0.8:
            day = working_day(day) + timedelta(days=self.random.randrange(14, 50))
            yield at, {"expected_close": day}


def _round(amount: float) -> Decimal:
    """Two figures that count, as people name prices."""
    return Decimal(str(round(amount, 1 - floor(log10(max(amount, 1)))))).quantize(Decimal("0.01"))


def _told(value: Any) -> Any:
    """As the journal writes it: numbers and days as text, people as ids."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else getattr(value, "pk", value)
