"""Who can sign in to the demo: told on the sign-in page and by the ready line."""

from __future__ import annotations

from dataclasses import dataclass

from crm.models import Role

DEMO_PASSWORD = "demo-voronka"  # noqa: S105 - known to everybody, by design


@dataclass(frozen=True)
class DemoLogin:
    """A person of the demo, by the name each language would give."""

    email: str
    name: str
    role: str
    team: str = ""
    password: str = DEMO_PASSWORD


NORTH, SOUTH = "North", "South"
DEMO_LOGINS = [
    DemoLogin("anna@demo.example", "Anna Arlova", Role.REP, NORTH),
    DemoLogin("boris@demo.example", "Boris Belov", Role.REP, NORTH),
    DemoLogin("clara@demo.example", "Clara Chen", Role.MANAGER, NORTH),
    DemoLogin("denis@demo.example", "Denis Dunn", Role.REP, SOUTH),
    DemoLogin("admin@demo.example", "Ada Minova", Role.ADMIN),
]
