"""Background jobs: chunk by chunk, in turns, stopped at once, and gone on with after a worker's death."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg2
import pytest
from celery import current_app
from django.conf import settings
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client
from django.utils import timezone
from django.utils.translation import get_language, override

from config.processes import Child, wait_until
from crm import jobs
from crm.errors import Refused
from crm.models import Company, Event, Job, JobState, User
from tests.browser import ROOT, _database_url
from tests.job_worker import CHUNK, GATE, GATE_AT, add_companies


@pytest.fixture(autouse=True)
def no_breath(settings: object) -> None:
    settings.JOBS_BREATH = 0


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Callable[[jobs.Step], str]:
    """Register a step of this test alone."""

    def register(step: jobs.Step) -> str:
        monkeypatch.setattr(jobs, "_kinds", dict(jobs._kinds))
        jobs.register("test", step, label=lambda job: "A test", address=lambda job: "/contacts/")
        return "test"

    return register


def states() -> list[str]:
    return list(Job.objects.order_by("id").values_list("state", flat=True))


@pytest.mark.django_db
def test_a_job_runs_chunk_by_chunk_to_its_end(anna: User, kind: Callable[[jobs.Step], str]) -> None:
    job = jobs.start_job(kind=kind(add_companies), by=anna, params={"count": 30}, total=30)
    assert states() == ["waiting"]
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.cursor, job.attempt) == ("done", 30, 30, {"next": 30}, 1)
    assert Company.objects.count() == 30 and job.lease_until is None and job.finished_at is not None
    told = Event.objects.filter(record="job").order_by("id").values_list("type", "actor", "payload")
    assert [(type, actor, payload.get("state")) for type, actor, payload in told] == [
        ("job.started", anna.pk, None),
        ("job.finished", anna.pk, "done"),
    ]
    jobs.run_waiting()
    assert Company.objects.count() == 30


@pytest.mark.django_db
def test_a_chunk_that_fails_leaves_nothing_and_says_why(anna: User, kind: Callable[[jobs.Step], str]) -> None:
    def step(job: Job) -> bool:
        add_companies(job)
        if job.done > CHUNK:
            raise Refused("Row 17 has no name.")
        return True

    jobs.start_job(kind=kind(step), by=anna, params={"count": 30})
    jobs.run_waiting()
    job = Job.objects.get()
    assert (job.state, job.error, job.done, Company.objects.count()) == ("failed", "Row 17 has no name.", CHUNK, CHUNK)


@pytest.mark.django_db
def test_a_fault_of_ours_is_told_without_its_words(anna: User, kind: Callable[[jobs.Step], str]) -> None:
    def step(job: Job) -> bool:
        raise ZeroDivisionError("secret")

    User.objects.filter(pk=anna.pk).update(language="ru")
    jobs.start_job(kind=kind(step), by=anna)
    jobs.run_waiting()
    assert Job.objects.get().state == "failed" and "secret" not in Job.objects.get().error


@pytest.mark.django_db
@pytest.mark.parametrize(("own", "asked_in", "spoken"), [("", "ru", "ru"), ("", "en", "en"), ("ru", "en", "ru")])
def test_a_job_speaks_the_language_it_was_asked_for_in(
    anna: User, kind: Callable[[jobs.Step], str], own: str, asked_in: str, spoken: str
) -> None:
    said = []

    def step(job: Job) -> bool:
        said.append(get_language())
        return False

    User.objects.filter(pk=anna.pk).update(language=own)
    with override(asked_in):
        jobs.start_job(kind=kind(step), by=anna)
    jobs.run_waiting()
    assert said == [spoken]


@pytest.mark.django_db
def test_a_fault_of_the_database_is_tried_again_but_not_for_ever(anna: User, kind: Callable[[jobs.Step], str]) -> None:
    tries = []

    def step(job: Job) -> bool:
        tries.append(job.attempt)
        if len(tries) == 1:
            raise OperationalError("lock timeout")
        return add_companies(job)

    jobs.start_job(kind=kind(step), by=anna, params={"count": 20})
    jobs.run_waiting()
    assert (states(), Company.objects.count(), tries) == (["running"], 0, [1])
    jobs.run_waiting()  # not yet: it was put off
    assert tries == [1]
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    jobs.run_waiting()
    assert (states(), Company.objects.count(), tries) == (["done"], 20, [1, 2, 2])

    def broken(job: Job) -> bool:
        raise OperationalError("again and again")

    jobs.start_job(kind=kind(broken), by=anna)
    for _turn in range(jobs.TRIES):
        Job.objects.update(lease_until=None)
        jobs.run_waiting()
    assert states() == ["done", "failed"] and "several times" in Job.objects.latest("id").error


@pytest.mark.django_db
def test_jobs_take_turns_and_the_short_one_does_not_wait(anna: User, boris: User, kind: Callable[[jobs.Step], str]) -> None:
    done = []

    def step(job: Job) -> bool:
        done.append(job.pk)
        job.done += 1
        return job.done < job.params["count"]

    long = jobs.start_job(kind=kind(step), by=anna, params={"count": 4})
    short = jobs.start_job(kind="test", by=boris, params={"count": 1})
    for _turn in range(3):
        job = jobs.claim()
        assert job is not None and jobs.claim() is None  # one at a time
        jobs.run(job, seconds=0)
        Job.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert done == [long.pk, short.pk, long.pk]


@pytest.mark.django_db
def test_a_stopped_job_keeps_its_finished_chunks_only(anna: User, boris: User, kind: Callable[[jobs.Step], str]) -> None:
    def step(job: Job) -> bool:
        add_companies(job)
        if job.done == 2 * CHUNK:
            jobs.stop_job(job_id=job.pk, by=anna)
        return True

    job = jobs.start_job(kind=kind(step), by=anna, params={"count": 100})
    with pytest.raises(Http404):
        jobs.stop_job(job_id=job.pk, by=boris)
    claimed = jobs.claim()
    assert claimed is not None and jobs.run_chunk(claimed)
    # Stopped while a chunk is under way: that chunk comes to nothing (and here, inside its transaction, so does the stop).
    jobs.run(claimed)
    assert Company.objects.count() == CHUNK
    jobs.stop_job(job_id=job.pk, by=anna)
    with pytest.raises(jobs.Superseded):
        jobs.run_chunk(claimed)
    assert (states(), Company.objects.count()) == (["stopped"], CHUNK)
    jobs.stop_job(job_id=job.pk, by=anna)
    assert Event.objects.filter(type="job.finished").count() == 1


@pytest.mark.django_db
def test_a_chunk_of_an_earlier_claim_is_not_committed(anna: User, kind: Callable[[jobs.Step], str]) -> None:
    jobs.start_job(kind=kind(add_companies), by=anna, params={"count": 100})
    slow = jobs.claim()
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = jobs.claim()
    assert slow is not None and quick is not None
    jobs.run_chunk(quick)
    with pytest.raises(jobs.Superseded):
        jobs.run_chunk(slow)
    assert Company.objects.count() == CHUNK


@pytest.mark.django_db
def test_nobody_works_for_who_was_switched_off(anna: User, kind: Callable[[jobs.Step], str]) -> None:
    jobs.start_job(kind=kind(add_companies), by=anna, params={"count": 100})
    User.objects.update(is_active=False)
    jobs.run_waiting()
    assert (states(), Company.objects.count()) == (["failed"], 0)


@pytest.mark.django_db
def test_the_page_shows_ones_own_and_how_far_they_are(
    anna: User, boris: User, client: Client, kind: Callable[[jobs.Step], str], django_assert_num_queries: Callable[..., object]
) -> None:
    job = jobs.start_job(kind=kind(add_companies), by=anna, total=100_000)
    Job.objects.update(state="running", done=1200, started_at=timezone.now() - timedelta(seconds=2))
    client.force_login(anna)
    page = client.get("/jobs/").content.decode()
    assert "1,200 of 100,000 · about 2" in page and f'hx-get="/jobs/{job.pk}/progress/"' in page
    with django_assert_num_queries(3):  # session, person, job
        client.get(f"/jobs/{job.pk}/progress/")
    answer = client.post(f"/jobs/{job.pk}/stop/", headers={"HX-Request": "true"}).content.decode()
    assert 'data-state="stopped"' in answer and "hx-get" not in answer and "took less than a minute" in answer
    assert client.post(f"/jobs/{job.pk}/stop/").headers["Location"] == f"/jobs/{job.pk}/"
    client.force_login(boris)
    assert "1,200" not in client.get("/jobs/").content.decode()
    assert "Nothing under way" in client.get("/jobs/").content.decode()


@pytest.mark.django_db
def test_old_ones_are_forgotten(anna: User) -> None:
    long_ago = timezone.now() - timedelta(days=100)
    Job.objects.create(kind="test", owner=anna, state=JobState.DONE, finished_at=long_ago)
    Job.objects.create(kind="test", owner=anna, state=JobState.DONE, finished_at=timezone.now())
    Job.objects.create(kind="test", owner=anna, created_at=long_ago)
    jobs.forget_old()
    assert states() == ["done", "waiting"]


@pytest.fixture
def worker() -> Iterator[Callable[[], Child]]:
    """Start a real worker of the product on the test's database and Redis."""
    started: list[Child] = []
    environment = os.environ | {
        "DATABASE_URL": _database_url(connection.settings_dict["NAME"]),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "celery", "--app", "tests.job_worker", "--quiet", "worker", "--loglevel=WARNING", "--concurrency=1"]

    def start() -> Child:
        child = Child("worker", command, environment=environment, folder=ROOT, log=lambda _name, _line: None)
        child.start()
        started.append(child)
        return child

    yield start
    for child in started:
        child.stop((signal.SIGKILL, 5.0))


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_chunk_leaves_no_doubles(anna: User, worker: Callable[[], Child], redis_client: object) -> None:
    beside = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    beside.autocommit = True  # in a transaction it would see other connections as they were at first
    with beside.cursor() as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", [GATE])
        job = jobs.start_job(kind="test.companies", by=anna, params={"count": 50}, total=50)
        first = worker()

        def waits_at_the_gate() -> bool:
            gate.execute("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")
            return bool(gate.fetchone()[0])

        assert wait_until(waits_at_the_gate, 30)
        assert Company.objects.count() == GATE_AT  # the finished chunks, nothing of the one under way
        # While the worker lives nobody can take its job, however long its chunk takes.
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert jobs.claim() is None
        first.stop((signal.SIGKILL, 5.0))
    beside.close()  # opens the gate
    current_app.send_task(jobs.TASK)  # as the clock does every ten seconds
    worker()
    assert wait_until(lambda: Job.objects.get().state == "done", 40)
    job.refresh_from_db()
    assert (job.done, job.attempt) == (50, 2)
    assert sorted(Company.objects.values_list("name", flat=True)) == sorted(f"Company {number}" for number in range(50))
