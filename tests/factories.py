"""Plain makers of records, by the product's own services where history matters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import ImportBatch, Role, Team, User
from crm.services.imports import add_import
from pipeline.models import Colour, Deal, Pipeline, Stage
from pipeline.services.deals import create_deal

PASSWORD = "correct horse"
STAGES = ("New", "Qualified", "Proposal", "Negotiation")


def make_team(name: str = "North", **fields: Any) -> Team:
    return Team.objects.create(name=name, **fields)


def make_user(name: str, *, role: str = Role.REP, team: Team | None = None, **fields: Any) -> User:
    email = f"{name.lower().replace(' ', '.')}@voronka.example"
    return User.objects.create_user(email, PASSWORD, name=name, role=role, team=team, **fields)


def make_pipeline(name: str = "Sales", *, stages: tuple[str, ...] = STAGES, currency: str = "EUR", **fields: Any) -> Pipeline:
    """A pipeline with rising probabilities and a limit of ten days in each stage."""
    pipeline = Pipeline.objects.create(name=name, currency=currency, **fields)
    colours = list(Colour.values)
    for position, stage in enumerate(stages):
        Stage.objects.create(
            pipeline=pipeline,
            name=stage,
            position=position,
            colour=colours[position % len(colours)],
            probability=round(100 * (position + 1) / (len(stages) + 1)),
            rot_days=10,
        )
    return pipeline


def make_deal(title: str = "A deal", *, by: User, stage: Stage | None = None, amount: Decimal | int | None = 1000, **fields: Any) -> Deal:
    """A deal as the board makes it, in the first stage of the first pipeline unless said otherwise."""
    stage = stage or Stage.objects.order_by("pipeline", "position")[0]
    return create_deal(title=title, stage=stage.pk, by=by, amount=None if amount is None else Decimal(amount), **fields)


def make_import(text: str = "Name,Email\nPetr,petr@b.example\n", *, by: User, name: str = "people.csv", kind: str = "") -> ImportBatch:
    """A file that was dropped and waits for its columns to be looked over."""
    return add_import(file=SimpleUploadedFile(name, text.encode()), by=by, kind=kind)
