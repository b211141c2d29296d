"""Filling a pipeline with a synthetic load of any size."""

from __future__ import annotations

import io
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from crm import events
from crm.models import Company, ExchangeRate, Organisation, Role, Team, User
from pipeline.models import Colour, Deal, DealTerms, LostReason, Pipeline, Source, Stage, StageVisit
from pipeline.services.bulk import copy_rows, reserve_range
from pipeline.services.history import VISIT
from pipeline.services.set_aside import set_aside
from pipeline.simulator.load import STEPS, LoadSimulator, World

logger = logging.getLogger(__name__)

NAME = "Load"
DOMAIN = "load.example"
TEAMS, PEOPLE = 5, 50
BATCH = 20_000
# Below this, writing into the indexes costs less than making them anew.
SMALL = 20_000
DEAL = [
    *("id", "title", "pipeline_id", "stage_id", "amount", "currency", "owner_id", "team_id", "company_id", "source_id", "rank", "version"),
    *("outcome", "lost_reason_id", "created_at", "closed_at", "stage_entered_at", "next_step_on", "is_sample"),
]
TERMS = """
INSERT INTO pipeline_dealterms (deal_id, since, amount, currency, owner_id, team_id, expected_close)
SELECT id, created_at, amount, currency, owner_id, team_id, expected_close FROM pipeline_deal WHERE id BETWEEN %s AND %s
"""
TALLIES = """
INSERT INTO pipeline_stagetally (stage_id, owner_id, team_id, currency, next_step_on, deals, amount, is_folded)
SELECT stage_id, owner_id, team_id, currency, next_step_on, count(*), coalesce(sum(amount), 0), false
FROM pipeline_deal WHERE id BETWEEN %s AND %s AND outcome = '' GROUP BY 1, 2, 3, 4, 5
"""
# What the deferred triggers would have asked row by row.
BROKEN = """
SELECT count(*) FROM pipeline_deal deal LEFT JOIN (
    SELECT DISTINCT ON (deal_id) deal_id, stage_id, left_at, exit FROM pipeline_stagevisit
    WHERE deal_id BETWEEN %(first)s AND %(last)s ORDER BY deal_id, seq DESC
) latest ON latest.deal_id = deal.id
WHERE deal.id BETWEEN %(first)s AND %(last)s AND (
    latest.deal_id IS NULL OR latest.stage_id <> deal.stage_id OR latest.exit <> deal.outcome
    OR (deal.outcome = '') <> (latest.left_at IS NULL)
)
"""


class BrokenLoad(Exception):
    """The load broke a promise; nothing of it was written."""


@dataclass
class LoadReport:
    """What was written, and how long each phase took."""

    pipeline: Pipeline
    deals: int = 0
    visits: int = 0
    open: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def phase(self, name: str) -> None:
        """The phase of that name ends here."""
        now = time.monotonic()
        self.seconds[name] = self.seconds.get(name, 0) + now - self.started
        self.started = now


