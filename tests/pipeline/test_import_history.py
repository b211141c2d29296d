"""Importing an event log: whole deals or nothing of them, and every bad row told with its line and its reason."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.processes import wait_until
from crm.models import Company, Contact, Event, Organisation, User
from pipeline.event_log import lines
from pipeline.models import Deal, LostReason, Pipeline, Source, Stage
from tests.browser import ROOT, _database_url
from tests.pipeline.invariants import check_invariants

HEADER = "deal,at,stage,outcome,title,amount,currency,owner,company,contact,source,lost_reason"


class Imported:
    """What the command printed and answered."""

    def __init__(self, file: Path, **options: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.refusal = ""
        try:
            call_command("import_history", str(file), **({"pipeline": "Past"} | options), stdout=out, stderr=err)
        except CommandError as error:
            self.refusal = str(error)
        self.printed, self.told = out.getvalue().splitlines(), err.getvalue().splitlines()

    @property
    def answer(self) -> dict[str, Any]:
        return json.loads(self.printed[-1])

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return tuple(self.answer[name] for name in ("deals", "rows", "skipped", "errors"))  # type: ignore[return-value]


@pytest.fixture
def log(tmp_path: Path) -> Any:
    """Write a log and import it: `log("a,2026-01-01,New", …)`; bytes and other names on demand."""

    def write(*rows: str | bytes, header: str = HEADER, name: str = "log.csv", **options: Any) -> Imported:
        content = b"".join((row if isinstance(row, bytes) else row.encode()) + b"\n" for row in (header, *rows))
        file = tmp_path / name
        file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return Imported(file, **options)

    return write


BAD = {
    "unknown outcome": ("b,2026-01-02,,paused", "unknown outcome “paused”"),
    "time goes backwards": ("b,2025-12-31,Won over", "time goes backwards"),
    "broken encoding": (b"b,2026-01-02,Off\xffer", "broken encoding"),
    "a zero byte": ("b,2026-01-02,Of\0fer", "zero byte"),
    "no such time": ("b,2026-02-30,Offer", "“2026-02-30” is not a time"),
    "no time": ("b,,Offer", "is not a time"),
    "a time beyond all calendars": ("b,9999-12-31T23:59:59-14:00,Offer", "is not a time"),
    "a time to come": ("b,2062-01-02,Offer", "has not come yet"),
    "neither stage nor outcome": ("b,2026-01-02,,", "neither a stage nor an outcome"),
    "both": ("b,2026-01-02,Offer,won", "both a stage and the outcome won"),
    "a negative amount": ("b,2026-01-02,Offer,,,-1", "between 0 and"),
    "an absurd amount": ("b,2026-01-02,Offer,,,1e30", "between 0 and"),
    "an amount that is none": ("b,2026-01-02,Offer,,,NaN", "between 0 and"),
    "an amount in words": ("b,2026-01-02,Offer,,,much", "“much” is not an amount"),
    "no currency": ("b,2026-01-02,Offer,,,1,rubles", "not a currency"),
    "a long title": ("b,2026-01-02,Offer,," + "x" * 201, "title is longer than 200"),
    "a long stage": ("b,2026-01-02," + "x" * 81, "stage is longer than 80"),
    "too many cells": ("b,2026-01-02,Offer" + "," * 20, "cells in 12 columns"),
    "an open quote": ('b,2026-01-02,"Offer', "quote is opened and not closed"),
    "an endless line": ("b,2026-01-02,Offer,," + "x" * 70_000, "longer than 65,536 bytes"),
    "reopened while open": ("b,2026-01-02,,reopened", "neither won nor lost"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "reason"), BAD.values(), ids=BAD)
def test_a_bad_row_is_told_and_takes_its_deal_alone(log: Any, row: str | bytes, reason: str) -> None:
    rows = ("a,2026-01-01,New", "b,2026-01-01,New", row, "b,2026-01-03,Later", "c,2026-01-01,New", "a,2026-01-05,Offer")
    imported = log(*rows)
    assert [line for line in imported.told if line.startswith("line ")] == [
        next(line for line in imported.told if line.startswith("line 4: "))
    ]
    assert reason in "\n".join(imported.told)
    assert imported.counts == (2, 6, 1, 1)
    assert sorted(Deal.objects.values_list("import_key", flat=True)) == ["a", "c"]
    assert list(Stage.objects.order_by("position").values_list("name", flat=True)) == ["New", "Offer"]
    check_invariants()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["a,2026-01-01,,won"], "is won before it entered any stage"),
        (["a,2026-01-01,New", "a,2026-01-02,,lost", "a,2026-01-03,,won"], "was lost already"),
        (["a,2026-01-01,New", "a,2026-01-02,,lost", "a,2026-01-03,Offer"], "without being reopened"),
        ([",2026-01-01,New"], "names no deal"),
    ],
)
def test_a_history_that_can_not_be_is_refused(log: Any, rows: list[str], reason: str) -> None:
    imported = log(*rows)
    assert reason in imported.told[0] and not Deal.objects.exists() and imported.counts[0] == 0


@pytest.mark.django_db
def test_stages_given_are_the_only_ones_and_in_that_order(log: Any) -> None:
    imported = log("a,2026-01-01,Offer", "b,2026-01-01,Other", "c,2026-01-01,new", stages="New, Offer ,Signed")
    assert imported.told[0] == "line 3: stage “Other” is not among --stages (New, Offer, Signed)"
    assert imported.counts == (2, 3, 1, 1)
    assert list(Stage.objects.order_by("position").values_list("name", flat=True)) == ["New", "Offer", "Signed"]


@pytest.mark.django_db
def test_stop_imports_nothing_when_one_row_is_bad(log: Any) -> None:
    imported = log("a,2026-01-01,New", "b,2026-01-01,,paused", on_row_error="stop")
    assert "nothing imported: 1 bad rows" in imported.refusal
    assert (imported.answer["pipeline"], *imported.counts) == (None, 0, 2, 2, 1)
    for model in (Pipeline, Stage, Deal, User, Company, Event):
        assert not model.objects.exists()
    assert log("a,2026-01-01,New", on_row_error="stop").counts == (1, 1, 0, 0)


UNREADABLE: dict[str, tuple[bytes | None, str, str]] = {
    "missing": (None, "none.csv", "No such file"),
    "empty": (b"", "log.csv", "is empty"),
    "only its first line": (HEADER.encode(), "log.csv", "has no rows"),
    "another table": (b"id,name\n1,x\n", "log.csv", "names no column deal, at, stage"),
    "a column twice": (b"deal,at,stage,at\na,b,c,d\n", "log.csv", "names the column at twice"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "log.csv", "is not an event log"),
    "a damaged archive": (gzip.compress(HEADER.encode() * 99)[:-20], "log.csv.gz", "damaged gzip"),
    "no archive": (HEADER.encode(), "log.csv.gz", "not a gzip file"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("content", "name", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_can_not_be_read_says_why(tmp_path: Path, content: bytes | None, name: str, reason: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert reason in Imported(tmp_path / name).refusal
    assert "cannot read" in Imported(tmp_path).refusal
    assert not Pipeline.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_a_huge_file_is_refused_before_it_fills_the_memory(log: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(lines, "MAX_FILE", 10_000)
    imported = log(*[f"d{n},2026-01-01,New" for n in range(1000)], name=name)
    assert "split it by deals" in imported.refusal and not Pipeline.objects.exists()


@pytest.mark.django_db
def test_the_same_deals_again_add_nothing(log: Any) -> None:
    rows = ["a,2026-01-01,New", "a,2026-01-02,Offer", "b,2026-01-01,New"]
    assert log(*rows).counts == (2, 3, 0, 0)
    assert log(*rows, "b,2026-02-01,,won", "c,2026-01-01,New").counts == (1, 5, 2, 0)
    assert (Deal.objects.count(), Deal.objects.open().count(), Pipeline.objects.count()) == (3, 3, 1)
    assert log(*rows, pipeline="Elsewhere").counts == (2, 3, 0, 0)
    check_invariants()


@pytest.mark.django_db
def test_the_last_value_that_is_there_wins_and_terms_keep_their_dates(log: Any) -> None:
    log(
        "a,2026-01-01T00:00Z,New,,First,100,eur,Olga,Vektor,Petr,Web,",
        "a,2026-01-02T00:00Z,Offer,,,,,,,,,",
        'a,2026-01-03T00:00Z,Signed,,Second,"1 250,50",,Oleg,,,,',
        "a,2026-01-04T00:00Z,,lost,,,,,,,,Price",
    )
    deal = Deal.objects.get()
    assert (deal.title, deal.amount, deal.currency, deal.owner.name) == ("Second", Decimal("1250.50"), "EUR", "Oleg")
    assert (deal.company.name, deal.contact.name, deal.source.name, deal.lost_reason.name) == ("Vektor", "Petr", "Web", "Price")
    assert [(term.since.day, term.amount, term.owner.name) for term in deal.terms_history.all()] == [
        (1, 100, "Olga"),
        (3, Decimal("1250.50"), "Oleg"),
    ]
    assert (deal.created_at, deal.closed_at) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC))


@pytest.mark.django_db
def test_reopened_returns_to_the_last_stage_or_to_the_one_named(log: Any) -> None:
    log(
        *("a,2026-01-01,New", "a,2026-01-02,Offer", "a,2026-01-03,,lost", "a,2026-01-05,,reopened", "a,2026-01-06,,won"),
        *("b,2026-01-01,New", "b,2026-01-02,Offer", "b,2026-01-03,,lost", "b,2026-01-05,New,reopened"),
        *("c,2026-01-01,New", "c,2026-01-03,,lost", "c,2026-01-05,,reopened", "c,2026-01-05,Offer"),
    )
    told = {deal.import_key: [(visit.stage.name, visit.exit) for visit in deal.visits.order_by("seq")] for deal in Deal.objects.all()}
    assert told == {
        "a": [("New", "moved"), ("Offer", "lost"), ("Offer", "won")],
        "b": [("New", "moved"), ("Offer", "lost"), ("New", "")],
        "c": [("New", "lost"), ("Offer", "")],
    }
    assert dict(Deal.objects.values_list("import_key", "outcome")) == {"a": "won", "b": "", "c": ""}
    check_invariants()


@pytest.mark.django_db
def test_a_time_without_offset_is_on_the_organisations_clock(log: Any) -> None:
    """Also in the night when the clock is put back: an hour that comes twice may be the second one."""
    Organisation.objects.create(time_zone="Europe/Berlin")
    imported = log(
        *("a,2026-10-25T02:50,New", "a,2026-10-25T02:10,Offer", "a,2026-10-25T03:10,Signed"),
        *("b,2026-03-29T01:50,New", "b,2026-03-29T03:10,Offer"),
        *("c,2026-07-01 12:00:00+03:00,New", "c,2026-07-01 11:30:00,Offer"),
    )
    assert imported.told == []
    times = {deal.import_key: [f"{visit.entered_at:%H:%M}" for visit in deal.visits.order_by("seq")] for deal in Deal.objects.all()}
    assert times == {"a": ["00:50", "01:10", "02:10"], "b": ["00:50", "01:10"], "c": ["09:00", "09:30"]}


@pytest.mark.django_db
def test_owners_are_found_by_name_or_mail_and_others_can_not_sign_in(log: Any, anna: User, boris: User) -> None:
    owners = ["ANNA ARLOVA", boris.email.upper(), "Иван Петров", "иван петров", "Ann-B", "Ann B", "new@other.example"]
    log(*[f"d{n},2026-01-01,New,,,,,{owner}" for n, owner in enumerate(owners)])
    found = list(Deal.objects.order_by("import_key").select_related("owner"))
    assert [deal.owner for deal in found[:2]] == [anna, boris] and found[0].team == anna.team
    assert found[2].owner == found[3].owner
    strangers = User.objects.exclude(pk__in=[anna.pk, boris.pk])
    assert sorted(strangers.values_list("name", flat=True)) == sorted(["Ann B", "Ann-B", "Иван Петров", "new"])
    assert all(not person.is_active and not person.has_usable_password() and person.role == "rep" for person in strangers)


@pytest.mark.django_db
def test_files_of_other_programs_are_read(log: Any) -> None:
    imported = log(
        'a;"2026-01-01";"New";;"Title; with\nlines ""and quotes"""', "", ";;;;", header="\ufeffDeal;At;Stage;Note;Title", name="log.csv.gz"
    )
    assert imported.counts == (1, 1, 0, 0)
    assert imported.told == ["column note is not known and was ignored"]
    assert Deal.objects.get().title == 'Title; with\nlines "and quotes"'


