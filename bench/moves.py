"""Moves: statements and size of the answer, the price over plain SQL, and sixteen people at once."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

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
    people = stack.python("bench.people")
    for words, targets in (("one column", 2), ("seven columns", len(people["stages"]))):
        run = asyncio.run(_move_about(stack, people, targets=targets, seconds=seconds))
        print(f"{CLIENTS} clients moving in {words}: {run.words()}")
    print("invariants:", stack.python("bench.invariants"))


async def _move_about(stack: Stack, people: dict[str, Any], *, targets: int, seconds: float) -> Run:
    """Each client drops random cards into the columns, above random cards; with two, every move touches both."""
    stages = [str(stage) for stage in people["stages"][:targets]]
    where = {deal: stage for stage in stages for deal in people["deals"][stage]}
    own = [list(where)[number::CLIENTS] for number in range(CLIENTS)]
    chance = random.Random(1)
    headers = {"Cookie": people["cookies"]["admin"], "X-CSRFToken": people["csrf"], "Referer": stack.url, "HX-Request": "true"}

    async def act(number: int, connection: Connection) -> int:
        deal = chance.choice(own[number])
        stage = chance.choice([each for each in stages if each != where[deal]])
        body = json.dumps({"stage": int(stage), "before": chance.choice(list(where))}).encode()
        status, _answer = await connection.request("POST", f"/api/v1/deals/{deal}/moves/", body)
        if status < 400:
            where[deal] = stage
        return status

    return await load(stack.url, [headers] * CLIENTS, act, seconds=seconds)
