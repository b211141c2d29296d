"""The demo's custom fields: what somebody who sells racks would want to know beyond the usual, filled in where somebody asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from crm.models import Company, Contact, CustomField
from pipeline.models import Deal

Labels = tuple[str, str]

# Kind, key, type, name in English and Russian, options.
FIELDS: list[tuple[str, str, str, Labels, list[tuple[str, Labels]]]] = [
    (
        "deal",
        "installation",
        "choice",
        ("Installation", "Монтаж"),
        [
            ("ours", ("By our crew", "Наша бригада")),
            ("partner", ("By a partner", "Партнёр")),
            ("own", ("By the client", "Сам клиент")),
        ],
    ),
    ("deal", "needed_by", "date", ("Needed by", "Нужно к"), []),
    ("deal", "floor_area", "number", ("Floor area, m²", "Площадь, м²"), []),
    (
        "company",
        "industry",
        "choice",
        ("Industry", "Отрасль"),
        [
            ("retail", ("Retail", "Розница")),
            ("logistics", ("Logistics", "Логистика")),
            ("production", ("Production", "Производство")),
            ("food", ("Food", "Продукты питания")),
        ],
    ),
    (
        "contact",
        "prefers",
        "choices",
        ("Best reached by", "Удобнее связаться"),
        [
            ("phone", ("Phone", "По телефону")),
            ("email", ("E-mail", "По почте")),
            ("messenger", ("Messenger", "В мессенджере")),
            ("visit", ("A visit", "При встрече")),
        ],
    ),
]


def add_demo_fields(*, random: Random, today: date) -> None:
    """Define them, and fill them in for most of the demo's records; five queries for the fields, a few for each kind."""
    positions: dict[str, int] = {}
    for kind, key, type, labels, options in FIELDS:
        position = positions[kind] = positions.get(kind, -1) + 1
        choices = [{"key": option, "labels": _by_language(words)} for option, words in options]
        CustomField.objects.create(kind=kind, key=key, type=type, labels=_by_language(labels), options=choices, position=position)
    _fill(Deal, lambda deal: _about_deal(deal, random, today))
    _fill(
        Company,
        lambda _company: {"industry": random.choice(("retail", "logistics", "production", "food"))} if random.random() < 0.8 else {},
    )
    ways = ("phone", "email", "messenger", "visit")
    _fill(Contact, lambda _contact: {"prefers": sorted(random.sample(ways, random.choice((1, 1, 2))))} if random.random() < 0.5 else {})


def _about_deal(deal: Deal, random: Random, today: date) -> dict[str, Any]:
    """Who has got further was asked more."""
    custom: dict[str, Any] = {}
    if random.random() < 0.25 + 0.1 * deal.stage.position:
        custom["floor_area"] = str(random.choice((120, 250, 400, 640, 900, 1500, 2200, 4800)))
    if random.random() < 0.15 + 0.12 * deal.stage.position:
        custom["installation"] = random.choice(("ours", "ours", "partner", "own"))
    if random.random() < 0.1 + 0.1 * deal.stage.position:
        begun = today if deal.is_open else deal.created_at.date()
        custom["needed_by"] = (begun + timedelta(days=random.randrange(14, 120))).isoformat()
    return custom


def _fill(model: type[Any], values: Callable[[Any], dict[str, Any]]) -> None:
    related: Sequence[str] = ("stage",) if model is Deal else ()
    rows = list(model.objects.filter(is_sample=True).select_related(*related).order_by("pk"))
    for row in rows:
        row.custom = values(row)
    model.objects.bulk_update([row for row in rows if row.custom], ["custom"], batch_size=500)


def _by_language(labels: Labels) -> dict[str, str]:
    return {"en": labels[0], "ru": labels[1]}