@pytest.mark.django_db
def test_an_existing_pipeline_is_filled_by_its_own_names(log: Any, sales: Pipeline, stages: list[Stage]) -> None:
    Stage.objects.filter(pk=stages[1].pk).update(labels={"ru": "Отобрано"})
    Stage.objects.filter(pk=stages[3].pk).update(archived_at=timezone.now())
    imported = log("a,2026-01-01,new", "a,2026-01-02,отобрано", "b,2026-01-01,Negotiation", "c,2026-01-01,Fresh", pipeline="Sales")
    assert imported.told[0] == "line 4: stage “Negotiation” is archived; restore it first"
    assert imported.answer["pipeline"] == sales.pk
    assert Deal.objects.get(import_key="a").stage == stages[1]
    assert Deal.objects.get(import_key="c").stage.position == 4
    check_invariants()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "options",
    [{"pipeline": ""}, {"pipeline": "x" * 81}, {"stages": "A,a"}, {"stages": "x" * 81}, {"currency": "rub"}, {"pipeline": "a\0b"}],
)
def test_options_that_make_no_sense_are_refused(log: Any, options: dict[str, str]) -> None:
    assert log("a,2026-01-01,New", **options).refusal
    assert not Pipeline.objects.exists()


EVENT = st.tuples(
    st.sampled_from("abc"),
    st.integers(-1, 3),
    st.sampled_from(["New", "Offer", "Signed", "won", "lost", "reopened", "reopened to New", "paused"]),
    st.sampled_from(["", "10", "20.5", "-1"]),
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENT, min_size=1, max_size=20))
def test_whatever_the_log_tells_the_promises_hold(log: Any, events: list[tuple[str, int, str, str]]) -> None:
    text, clock = io.StringIO(), 0
    for deal, hours, what, amount in events:
        clock = max(0, clock + hours)
        stage = "New" if what.endswith("New") else what if what in ("Offer", "Signed") else ""
        outcome = "reopened" if what.startswith("reopened") else what if not stage else ""
        csv.writer(text).writerow([deal, f"2026-01-{1 + clock // 24:02}T{clock % 24:02}:00Z", stage, outcome, "", amount])
    with transaction.atomic():
        imported = log(text.getvalue().replace("\r", "").rstrip("\n"))
        written, _rows, skipped, errors = imported.counts
        assert written + skipped == len({event[0] for event in events}) and len(imported.told) == (errors + 1 if errors else 0)
        assert Deal.objects.count() == written
        check_invariants()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_write_each_deal_once(log: Any) -> None:
    rows = [f"d{n},2026-01-01,New,,,,,Owner {n % 3},Company {n % 5}" for n in range(50)]

    def work(turn: int) -> tuple[int, ...]:
        try:
            return log(*rows, name=f"log{turn}.csv").counts
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        counts = sorted(pool.map(work, range(3)))
    assert counts == [(0, 50, 50, 0), (0, 50, 50, 0), (50, 50, 0, 0)]
    assert [model.objects.count() for model in (Pipeline, Deal, User, Company)] == [1, 50, 3, 5]
    check_invariants()


