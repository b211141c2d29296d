"""A load of any size: deals with their visits as lines for COPY, about eight microseconds a visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp
from random import Random

from pipeline.services.bulk import NULL

DAY = 86_400
# Long enough that a tenth of the deals is still under way at its end.
SPAN = 600 * DAY
POOL = 4_096
REOPENED = 0.05
REOPENED_AFTER = 30 * DAY


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the load: its median stay in days and what follows: back, lost, a stage skipped, else the next one."""

    name: str
    days: float
    back: float
    lost: float
    skip: float


STEPS = [
    Step("New", 3, 0.0, 0.10, 0.03),
    Step("Qualified", 6, 0.04, 0.11, 0.03),
    Step("Meeting", 8, 0.05, 0.08, 0.03),
    Step("Proposal", 10, 0.08, 0.09, 0.03),
    Step("Negotiation", 12, 0.10, 0.08, 0.02),
    Step("Contract", 7, 0.08, 0.05, 0.0),
    Step("Closing", 5, 0.04, 0.04, 0.0),
]


@dataclass(frozen=True, slots=True)
class World:
    """The ids that the lines refer to."""

    pipeline: int
    stages: Sequence[int]
    # (user, team) of everybody who owns deals.
    owners: Sequence[tuple[int, int]]
    companies: Sequence[int]
    sources: Sequence[int]
    reasons: Sequence[int]
    currencies: Sequence[str]
    last_ranks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of deals and of their visits."""

    deals: str
    visits: str
    open: int
    visit_count: int


class LoadSimulator:
    """The same deals for the same seed and instant; ask it for batches."""

    def __init__(self, *, world: World, seed: int, now: datetime, today: date) -> None:
        self.world, self.now = world, int(now.timestamp())
        self.random = Random(seed)  # noqa: S311 - a load keeps no secrets
        self.ranks = list(world.last_ranks)
        self.stays = [[int(step.days * DAY * exp(self.random.gauss(0, 0.9))) + 60 for _ in range(POOL)] for step in STEPS]
        self.amounts = [f"{round(exp(self.random.gauss(12.2, 1.1)), -2):.2f}" for _ in range(POOL)]
        # Text of days and of seconds of the day, looked up rather than formatted ten million times.
        first = (self.now - SPAN) // DAY
        self.first_day = first
        self.days = [datetime.fromtimestamp((first + i) * DAY, UTC).strftime("%Y-%m-%d ") for i in range(SPAN // DAY + 3)]
        self.clock = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+00" for s in range(DAY)]
        steps = [NULL] * 4 + [str(today)] * 2 + [str(today - timedelta(days=d)) for d in (1, 2, 5, 9)]
        self.next_steps = steps + [str(today + timedelta(days=d)) for d in (1, 1, 2, 3, 4, 5, 7, 10, 14, 21)]

    def batches(self, deal_ids: range, size: int) -> Iterator[Batch]:
        """The deals of these ids, so many at a time."""
        for start in range(deal_ids.start, deal_ids.stop, size):
            deals: list[str] = []
            visits: list[str] = []
            count_open = sum(self._add_deal(i, deals, visits) for i in range(start, min(start + size, deal_ids.stop)))
            yield Batch("".join(deals), "".join(visits), count_open, len(visits))

    def _time(self, second: int) -> str:
        day, rest = divmod(second, DAY)
        return self.days[day - self.first_day] + self.clock[rest]

    def _walk(self, start: int) -> list[tuple[int, int, int, str]]:
        """Visits as (stage, entered, left or 0, exit), from the start until an outcome or now."""
        random, now, stays = self.random.random, self.now, self.stays
        stage, at, visits = 0, start, []
        while True:
            left = at + stays[stage][int(random() * POOL)]
            if left >= now:
                visits.append((stage, at, 0, ""))
                return visits
            step, dice = STEPS[stage], random()
            if dice < step.lost:
                visits.append((stage, at, left, "lost"))
                again = left + int(random() * REOPENED_AFTER) + 60
                if again >= now or random() >= REOPENED:
                    return visits
                at = again
                continue
            target = stage + 1
            if dice < step.lost + step.back:
                target = stage - 1
            elif dice < step.lost + step.back + step.skip:
                target = stage + 2
            if target == len(STEPS):
                visits.append((stage, at, left, "won"))
                return visits
            visits.append((stage, at, left, "moved"))
            stage, at = target, left

    def _add_deal(self, deal_id: int, deals: list[str], visits: list[str]) -> bool:
        """Append the lines of one deal; is it open?"""
        world, random = self.world, self.random.random
        walk = self._walk(self.now - 60 - int(random() * (SPAN - 2 * DAY)))
        owner, team = world.owners[int(random() * len(world.owners))]
        reason = world.reasons[int(random() * len(world.reasons))]
        self._add_visits(deal_id, walk, owner, reason, visits)
        stage, entered, left, exit = walk[-1]
        rank: int | str = NULL
        if not exit:
            self.ranks[stage] += 1
            rank = self.ranks[stage]
        outcomes = sum(1 for visit in walk if visit[3] in ("won", "lost"))
        deals.append(
            f"{deal_id}\tLoad deal {deal_id}\t{world.pipeline}\t{world.stages[stage]}\t{self.amounts[int(random() * POOL)]}"
            f"\t{world.currencies[int(random() * len(world.currencies))]}\t{owner}\t{team}"
            f"\t{world.companies[int(random() * len(world.companies))]}\t{world.sources[int(random() * len(world.sources))]}"
            f"\t{rank}\t{len(walk) - 1 + outcomes}\t{exit}\t{reason if exit == 'lost' else NULL}\t{self._time(walk[0][1])}"
            f"\t{self._time(left) if left else NULL}\t{self._time(entered)}"
            f"\t{NULL if exit else self.next_steps[int(random() * len(self.next_steps))]}\tf\n"
        )
        return not exit

    def _add_visits(self, deal_id: int, walk: list[tuple[int, int, int, str]], owner: int, reason: int, lines: list[str]) -> None:
        """The same fates as `find_fates`, worked out from the last visit to the first."""
        stages = self.world.stages
        fronts, furthest, seen, fates = [], -1, set(), []
        for index, visit in enumerate(walk):
            if visit[0] > furthest:
                fronts.append(index)
                furthest = visit[0]
                fates.append("")
            else:
                is_late, is_back = visit[0] not in seen, walk[index - 1][0] > visit[0]
                fates.append(f"f\t{NULL}\t\t{NULL}\t{'ft'[is_late]}\t{'ft'[is_back]}")
            seen.add(visit[0])
        _stage, _entered, left, exit = walk[-1]
        ahead = f"\t{NULL}" if not exit else f"{'advanced' if exit == 'won' else 'lost'}\t{self._time(left)}"
        for rank in range(len(fronts) - 1, -1, -1):
            before = stages[walk[fronts[rank - 1]][0]] if rank else NULL
            fates[fronts[rank]] = f"t\t{before}\t{ahead}\tf\tf"
            ahead = f"advanced\t{self._time(walk[fronts[rank]][1])}"
        seq = 0
        for stage, entered, left, exit in walk:
            seq += 1  # noqa: SIM113
            left_text, left_by = (self._time(left), owner) if left else (NULL, NULL)
            lines.append(
                f"{deal_id}\t{stages[stage]}\t{seq}\t{self._time(entered)}\t{left_text}\t{exit}"
                f"\t{reason if exit == 'lost' else NULL}\t{owner}\t{left_by}\t{fates[seq - 1]}\n"
            )
