"""Background jobs: a kind is a function that does one chunk, and a chunk and its place are committed together.

A worker claims a job by a lease and gives it back after a while, so that jobs take turns. A worker that dies in the middle of a
chunk leaves nothing of it behind, and the next one goes on where the last chunk ended: nothing is lost, nothing done twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import broker, events
from crm.errors import Refused
from crm.models import Job, JobState, Organisation, User
from crm.services.notifications import notify

logger = logging.getLogger(__name__)
Step = Callable[[Job], bool]
TASK = "crm.tasks.run_jobs"
# Between two chunks a job is held by its lease, during a chunk by a lock that dies with the worker.
LEASE = timedelta(seconds=10)
LOCK = 7_305 << 40
TURN_SECONDS = 20.0
TRIES = 4
WORTH_TELLING = timedelta(seconds=10)
KEPT = timedelta(days=90)


class Superseded(Exception):
    """The job was stopped or taken over while this chunk was under way: it must not be committed."""


@dataclass(frozen=True)
class JobKind:
    """`step(job)` does one chunk, moves `job.cursor`, `job.done` and `job.result`, and says whether more is left.

    `label` names the work, `address` leads to what came of it.
    """

    key: str
    step: Step
    label: Callable[[Job], Any]
    address: Callable[[Job], str]


_kinds: dict[str, JobKind] = {}


def register(key: str, step: Step, *, label: Callable[[Job], Any], address: Callable[[Job], str] = lambda job: "") -> None:
    """Make a kind of job known; called once by each app at start."""
    _kinds[key] = JobKind(key, step, label, address)


def kind_of(job: Job) -> JobKind | None:
    """The kind of this job; none where a newer version wrote the row."""
    return _kinds.get(job.kind)


def start_job(*, kind: str, by: User, params: dict[str, Any] | None = None, total: int | None = None) -> Job:
    """Queue a job; a worker takes it after commit, and speaks the language in which it was asked for."""
    if kind not in _kinds:
        raise LookupError(kind)
    with transaction.atomic():
        job = Job.objects.create(kind=kind, owner=by, params={**(params or {}), "language": translation.get_language()}, total=total)
        events.record("job.started", record="job", record_id=job.pk, by=by, kind=kind)
        transaction.on_commit(lambda: broker.ring(TASK), robust=True)
    return job


def stop_job(*, job_id: int, by: User) -> Job:
    """Stop it: the chunk under way comes to nothing, the finished ones stay."""
    with transaction.atomic():
        job = Job.objects.visible_to(by).select_for_update().filter(pk=job_id).first()
        if job is None:
            raise Http404(_("This record doesn't exist, or you may not see it."))
        if job.is_open:
            _finish(job, JobState.STOPPED)
    return job


def claim() -> Job | None:
    """Take the job that has waited longest, if as many as may be under way at once aren't already."""
    now = timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if Job.objects.leased(now).count() >= settings.JOBS_AT_ONCE:
            return None
        for job in Job.objects.claimable(now).select_for_update(skip_locked=True)[:20]:
            # The lock of a chunk that a living worker is still at.
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK + job.pk])
            if cursor.fetchone()[0]:
                job.state, job.attempt = JobState.RUNNING, job.attempt + 1
                job.claimed_at, job.lease_until, job.started_at = now, now + LEASE, job.started_at or now
                job.save(update_fields=["state", "attempt", "claimed_at", "lease_until", "started_at"])
                return job
    return None


def run(job: Job, *, seconds: float = TURN_SECONDS) -> None:
    """Do chunks until the job has ended or its turn is over."""
    over = time.monotonic() + seconds
    language = job.owner.language or job.params.get("language") or Organisation.current().language
    with translation.override(language):
        while True:
            began = time.monotonic()
            if not _try_chunk(job):
                return
            if time.monotonic() >= over:
                break
            # People's requests come first: the database gets a breath after each chunk.
            time.sleep(min((time.monotonic() - began) * settings.JOBS_BREATH, 1.0))
    Job.objects.filter(pk=job.pk, attempt=job.attempt).update(lease_until=timezone.now())


def run_waiting() -> None:
    """Give one waiting job its turn, and call for another worker if any is left."""
    job = claim()
    if job is None:
        return
    run(job)
    if Job.objects.claimable(timezone.now()).exists():
        broker.ring(TASK)


def forget_old() -> None:
    """Drop what ended long ago."""
    Job.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()


def run_chunk(job: Job) -> bool:
    """One chunk and its place in one transaction; whether more is left."""
    kind = _kinds[job.kind]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK + job.pk])
        ours = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
        if not ours.exists():
            raise Superseded
        if not job.owner.is_active:
            raise Refused(_("Its owner has been switched off."))
        more = kind.step(job)
        job.failures, job.lease_until = 0, timezone.now() + LEASE
        # Only now is the row locked, so that whoever stops the job needn't wait for the chunk.
        place = {name: getattr(job, name) for name in ("cursor", "done", "total", "result", "failures", "lease_until")}
        if not ours.update(**place):
            raise Superseded
        if not more:
            _finish(job, JobState.DONE)
    return more


def _try_chunk(job: Job) -> bool:
    """A chunk, and what a fault in it leads to: once more where the database was at fault, else the end."""
    try:
        return run_chunk(job)
    except Superseded:
        return False
    except Refused as refused:
        _give_up(job, " ".join(map(str, refused.reasons)))
    except DatabaseError:
        logger.exception("job %s met a fault of the database", job)
        _put_off(job)
    except Exception:
        logger.exception("job %s failed", job)
        _give_up(job, _("Something went wrong on our side. What was finished before stays; nothing is half-done."))
    return False


def _put_off(job: Job) -> None:
    """Leave it for a later turn; after several in a row it has failed."""
    failures = job.failures + 1
    if failures >= TRIES:
        _give_up(job, _("The database refused this several times. What was finished before stays; nothing is half-done."))
    else:
        Job.objects.filter(pk=job.pk, attempt=job.attempt).update(
            failures=failures, lease_until=timezone.now() + timedelta(seconds=5 * failures)
        )


def _give_up(job: Job, reason: str) -> None:
    with transaction.atomic():
        ours = Job.objects.select_for_update().filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING).first()
        if ours is not None:
            ours.error = reason
            _finish(ours, JobState.FAILED)


def _finish(job: Job, state: str) -> None:
    """End it, and tell its owner of work that took long enough to look away."""
    job.state, job.finished_at, job.lease_until = state, timezone.now(), None
    job.save(update_fields=["state", "finished_at", "lease_until", "error"])
    events.record("job.finished", record="job", record_id=job.pk, by=job.owner, kind=job.kind, state=state)
    kind = _kinds.get(job.kind)
    if kind and state != JobState.STOPPED and job.started_at and job.finished_at - job.started_at > WORTH_TELLING:
        notify(
            user=job.owner,
            kind="job.finished",
            key=f"job:{job.pk}",
            record="job",
            record_id=job.pk,
            label=str(kind.label(job)),
            state=str(state),
            address=kind.address(job),
        )