def seed_load(*, deals: int, seed: int, password: str) -> LoadReport:
    """Add so many deals to the pipeline "Load" in one transaction; the tables are locked meanwhile, so only for trials.

    The same seed, number and instant give the same deals.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
            cursor.execute("SET LOCAL synchronous_commit = off")
        pipeline = _find_or_create_pipeline()
        report = LoadReport(pipeline)
        world = _make_world(pipeline, password, companies=min(50_000, deals // 10 + 1), seed=seed)
        report.phase("people and companies")
        ids = reserve_range(Deal, deals)
        if deals > SMALL:
            with set_aside([Deal, StageVisit, DealTerms], phase=report.phase):
                _copy(world, ids, seed, report)
                _fill_beside(ids, report, tally=True)
        else:
            _copy(world, ids, seed, report)
            _fill_beside(ids, report, tally=False)
        if deals > SMALL:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pipeline_search_rebuild()")
                cursor.execute("SELECT pipeline_search_lend('{}', ARRAY(SELECT DISTINCT contact_id FROM pipeline_dealcontact ORDER BY 1))")
            report.phase("search")
        _check(ids)
        report.phase("check")
        events.record("history.recorded", record="pipeline", record_id=pipeline.pk, by=None, deals=report.deals, visits=report.visits)
    report.phase("commit")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            "VACUUM ANALYZE pipeline_deal, pipeline_stagevisit, pipeline_dealterms, pipeline_stagetally, crm_company, crm_searchentry"
        )
        cursor.execute("RESET statement_timeout")
    report.phase("vacuum and analyse")
    return report


def _copy(world: World, ids: range, seed: int, report: LoadReport) -> None:
    """Invent the next batch while PostgreSQL takes in the one before."""
    organisation = Organisation.current()
    simulator = LoadSimulator(world=world, seed=seed, now=timezone.now(), today=organisation.today())
    tables = [(Deal._meta.db_table, DEAL), (StageVisit._meta.db_table, [name for name in VISIT if name != "is_vague"])]
    connection.ensure_connection()
    raw = connection.connection
    with ThreadPoolExecutor(1) as writer:
        writing: Future[None] | None = None
        for batch in simulator.batches(ids, BATCH):
            if writing:
                writing.result()
            writing = writer.submit(_copy_lines, raw, list(zip(tables, (batch.deals, batch.visits), strict=True)))
            report.open += batch.open
            report.visits += batch.visit_count
        if writing:
            writing.result()
    report.deals = len(ids)
    report.phase("deals and visits")


def _copy_lines(raw: Any, parts: list[tuple[tuple[str, list[str]], str]]) -> None:
    """Runs beside the simulator: the driver's own connection may be used from another thread, Django's may not."""
    with raw.cursor() as cursor:
        for (table, columns), lines in parts:
            cursor.copy_expert(f'COPY "{table}" ({", ".join(columns)}) FROM STDIN', io.StringIO(lines), size=262_144)


def _fill_beside(ids: range, report: LoadReport, *, tally: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TERMS, [ids[0], ids[-1]])
        if tally:
            cursor.execute(TALLIES, [ids[0], ids[-1]])
    report.phase("terms and totals")


def _check(ids: range) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BROKEN, {"first": ids[0], "last": ids[-1]})
        broken = cursor.fetchone()[0]
    if broken:
        raise BrokenLoad(f"{broken} deals stand elsewhere than their latest visit")


def _find_or_create_pipeline() -> Pipeline:
    pipeline = Pipeline.objects.filter(name=NAME).first()
    if pipeline:
        # Writers of columns wait here, in their usual order.
        list(pipeline.stages.order_by("id").select_for_update(no_key=True))
        return pipeline
    last = Pipeline.objects.aggregate(last=Max("position"))["last"]
    pipeline = Pipeline.objects.create(name=NAME, currency=Organisation.current().currency, position=0 if last is None else last + 1)
    colours = [colour for colour in Colour.values if colour != Colour.SLATE]
    Stage.objects.bulk_create(
        Stage(pipeline=pipeline, name=step.name, position=place, colour=colours[place], probability=10 + 13 * place, rot_days=30)
        for place, step in enumerate(STEPS)
    )
    return pipeline


def _make_world(pipeline: Pipeline, password: str, *, companies: int, seed: int) -> World:
    organisation = Organisation.current()
    reps = _make_people(password)
    rank = dict(Deal.objects.in_pipeline(pipeline).open().order_by().values_list("stage").annotate(Max("rank")))
    stages = list(pipeline.stages.order_by("position").values_list("id", flat=True))[: len(STEPS)]
    other = "EUR" if organisation.currency != "EUR" else "USD"
    rate = 95 if organisation.currency == "RUB" else 1
    if not ExchangeRate.objects.filter(currency=other).exists():
        ExchangeRate.objects.create(currency=other, since=timezone.datetime(2020, 1, 1).date(), rate=rate)  # type: ignore[attr-defined]
    return World(
        pipeline=pipeline.pk,
        stages=stages,
        owners=[(rep.pk, rep.team_id) for rep in reps if rep.team_id],
        companies=_make_companies(companies, reps, seed),
        sources=[Source.objects.get_or_create(name=name)[0].pk for name in ("Website", "Referral", "Exhibition", "Cold call")],
        reasons=[LostReason.objects.get_or_create(name=name)[0].pk for name in ("Price", "Competitor", "No budget", "No answer")],
        currencies=[pipeline.currency] * 11 + [other],
        last_ranks=[int(rank.get(stage) or 0) for stage in stages],
    )


def _make_people(password: str) -> list[User]:
    """Five teams, each led by a manager; the reps of all."""
    secret = make_password(password)
    teams = [Team.objects.get_or_create(name=f"Load {number}")[0] for number in range(1, TEAMS + 1)]

    def person(name: str, role: str, team: Team | None) -> User:
        email = f"load-{name}@{DOMAIN}"
        fields = {"role": role, "team": team, "password": secret, "is_active": True}
        return User.objects.update_or_create(email=email, defaults=fields, create_defaults=fields | {"name": f"Load {name}"})[0]

    for number, team in enumerate(teams, start=1):
        person(f"manager-{number:02}", Role.MANAGER, team)
    person("admin", Role.ADMIN, None)
    return [person(f"rep-{number:02}", Role.REP, teams[(number - 1) % TEAMS]) for number in range(1, PEOPLE - TEAMS + 1)]


def _make_companies(count: int, reps: list[User], seed: int) -> list[int]:
    have = Company.objects.filter(name__startswith="Load company ").count()
    random, now = Random(seed), timezone.now()  # noqa: S311 - a load keeps no secrets
    rows = []
    for number in range(have + 1, count + 1):
        rep = random.choice(reps)
        rows.append((f"Load company {number}", "", rep.pk, rep.team_id, now, "f"))
    copy_rows(Company, ["name", "website", "owner_id", "team_id", "created_at", "is_sample"], rows)
    return list(Company.objects.filter(name__startswith="Load company ").values_list("id", flat=True))
