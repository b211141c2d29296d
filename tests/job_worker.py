"""A worker of the product with one more kind of job, for the test that kills it: `celery --app tests.job_worker worker`."""

from __future__ import annotations

import os

import django
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from config.celery import app  # noqa: E402
from crm import jobs  # noqa: E402
from crm.models import Company, Job  # noqa: E402

CHUNK = 10
# The test holds this lock, and the chunk that begins here waits for it in the middle.
GATE, GATE_AT = 4711, 20


def add_companies(job: Job) -> bool:
    """Ten companies a chunk; one of the chunks stops half-way at the gate."""
    begin = job.cursor.get("next", 0)
    for number in range(begin, begin + CHUNK):
        Company.objects.create(name=f"Company {number}")
        if number == begin + CHUNK // 2 and begin == GATE_AT:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])
    job.cursor = {"next": begin + CHUNK}
    job.total, job.done = job.params["count"], begin + CHUNK
    return job.done < job.total


jobs.register("test.companies", add_companies, label=lambda job: "Companies")
__all__ = ["app"]
