"""`python -m bench [board search pages moves streams funnel faults imports idle] --deals 10000 1000000 --folder DIR`"""

from __future__ import annotations

import argparse
import os
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from bench import board, faults, funnel, idle, imports, moves, pages, search, streams
from bench.stack import stack


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures and ratios, taken in one run.")
    parser.add_argument("what", nargs="*", default=["board", "search", "pages", "moves", "streams", "funnel", "faults", "idle"])
    parser.add_argument("--deals", type=int, nargs="+", default=[10_000, 100_000], help="sizes of the databases, rising")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "voronka-bench", help="kept, so that the next run need not seed"
    )
    parser.add_argument("--seconds", type=float, default=20, help="how long each load lasts")
    parser.add_argument("--rows", type=int, default=100_000, help="of each file that is imported")
    options = parser.parse_args()
    with ExitStack() as running:
        stacks = [running.enter_context(stack(options.folder, deals=deals)) for deals in options.deals]
        print(f"{date.today()}, {os.cpu_count()} cores, load average at the start {os.getloadavg()[0]:.1f}")
        for each in stacks:
            if each.seeded_in:
                print(f"seed_load --deals {each.deals}: {each.seeded_in:.0f} s")
        if "board" in options.what:
            board.measure(stacks, seconds=options.seconds)
        if "pages" in options.what:
            pages.measure(stacks)
        if "search" in options.what:
            search.measure(stacks)
        if "moves" in options.what:
            moves.measure(stacks[-1], seconds=options.seconds)
        if "streams" in options.what:
            streams.measure(stacks[-1])
        if "funnel" in options.what:
            funnel.measure(stacks[-1])
        if "faults" in options.what:
            faults.measure(stacks[-1], seconds=options.seconds)
        if "imports" in options.what:
            imports.measure(stacks[-1], rows=options.rows)
        if "idle" in options.what:
            idle.measure(stacks[-1], seconds=options.seconds)
        print(f"load average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
