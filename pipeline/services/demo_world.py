"""What the demo's deals refer to: people, lists to choose from, and pipelines with their stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from crm.demo import DEMO_COLLEAGUES, DEMO_LOGINS, DEMO_PASSWORD, SOUTH
from crm.models import ExchangeRate, Organisation, Team, User
from pipeline.models import Colour, LostReason, Pipeline, Source, Stage

Labels = tuple[str, str]

# English and Russian label, colour, win probability, days until a deal rots.
SALES: list[tuple[str, str, str, int, int | None]] = [
    ("New enquiry", "Новая заявка", Colour.SLATE, 18, 21),
    ("Preliminary qualification", "Предварительная квалификация", Colour.BLUE, 34, 30),
    ("Needs agreed", "Потребность согласована", Colour.CYAN, 49, 7),
    ("Proposal in preparation", "Готовим предложение", Colour.TEAL, 50, 7),
    ("Proposal sent", "Предложение отправлено", Colour.AMBER, 50, 60),
    ("Negotiation", "Согласование условий", Colour.ORANGE, 72, 45),
    ("Contract", "Договор", Colour.GREEN, 95, 14),
]
RENEWALS: list[tuple[str, str, str, int, int | None]] = [
    ("Due for renewal", "Подходит срок", Colour.SLATE, 70, 45),
    ("Terms offered", "Условия предложены", Colour.VIOLET, 76, 30),
    ("Agreed", "Согласовано", Colour.TEAL, 90, 21),
    ("Signing", "Подписание", Colour.GREEN, 99, None),
]
SOURCES: list[Labels] = [
    ("Website", "Сайт"),
    ("Referral", "Рекомендация"),
    ("Exhibition", "Выставка"),
    ("Cold call", "Холодный звонок"),
    ("Partner", "Партнёр"),
]
# The last two are reasons of the first step only: the enquiry itself led nowhere.
REASONS: list[Labels] = [
    ("Too expensive", "Дорого"),
    ("Chose a competitor", "Выбрали конкурента"),
    ("No budget", "Нет бюджета"),
    ("Put off", "Отложили"),
    ("No answer", "Не отвечают"),
    ("Not our customer", "Не наш клиент"),
]
# Roubles for a euro, from that long ago (days) on.
RATES = [(400, "96.40"), (210, "92.15"), (60, "94.80")]


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Everything a story of the demo may name."""

    organisation: Organisation
    people: dict[str, User]
    sources: list[Source]
    reasons: list[LostReason]
    sales: Pipeline
    renewals: Pipeline

    @property
    def admin(self) -> User:
        return self.people["admin"]


def make_demo_world(*, organisation: Organisation, today: date) -> DemoWorld:
    """Create it all; the stages, sources and reasons carry their names in both languages."""
    for days, rate in RATES:
        ExchangeRate.objects.create(currency="EUR", since=date.fromordinal(today.toordinal() - days), rate=rate)
    return DemoWorld(
        organisation=organisation,
        people=_make_people(),
        sources=[Source.objects.create(name=en, labels={"en": en, "ru": ru}) for en, ru in SOURCES],
        reasons=[LostReason.objects.create(name=en, labels={"en": en, "ru": ru}) for en, ru in REASONS],
        sales=_make_pipeline(("Sales", "Продажи"), SALES, position=0),
        renewals=_make_pipeline(("Renewals", "Продления"), RENEWALS, position=1),
    )


def _make_people() -> dict[str, User]:
    """By the first word of their address; the South shares all its deals, the North keeps to its own."""
    secret, closed = make_password(DEMO_PASSWORD), make_password(None)
    everybody = [*((login, secret) for login in DEMO_LOGINS), *((colleague, closed) for colleague in DEMO_COLLEAGUES)]
    teams = {
        name: Team.objects.create(name=name, is_open=name == SOUTH) for name in sorted({person.team for person, _ in everybody} - {""})
    }
    left = DEMO_COLLEAGUES[-1]
    return {
        person.email.partition("@")[0]: User.objects.create(
            email=person.email,
            name=person.name,
            role=person.role,
            team=teams.get(person.team),
            password=password,
            is_active=person is not left,
        )
        for person, password in everybody
    }


def _make_pipeline(labels: Labels, stages: list[tuple[str, str, str, int, int | None]], *, position: int) -> Pipeline:
    en, ru = labels
    pipeline = Pipeline.objects.create(name=en, labels={"en": en, "ru": ru}, currency="RUB", position=position)
    for place, (name, russian, colour, probability, rot_days) in enumerate(stages):
        Stage.objects.create(
            pipeline=pipeline,
            name=name,
            labels={"en": name, "ru": russian},
            position=place,
            colour=colour,
            probability=probability,
            rot_days=rot_days,
        )
    return pipeline
