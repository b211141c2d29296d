"""What the running product costs while nobody does anything."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

from bench.stack import Stack

KINDS = {"postgres": "PostgreSQL", "valkey": "Redis", "redis-server": "Redis", " worker": "worker", " beat": "beat", " up": "supervisor"}


def measure(stack: Stack, *, seconds: float) -> None:
    """Print memory (each shared page counted once) and processor time by kind of process."""
    time.sleep(5)  # whatever was just measured settles
    before = stack.spent()
    time.sleep(seconds)
    after = stack.spent()
    memory: defaultdict[str, float] = defaultdict(float)
    spent: defaultdict[str, float] = defaultdict(float)
    for pid, command in stack.processes().items():
        kind = next((name for part, name in KINDS.items() if part in command), "web")
        memory[kind] += _megabytes(pid)
        spent[kind] += after.get(pid, 0.0) - before.get(pid, 0.0)
    parts = ", ".join(f"{kind} {memory[kind]:.0f} MB and {spent[kind] / seconds:.1%} of a core" for kind in sorted(memory))
    print(f"idle, {stack.deals:,} deals: {sum(memory.values()):.0f} MB, {sum(spent.values()) / seconds:.1%} of a core ({parts})")


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000
    except OSError:
        return 0.0
