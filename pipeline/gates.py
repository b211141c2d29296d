"""Gates: what a deal must bring to enter a stage. Each gate is a function that gives a reason, or nothing."""

from __future__ import annotations

from collections.abc import Callable

from crm.models import User
from pipeline.models import Deal, Stage

Gate = Callable[[Deal, Stage, User], str | None]
_gates: list[Gate] = []


def gate(check: Gate) -> Gate:
    """Register a gate; it is asked at every door."""
    _gates.append(check)
    return check


def refusals(*, deal: Deal, to_stage: Stage, by: User) -> list[str]:
    """Why the deal may not enter the stage; empty when every gate is open."""
    return [reason for check in _gates if (reason := check(deal, to_stage, by))]
