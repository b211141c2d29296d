"""Live streams: five hundred open at once are told of a change within a second."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import Any

from bench.client import Connection
from bench.stack import Stack

CHANGES = 5


def measure(stack: Stack, *, streams: int = 500) -> None:
    """Print how late the notices of some moves were."""
    people = stack.python("bench.people")
    delays, missing = asyncio.run(_listen(stack, people, streams))
    print(
        f"{streams} streams, {CHANGES} moves: {len(delays):,} notices, {missing} missing; "
        f"median {median(delays) * 1000:.0f} ms, slowest {max(delays) * 1000:.0f} ms after the request was sent"
    )


async def _listen(stack: Stack, people: dict[str, Any], streams: int) -> tuple[list[float], int]:
    sent: list[float] = []
    delays: list[float] = []
    ready = asyncio.Semaphore(0)
    cookie = people["cookies"]["admin"]

    async def watch(number: int) -> None:
        connection = Connection(stack.url, {"Cookie": cookie})
        reader, writer = await asyncio.open_connection(connection.host, connection.port)
        writer.write(f"GET /events/pipeline/{people['pipeline']}/ HTTP/1.1\r\n{connection.headers}\r\n".encode())
        told = 0
        try:
            while told < CHANGES:
                line = await reader.readline()
                if line.startswith(b"event: hello"):
                    ready.release()
                elif line.startswith(b"event: changed"):
                    delays.append(time.monotonic() - sent[-1])
                    told += 1
        finally:
            writer.close()

    watchers = [asyncio.create_task(watch(number)) for number in range(streams)]
    for _each in range(streams):
        await asyncio.wait_for(ready.acquire(), 60)
    mover = Connection(stack.url, {"Cookie": cookie, "X-CSRFToken": people["csrf"], "Referer": stack.url})
    first, second = (str(stage) for stage in people["stages"][:2])
    for turn in range(CHANGES):
        target = int(second if turn % 2 == 0 else first)
        sent.append(time.monotonic())
        status, _body = await mover.request("POST", f"/api/v1/deals/{people['deals'][first][0]}/moves/", f'{{"stage": {target}}}'.encode())
        assert status == 201, status
        await asyncio.sleep(2)  # the next change comes after this one was told everywhere
    _done, late = await asyncio.wait(watchers, timeout=5)
    for task in late:
        task.cancel()
    await mover.close()
    return delays, streams * CHANGES - len(delays)
