"""The board's first screen: statements, bytes, server time and its SQL, by role and size; and sixteen people loading it."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.client import Connection, Run, load
from bench.stack import Stack

CLIENTS = 16
ROUNDS = 4


def measure(stacks: list[Stack], *, seconds: float) -> None:
    """Print the figures of each database, and the ratio of the largest to the smallest."""
    rounds = [[stack.python("bench.board_alone") for stack in stacks] for _turn in range(ROUNDS)]
    for role in rounds[0][0]:
        # Of several rounds in turns the quietest of each size, so that a busy neighbour does not pass for a large database.
        best = [min((each[place][role] for each in rounds), key=lambda figure: figure["server_ms"]) for place in range(len(stacks))]
        for stack, figure in zip(stacks, best, strict=True):
            print(_words(f"board as {role}, {stack.deals:,} deals", figure))
        if len(stacks) > 1:
            ratios = [best[-1][name] / best[0][name] for name in ("server_ms", "processor_ms")]
            print(f"  ratio of server times {ratios[0]:.2f}, of processor times {ratios[1]:.2f}")
    for stack in stacks:
        print(f"{CLIENTS} clients loading the board, {stack.deals:,} deals: {asyncio.run(_load(stack, seconds)).words()}")


def _words(name: str, figure: dict[str, Any]) -> str:
    share = figure["sql_ms"] / figure["server_ms"]
    return (
        f"{name}: {figure['statements']} statements, {figure['bytes'] / 1000:.0f} kB ({figure['compressed'] / 1000:.0f} kB compressed), "
        f"{figure['cards']} cards, server {figure['server_ms']:.1f} ms ({figure['processor_ms']:.1f} ms of processor), of it SQL {figure['sql_ms']:.1f} ms ({share:.0%})"
    )


async def _load(stack: Stack, seconds: float) -> Run:
    people = stack.python("bench.people")
    headers = [{"Cookie": people["cookies"][role], "Accept-Encoding": "gzip"} for role in ("rep", "manager", "admin")]

    async def act(_number: int, connection: Connection) -> int:
        return (await connection.request("GET", f"/board/{people['pipeline']}/"))[0]

    return await load(stack, [headers[number % 3] for number in range(CLIENTS)], act, seconds=seconds)
