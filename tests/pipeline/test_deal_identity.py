"""Property: deals that come in and are taken back leave every table as it was, whatever was there already."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm import jobs
from crm.models import CustomField, Role
from crm.services import imports
from crm.services.imports import add_history, add_import, choose, revert_import, start_import
from pipeline.models import Deal
from pipeline.services.deals import edit_deal
from tests.crm.importing.test_identity import everything
from tests.factories import make_deal, make_pipeline, make_team, make_user
from tests.pipeline.invariants import check_invariants

ROW = st.tuples(
    st.sampled_from(["1", "2", "3", "", "9"]),
    st.sampled_from(["Vektor", "vektor", "Сделка", "=1+1"]),
    st.sampled_from(["New", "Proposal", "Pilot", "Won", ""]),
    st.sampled_from(["", "100", "1 250,50", "-1"]),
    st.sampled_from(["", "EUR", "USD"]),
    st.sampled_from(["2026-01-10", "2026-02-10", ""]),
    st.sampled_from(["", "2027-01-10"]),
    st.sampled_from(["", "Lost", "Won", "open"]),
    st.sampled_from(["", "Vektor GmbH", "vektor gmbh"]),
    st.sampled_from(["", "Petr"]),
    st.sampled_from(["", "p@b.example", "q@b.example"]),
    st.sampled_from(["", "Fair"]),
    st.sampled_from(["", "vip", "VIP, new"]),
    st.sampled_from(["", "Called"]),
    st.sampled_from(["", "Anna Arlova", "Somebody Gone"]),
    st.sampled_from(["", "large"]),
)
HEADER = ["ID", "Deal name", "Stage", "Amount", "Currency", "Created", "Expected close", "Status", "Company", "Contact", "Email"]
HEADER += ["Source", "Tags", "Notes", "Owner", "Size"]
MOVE = st.tuples(st.sampled_from(["1", "2", "3"]), st.integers(1, 28), st.sampled_from(["New", "Proposal", "Negotiation", "Trial"]))


class ImportThenRevert(TestCase):
    """Hypothesis's own test case takes each example back."""

    @given(
        st.lists(ROW, min_size=1, max_size=6),
        st.lists(ROW, min_size=1, max_size=6),
        st.lists(MOVE, max_size=6),
        st.sampled_from(["fill", "update", "skip", "add"]),
        st.sampled_from([2, 500]),
        st.sampled_from([Role.REP, Role.ADMIN]),
    )
    @settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    def test_is_the_identity(self, first: Any, second: Any, moves: Any, duplicates: str, chunk: int, role: str) -> None:
        make_pipeline()
        team = make_team()
        anna, by = make_user("Anna Arlova", team=team), make_user("Importing Person", team=team, role=role)
        CustomField.objects.create(kind="deal", key="size", labels={"en": "Size"}, type="text")
        make_deal("Vektor", by=by)
        bring_in(first, [], by=by, duplicates="fill", chunk=500)
        for deal in Deal.objects.all()[:1]:
            edit_deal(deal_id=deal.pk, changes={"tags": ["Vip"]}, by=deal.owner or anna)
        before = everything()
        batch = bring_in(second, moves, by=by, duplicates=duplicates, chunk=chunk)
        check_invariants()
        revert_import(batch_id=batch.pk, by=by)
        jobs.run_waiting()
        batch.refresh_from_db()
        assert batch.state == "reverted", batch.revert_job.error
        assert [row.kept for row in batch.outcomes.exclude(kept=[])] == []
        after = everything()
        # Totals of columns are appended; that they are right is one of the invariants.
        assert {name for name in after if after[name] != before[name] and "tally" not in name} == set()
        check_invariants()


def bring_in(rows: Any, moves: Any, *, by: Any, duplicates: str, chunk: int) -> Any:
    batch = add_import(file=SimpleUploadedFile("deals.csv", written([HEADER, *rows])), by=by, kind="deal")
    if moves:
        lines = [[deal, f"2026-02-{day:02}T10:00:00", stage] for deal, day, stage in moves]
        history = written([["OpportunityId", "CreatedDate", "StageName"], *lines])
        add_history(batch=batch, file=SimpleUploadedFile("history.csv", history))
    choose(batch=batch, mapping=batch.mapping, options=batch.options, duplicates=duplicates, automation="no", by=by)
    imports.CHUNK = chunk
    start_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.state == "done", batch.job.error
    return batch


def written(rows: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


pytestmark = pytest.mark.django_db
