"""The pages of a day beside the board: server time, statements and bytes, small database against large, taken in one run."""

from __future__ import annotations

from typing import Any

from bench.stack import Stack

Figures = dict[str, dict[str, dict[str, Any]]]


def measure(stacks: list[Stack]) -> None:
    """Every page as rep, manager and admin; the ratio is that of the largest database to the smallest."""
    runs: list[Figures] = [stack.python("bench.pages_alone") for stack in stacks]
    print(f"pages: server time in ms at {' / '.join(f'{stack.deals:,}' for stack in stacks)} deals, contacts; five times as many entries")
    worst = 0.0
    for page, roles in runs[0].items():
        for role in roles:
            each = [run[page][role] for run in runs]
            ratio = each[-1]["server_ms"] / each[0]["server_ms"]
            worst = max(worst, ratio)
            times = " / ".join(f"{figures['server_ms']:.0f}" for figures in each)
            sql = " / ".join(f"{figures['sql_ms']:.0f}" for figures in each)
            statements = "/".join(str(figures["statements"]) for figures in each)
            print(
                f"  {page:<22} {role:<8} {times:>13} ms, ratio {ratio:4.2f}; SQL {sql} ms in {statements} statements, {each[-1]['bytes'] // 1000} kB"
            )
    print(f"  worst ratio {worst:.2f} (1.5 wanted)")
