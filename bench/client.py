"""A lean HTTP client, so that the load costs the machine little beside the server."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import urlsplit

from bench.stack import Stack

NO_ANSWER = 0


@dataclass
class Run:
    """What a load gave: answers by status, and seconds each took."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    processor: float = 0.0

    @property
    def rate(self) -> float:
        """Successful answers a second."""
        return sum(n for status, n in self.statuses.items() if NO_ANSWER < status < 400) / self.seconds

    def words(self) -> str:
        slow = quantiles(self.times, n=100)[98] if len(self.times) > 2 else max(self.times)
        words = f"{self.rate:.0f}/s, median {median(self.times) * 1000:.0f} ms, p99 {slow * 1000:.0f} ms, answers {dict(self.statuses)}"
        # A process that was killed took its account with it.
        return words if self.processor < 0 else f"{words}, {self.processor / len(self.times) * 1000:.1f} ms of processor each"


class Connection:
    """One kept-alive connection."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.host, self.port = urlsplit(url).hostname, urlsplit(url).port
        self.headers = "".join(f"{name}: {value}\r\n" for name, value in {"Host": f"{self.host}:{self.port}", **headers}.items())
        self.reader: asyncio.StreamReader | None = None

    async def request(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        """Send and read one answer; `body` as `kind`."""
        if self.reader is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=2**22)
        content = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if method != "GET" else ""
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{self.headers}{content}\r\n".encode() + body)
        await self.writer.drain()
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        if "transfer-encoding: chunked" in head:
            return status, await self._chunks()
        length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0]) if "content-length:" in head else 0
        return status, await self.reader.readexactly(length)

    async def _chunks(self) -> bytes:
        assert self.reader is not None
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += await self.reader.readexactly(size)
            await self.reader.readline()
        await self.reader.readline()
        return body

    async def close(self) -> None:
        if self.reader is not None:
            self.writer.close()
            self.reader = None


@asynccontextmanager
async def connected(url: str, headers: list[dict[str, str]]) -> AsyncIterator[list[Connection]]:
    """One connection for each set of headers."""
    connections = [Connection(url, each) for each in headers]
    try:
        yield connections
    finally:
        for connection in connections:
            await connection.close()


async def load(stack: Stack, headers: list[dict[str, str]], act: Callable[[int, Connection], Awaitable[int]], *, seconds: float) -> Run:
    """As many clients as headers call `act(number, connection)` (which answers a status) over and over for so long."""
    run = Run()
    async with connected(stack.url, headers) as connections:
        spent = sum(stack.spent().values())
        started = time.monotonic()

        async def client(number: int, connection: Connection) -> None:
            while time.monotonic() - started < seconds:
                before = time.monotonic()
                try:
                    run.statuses[await act(number, connection)] += 1
                except (OSError, asyncio.IncompleteReadError):
                    run.statuses[NO_ANSWER] += 1
                    await connection.close()
                    await asyncio.sleep(0.1)
                run.times.append(time.monotonic() - before)

        await asyncio.gather(*(client(number, connection) for number, connection in enumerate(connections)))
        run.seconds = time.monotonic() - started
        run.processor = sum(stack.spent().values()) - spent
    return run
