"""A web process, Redis and the worker are killed while sixteen people move cards: what was answered must stand."""

from __future__ import annotations

import asyncio
import os
import signal

from bench.moves import CLIENTS, Movers
from bench.stack import Stack

PARTS = {"a web process": "spawn_main", "Redis": "valkey-server", "the worker": "celery --app config --quiet worker"}


def measure(stack: Stack, *, seconds: float) -> None:
    """Print the answers around the kills, what was lost, and whether the history holds."""
    movers = Movers(stack, targets=7, door="page")
    run = asyncio.run(_move_and_kill(stack, movers, seconds))
    print(f"{CLIENTS} clients moving while {', '.join(PARTS)} are killed: {run}")
    sure = {deal: stage for deal, stage in movers.where.items() if deal not in movers.unsure}
    found = stack.python("bench.aftermath", *(f"{deal}:{stage}" for deal, stage in sure.items()))
    print(f"of {len(sure)} cards whose moves were answered {found['elsewhere']} stand elsewhere; events not dispatched: {found['waiting']}")
    print("invariants:", stack.python("bench.invariants"))


async def _move_and_kill(stack: Stack, movers: Movers, seconds: float) -> str:
    moving = asyncio.create_task(movers.move_about(seconds))
    for part in PARTS.values():
        await asyncio.sleep(seconds / (len(PARTS) + 1))
        victims = [pid for pid, command in stack.processes().items() if part in command]
        os.kill(victims[-1], signal.SIGKILL)
    return (await moving).words()
