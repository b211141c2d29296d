"""Property: an import followed by its revert leaves every table that it touches as it was."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm import jobs
from crm.models import Company, Contact, Role
from crm.services import imports
from crm.services.clients import save_client
from crm.services.imports import add_import, choose, revert_import, start_import
from tests.factories import make_team, make_user

# The journal, the outbox and what tells of the import itself only grow.
GROWING = {
    "crm_event",
    "crm_job",
    "crm_importbatch",
    "crm_importedrow",
    "crm_mappingmemory",
    "crm_notification",
    "crm_searchnews",
    "django_session",
}
NAMES = ["Anna", "anna", "Олег Ёлкин", "Vektor", "ООО «Вектор»", "عمر", "Zoë", "=1+1", ""]
EMAILS = ["a@b.example", "A@B.example ", "c@d.example", "a@b.example; c@d.example", "broken@", ""]
PHONES = ["8 (916) 123-45-67", "+7 916 123-45-67", "12", "", "+1 202 555 0100, +7 495 111-22-33"]
ROW = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(EMAILS),
    st.sampled_from(PHONES),
    st.sampled_from(["", "Vektor", "vektor", "Ромашка"]),
    st.sampled_from(["", "Boss", "Clerk"]),
    st.sampled_from(["", "vip", "VIP, new"]),
    st.sampled_from(["", "Tver", "Москва"]),
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["", "Anna Arlova", "Somebody Gone"]),
    st.sampled_from(["", "true", "false"]),
    st.sampled_from(["", "Called"]),
)
HEADER = ["Name", "Email", "Phone", "Company", "Job title", "Tags", "City", "Record ID", "Owner", "Unsubscribed", "Notes"]


def everything() -> dict[str, str]:
    """A sum over all rows of each table that doesn't merely grow; one query."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in GROWING]
        sums = [f"SELECT '{name}', md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM \"{name}\" t" for name in names]
        cursor.execute(" UNION ALL ".join(sums))
        return dict(cursor.fetchall())


def bring_in_and_take_back(rows: list[tuple[str, ...]], header: list[str], *, by: Any, kind: str, duplicates: str, chunk: int) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    batch = add_import(file=SimpleUploadedFile("file.csv", out.getvalue().encode()), by=by, kind=kind)
    choose(batch=batch, mapping=batch.mapping, options={}, duplicates=duplicates, automation="no", by=by)
    imports.CHUNK = chunk
    start_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    revert_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.state == "reverted", (batch.state, batch.job.error, batch.revert_job.error)
    assert not batch.outcomes.exclude(kept=[]).exists()


class ImportThenRevert(TestCase):
    """Hypothesis's own test case takes each example back."""

    @given(
        st.lists(ROW, min_size=1, max_size=9),
        st.sampled_from(["fill", "update", "skip", "add"]),
        st.sampled_from([2, 500]),
        st.sampled_from(["contact", "company"]),
        st.sampled_from([Role.REP, Role.ADMIN]),
    )
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_is_the_identity(self, rows: list[tuple[str, ...]], duplicates: str, chunk: int, kind: str, role: str) -> None:
        team = make_team()
        by = make_user("Importing Person", team=team, role=role)
        anna = make_user("Anna Arlova", team=team)
        save_client(model=Contact, by=anna, name="Anna", emails=["a@b.example"], position="Chief", tags=["Vip"])
        save_client(model=Contact, by=by, name="Олег Ёлкин", phones=["8 916 123-45-67"], company="Vektor")
        save_client(model=Company, by=by, name="ООО «Вектор»", emails=["c@d.example"])
        before = everything()
        bring_in_and_take_back(rows, HEADER, by=by, kind=kind, duplicates=duplicates, chunk=chunk)
        after = everything()
        assert {name for name in after if after[name] != before[name]} == set()


pytestmark = pytest.mark.django_db
