"""The board's first screen: statements, bytes, server time and its SQL, by role and size; and sixteen people loading it."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.client import Connection, Run, load
from bench.stack import Stack

CLIENTS = 16


def measure(stacks: list[Stack], *, seconds: float) -> None:
    """Print the figures of each database, and the ratio of the largest to the smallest."""
    figures = [stack.python("bench.board_alone") for stack in stacks]
    for role in figures[0]:
        for stack, figure in zip(stacks, figures, strict=True):
            print(_words(f"board as {role}, {stack.deals:,} deals", figure[role]))
        if len(stacks) > 1:
            print(f"  ratio of server times: {figures[-1][role]['server_ms'] / figures[0][role]['server_ms']:.2f}")
    for stack in stacks:
        print(f"{CLIENTS} clients loading the board, {stack.deals:,} deals: {asyncio.run(_load(stack, seconds)).words()}")


def _words(name: str, figure: dict[str, Any]) -> str:
    share = figure["sql_ms"] / figure["server_ms"]
    return (
        f"{name}: {figure['statements']} statements, {figure['bytes'] / 1000:.0f} kB ({figure['compressed'] / 1000:.0f} kB compressed), "
        f"{figure['cards']} cards, server {figure['server_ms']:.1f} ms, of it SQL {figure['sql_ms']:.1f} ms ({share:.0%})"
    )


async def _load(stack: Stack, seconds: float) -> Run:
    people = stack.python("bench.people")
    headers = [{"Cookie": people["cookies"][role], "Accept-Encoding": "gzip"} for role in ("rep", "manager", "admin")]

    async def act(_number: int, connection: Connection) -> int:
        return (await connection.request("GET", f"/board/{people['pipeline']}/"))[0]

    return await load(stack, [headers[number % 3] for number in range(CLIENTS)], act, seconds=seconds)
