"""Live streams: five hundred open at once are told of a change within a second, and twenty boards show it within one."""

from __future__ import annotations

import asyncio
import json
import random
import time
from statistics import median
from typing import Any

from bench.client import Connection
from bench.stack import Stack

CHANGES = 5


def measure(stack: Stack, *, streams: int = 500, viewers: int = 20) -> None:
    """Print how late the notices of some moves were, and how late boards that read again had the new columns."""
    people = stack.python("bench.people")
    listeners = Listeners(stack, people, streams)
    asyncio.run(listeners.listen())
    print(
        f"{streams} streams, {CHANGES} moves: notices {_words(listeners.delays, streams * CHANGES)}; re-reads spread over {listeners.spread} ms"
    )
    boards = Listeners(stack, people, viewers)
    asyncio.run(boards.listen(reading=True))
    print(f"{viewers} boards, {CHANGES} moves: columns on the screen {_words(boards.delays, viewers * CHANGES)}")


def _words(delays: list[float], expected: int) -> str:
    return f"{len(delays):,} of {expected:,}, median {median(delays) * 1000:.0f} ms, slowest {max(delays) * 1000:.0f} ms after the move was sent"


class Listeners:
    """Open streams of a board while somebody else moves a card to and fro."""

    def __init__(self, stack: Stack, people: dict[str, Any], count: int) -> None:
        self.stack, self.people, self.count = stack, people, count
        self.headers = {"Cookie": people["cookies"]["admin"], "Accept-Encoding": "gzip"}
        self.ready = asyncio.Semaphore(0)
        self.sent = 0.0
        self.delays: list[float] = []
        self.spread = 0

    async def listen(self, *, reading: bool = False) -> None:
        """Gather the delays; `reading` boards read the named columns again as their page does."""
        watchers = [asyncio.create_task(self._watch(reading)) for _each in range(self.count)]
        for _each in range(self.count):
            await asyncio.wait_for(self.ready.acquire(), 60)
        mover = Connection(self.stack.url, {**self.headers, "X-CSRFToken": self.people["csrf"], "Referer": self.stack.url})
        first, second = (str(stage) for stage in self.people["stages"][:2])
        for turn in range(CHANGES):
            await asyncio.sleep(2)  # the change before was told everywhere
            self.sent = time.monotonic()
            asked = json.dumps({"stage": int((second, first)[turn % 2])}).encode()
            status, _body = await mover.request("POST", f"/api/v1/deals/{self.people['deals'][first][0]}/moves/", asked)
            assert status == 201, status
        _done, late = await asyncio.wait(watchers, timeout=10)
        for task in late:
            task.cancel()
        await mover.close()

    async def _watch(self, reading: bool) -> None:
        page = Connection(self.stack.url, self.headers)
        reader, writer = await asyncio.open_connection(page.host, page.port)
        writer.write(f"GET /events/pipeline/{self.people['pipeline']}/ HTTP/1.1\r\n{page.headers}\r\n".encode())
        name, told = "", 0
        try:
            while told < CHANGES:
                line = (await reader.readline()).decode().strip()
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: ") and name == "hello":
                    self.ready.release()
                elif line.startswith("data: ") and name == "changed":
                    notice = json.loads(line.removeprefix("data: "))
                    self.spread = notice["spread"]
                    if reading:
                        await self._read_again(page, notice)
                    self.delays.append(time.monotonic() - self.sent)
                    told += 1
        finally:
            writer.close()
            await page.close()

    async def _read_again(self, page: Connection, notice: dict[str, Any]) -> None:
        await asyncio.sleep(random.random() * notice["spread"] / 1000)
        stages = ",".join(map(str, notice["stages"]))
        loaded = ",".join("12" for _stage in notice["stages"])
        status, _body = await page.request("GET", f"/board/{self.people['pipeline']}/columns/?stages={stages}&loaded={loaded}")
        assert status == 200, status
