"""Finding anything, by role, text and size."""

from __future__ import annotations

from bench.stack import Stack

ROUNDS = 3


def measure(stacks: list[Stack]) -> None:
    """Print the time of each text in each database, of several rounds the quietest, and the ratio of the largest to the smallest."""
    rounds = [[stack.python("bench.search_alone") for stack in stacks] for _turn in range(ROUNDS)]
    for role, texts in rounds[0][0].items():
        for text in texts:
            best = [min((each[place][role][text] for each in rounds), key=lambda figure: figure[2]) for place in range(len(stacks))]
            told = ", ".join(
                f"{ms:.0f} ms at {stack.deals:,} ({statements} statements, {hits} hits)"
                for stack, (statements, hits, ms) in zip(stacks, best, strict=True)
            )
            print(f"search “{text}” as {role}: {told}, ratio {best[-1][2] / best[0][2]:.2f}")