def start(file: Path) -> subprocess.Popen[str]:
    """The command as a process of its own, on the database of this test."""
    environment = os.environ | {"DATABASE_URL": _database_url(connection.settings_dict["NAME"]), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, str(ROOT / "manage.py"), "import_history", str(file), "--pipeline", "Past"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_it_leaves_nothing_and_can_be_run_again(tmp_path: Path) -> None:
    """It is killed while it waits to write its first contact: pipeline, stages, owners and companies are written by then."""
    file = tmp_path / "log.csv"
    file.write_text("\n".join([HEADER, *[f"d{n},2026-01-01,New,,,,,Olga,Vektor,Petr" for n in range(20)]]))

    def ask(question: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {question}")
            return cursor.fetchone()[0]

    others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    before = ask(others)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE crm_contact IN SHARE MODE")
        process = start(file)
        assert wait_until(lambda: ask("pg_locks WHERE NOT granted AND relation = 'crm_contact'::regclass") == 1, 60)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert wait_until(lambda: ask(others) == before, 30)
    for model in (Pipeline, Stage, User, Company, Contact, Deal, Event, Source, LostReason):
        assert not model.objects.exists(), model
    again = start(file)
    out, err = again.communicate()
    assert (again.returncode, err, json.loads(out.splitlines()[-1])["deals"]) == (0, "", 20)
    file.unlink()
    missing = start(file)
    out, err = missing.communicate()
    assert (missing.returncode, out) == (1, "") and "No such file" in err and "Traceback" not in err
