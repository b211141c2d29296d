"""Moves: statements and size of the answer, the price over plain SQL, and sixteen people at once."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any
from urllib.parse import urlencode

from bench.client import Connection, Run, load
from bench.stack import Stack

CLIENTS = 16


def measure(stack: Stack, *, seconds: float) -> None:
    """Print the figures of one database."""
    for door, alone in stack.python("bench.move_alone").items():
        print(
            f"move by {door}, {stack.deals:,} deals: {alone['statements']} statements with sign-in, answer {alone['bytes']:,} bytes; "
            f"server {alone['server_ms']:.1f} ms ({alone['processor_ms']:.1f} ms of processor), "
            f"the same statements in plain SQL {alone['sql_ms']:.1f} ms: ratio {alone['server_ms'] / alone['sql_ms']:.1f}"
        )
    for door in ("page", "api"):
        for words, targets in (("one column", 2), ("seven columns", 7)):
            movers = Movers(stack, targets=targets, door=door)
            print(f"{CLIENTS} clients moving in {words} by {door}: {asyncio.run(movers.move_about(seconds)).words()}")
    print("invariants:", stack.python("bench.invariants"))


class Movers:
    """Each client drops random cards into the columns, above random cards; with two columns, every move touches both."""

    def __init__(self, stack: Stack, *, targets: int, door: str) -> None:
        people = stack.python("bench.people")
        self.stack, self.door = stack, door
        self.stages = [str(stage) for stage in people["stages"][:targets]]
        self.where = {deal: stage for stage in self.stages for deal in people["deals"][stage]}
        self.own = [list(self.where)[number::CLIENTS] for number in range(CLIENTS)]
        self.chance = random.Random(1)
        self.headers = {"Cookie": people["cookies"]["admin"], "X-CSRFToken": people["csrf"], "Referer": stack.url, "HX-Request": "true"}
        self.unsure: set[int] = set()

    async def move_about(self, seconds: float) -> Run:
        """Move for so long; afterwards `where` says where each card was put, save for those whose answer never came."""
        return await load(self.stack, [self.headers] * CLIENTS, self._move, seconds=seconds)

    async def _move(self, number: int, connection: Connection) -> int:
        deal = self.chance.choice(self.own[number])
        stage = self.chance.choice([each for each in self.stages if each != self.where[deal]])
        asked: dict[str, Any] = {"stage": int(stage), "before": self.chance.choice(list(self.where))}
        path, body, kind = f"/api/v1/deals/{deal}/moves/", json.dumps(asked), "application/json"
        if self.door == "page":
            path, body, kind = f"/deals/{deal}/moves/", urlencode(asked), "application/x-www-form-urlencoded"
        self.unsure.add(deal)
        status, _answer = await connection.request("POST", path, body.encode(), kind)
        self.unsure.discard(deal)
        if status < 400:
            self.where[deal] = stage
        return status
