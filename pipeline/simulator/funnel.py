"""A funnel that behaves like a real one: how deals walk through the demo's stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp
from random import Random

from pipeline.models import Exit
from pipeline.simulator.hours import WorkingHours

SPREAD = 0.8
REOPENED = 0.04
CARDS = 40


@dataclass(frozen=True, slots=True)
class Step:
    """A stage: the median stay in days, and in which of the ways out so many visits went."""

    days: float
    onward: int
    lost: int = 0
    back: int = 0
    skipped: int = 0
    back_to: int = 0


# How visits ended among the 5,337 applications of a Dutch bank's loan desk: BPI Challenge 2012, van Dongen,
# doi 10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f (shares only; the stays there last hours, ours as long as sales take).
# A returned offer is negotiated and then signed: the log's one step (846 won, 333 lost, 115 back) stands here as two.
# The 40 that were won straight from a sent offer skip the negotiation.
LOANS = [
    Step(8, onward=2918, lost=2419),
    Step(12, onward=2035, lost=818),
    Step(2.5, onward=1997, lost=37),
    Step(3, onward=2665),
    Step(34, onward=1336, lost=557, back=553, back_to=3, skipped=40),
    Step(18, onward=890, lost=289, back=115, back_to=3),
    Step(4, onward=886, lost=44),
]
# A small pipeline beside it: customers who stay for another year mostly do.
RENEWALS = [
    Step(20, onward=92, lost=8),
    Step(12, onward=85, lost=15, skipped=8),
    Step(9, onward=90, lost=10, back=6, back_to=1),
    Step(3, onward=1),
]


@dataclass(frozen=True, slots=True)
class Stay:
    """A visit to a step; `left` is empty while it lasts."""

    step: int
    entered: datetime
    left: datetime | None = None
    exit: str = Exit.NONE


class Deck:
    """Numbers from 0 to 1 drawn like cards, evenly spread in each round: even some hundreds of deals keep the shares."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.cards: list[float] = []

    def draw(self) -> float:
        if not self.cards:
            self.cards = [(place + self.random.random()) / CARDS for place in range(CARDS)]
            self.random.shuffle(self.cards)
        return self.cards.pop()


class FunnelSimulator:
    """Sends deals through steps; what would happen at or after `now` hasn't happened yet."""

    def __init__(self, *, steps: Sequence[Step], random: Random, hours: WorkingHours, now: datetime) -> None:
        self.steps, self.random, self.hours, self.now = steps, random, hours, now
        self.decks = [Deck(random) for _ in steps]

    def walk(self, start: datetime) -> list[Stay]:
        """The visits of a deal that began then, oldest first."""
        step, entered, stays = 0, start, []
        while True:
            left = self.hours.after(entered, self.steps[step].days * exp(self.random.gauss(0, SPREAD)))
            target, outcome = self._leave(step)
            if left >= self.now:
                return [*stays, Stay(step, entered)]
            stays.append(Stay(step, entered, left, outcome))
            if outcome == Exit.MOVED:
                step, entered = target, left
                continue
            again = self.hours.after(left, 7 + 40 * self.random.random())
            if outcome == Exit.WON or step == 0 or again >= self.now or self.random.random() >= REOPENED:
                return stays
            entered = again

    def _leave(self, place: int) -> tuple[int, Exit]:
        """Where the visit leads and how it ends."""
        step = self.steps[place]
        card = self.decks[place].draw() * (step.onward + step.lost + step.back + step.skipped)
        if card < step.lost:
            return place, Exit.LOST
        if card < step.lost + step.back:
            return step.back_to, Exit.MOVED
        target = place + (2 if card < step.lost + step.back + step.skipped else 1)
        return (target, Exit.MOVED) if target < len(self.steps) else (place, Exit.WON)
