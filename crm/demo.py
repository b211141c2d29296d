"""The people of the demo; those who can sign in are told on the sign-in page and by the ready line."""

from __future__ import annotations

from dataclasses import dataclass

from crm.models import Role

DEMO_PASSWORD = "demo-voronka"  # noqa: S105 - known to everybody, by design
DEMO_DOMAIN = "demo.example"


@dataclass(frozen=True)
class DemoLogin:
    """A person of the demo."""

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
# They fill the teams, but nobody signs in as them; the last one has left.
DEMO_COLLEAGUES = [
    DemoLogin("gleb@demo.example", "Глеб Ветров", Role.REP, NORTH),
    DemoLogin("elena@demo.example", "Елена Солнова", Role.MANAGER, SOUTH),
    DemoLogin("igor@demo.example", "Игорь Снегов", Role.REP, SOUTH),
    DemoLogin("faina@demo.example", "Faina Orlan", Role.REP, SOUTH),
]
