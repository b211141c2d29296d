"""What must be true of every history, whatever happened to it."""

from __future__ import annotations

from django.db import connection
from django.db.models import Count, Sum

from pipeline.models import Deal, StageTally, StageVisit
from pipeline.services.fates import rebuild_fates

FATES = ("id", "is_front", "furthest_before_id", "fate", "fate_at", "is_late", "is_back")


def check_invariants() -> None:
    """Chains without gaps, ranks unique, totals equal to the truth, fates equal to a fresh computation, and the constraints at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(
            "SELECT count(*) FROM (SELECT exit, left_at, entered_at, lead(entered_at) OVER w AS next_at, lead(seq) OVER w AS next_seq, seq"
            " FROM pipeline_stagevisit WINDOW w AS (PARTITION BY deal_id ORDER BY seq)) AS v"
            " WHERE next_seq <> seq + 1 OR (exit = 'moved' AND next_at <> left_at) OR (next_at IS NOT NULL AND next_at < left_at)"
        )
        assert cursor.fetchone() == (0,), "a visit does not follow its predecessor"
    assert not Deal.objects.open().values("stage", "rank").annotate(n=Count("id")).filter(n__gt=1).exists()
    told = {
        row[:-2]: row[-2:]
        for row in StageTally.objects.values_list("stage", "owner", "team", "currency").annotate(Sum("deals"), Sum("amount"))
    }
    true = {
        row[:-2]: row[-2:]
        for row in Deal.objects.open().values_list("stage", "owner", "team", "currency").annotate(Count("id"), Sum("amount"))
    }
    assert {key: (n, amount or 0) for key, (n, amount) in told.items() if n or amount} == {
        key: (n, amount or 0) for key, (n, amount) in true.items()
    }
    kept = list(StageVisit.objects.order_by("id").values_list(*FATES))
    rebuild_fates()
    assert kept == list(StageVisit.objects.order_by("id").values_list(*FATES))
