"""The pages of a day beside the board: server time, statements and bytes, small database against large, taken in one run."""

from __future__ import annotations

from typing import Any

from bench.stack import Stack

Figures = dict[str, dict[str, dict[str, Any]]]


def measure(stacks: list[Stack]) -> None:
    """Every page as rep, manager and admin; the ratio is that of the processor time in the largest database to that in the smallest."""
    runs: list[Figures] = [stack.python("bench.pages_alone") for stack in stacks]
    print(
        f"pages: processor time (server time) in ms at {' / '.join(f'{stack.deals:,}' for stack in stacks)} deals, contacts; five times as many entries"
    )
    worst = 0.0
    for page, roles in runs[0].items():
        for role in roles:
            each = [run[page][role] for run in runs]
            ratio = each[-1]["busy_ms"] / each[0]["busy_ms"]
            worst = max(worst, ratio)
            busy, server, sql = (" / ".join(f"{figures[name]:.0f}" for figures in each) for name in ("busy_ms", "server_ms", "sql_ms"))
            statements = "/".join(str(figures["statements"]) for figures in each)
            print(
                f"  {page:<22} {role:<8} {busy:>11} ms ({server}), ratio {ratio:4.2f};"
                f" SQL {sql} ms in {statements} statements, {each[-1]['bytes'] // 1000} kB"
            )
    print(f"  worst ratio {worst:.2f} (1.5 wanted)")
