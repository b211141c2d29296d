"""The funnel and time in stage over everything, as an admin and as a manager ask the API."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from bench.client import Connection
from bench.stack import Stack

TURNS = 3


def measure(stack: Stack) -> None:
    """Print the seconds of each report as of now and as of a month ago."""
    people = stack.python("bench.people")
    for role in ("admin", "manager"):
        asyncio.run(_measure(stack, role, people["cookies"][role], people["pipeline"]))


async def _measure(stack: Stack, role: str, cookie: str, pipeline: int) -> None:
    connection = Connection(stack.url, {"Cookie": cookie})
    for report in ("funnel/?", "time-in-stage/?per=visit&", "time-in-stage/?per=deal&", "funnel/?as_of=2026-10-01T00:00:00Z&"):
        times = []
        for _turn in range(TURNS):
            started = time.monotonic()
            status, body = await connection.request("GET", f"/api/v1/analytics/{report}pipeline={pipeline}")
            assert status == 200, (status, body[:300])
            times.append(time.monotonic() - started)
        print(f"{report.rstrip('?&')} as {role}, {stack.deals:,} deals: median {median(times):.2f} s")
    await connection.close()
