"""Folding the changes of columns' totals together."""

from __future__ import annotations

from datetime import date

from django.db import connection

from pipeline.models.tallies import LONG_AGO

# Deletes what it adds up, in one statement: whatever two folders at once delete between them, the sums stay the same.
FOLD = """
WITH fresh AS (
    SELECT DISTINCT stage_id, owner_id, team_id, currency, CASE WHEN next_step_on < %(today)s THEN %(long_ago)s ELSE next_step_on END AS day
    FROM pipeline_stagetally
    WHERE NOT is_folded OR (next_step_on < %(today)s AND next_step_on > %(long_ago)s)
), gone AS (
    DELETE FROM pipeline_stagetally AS tally USING fresh
    WHERE tally.stage_id = fresh.stage_id AND tally.currency = fresh.currency
        AND coalesce(tally.owner_id, 0) = coalesce(fresh.owner_id, 0) AND coalesce(tally.team_id, 0) = coalesce(fresh.team_id, 0)
        AND coalesce(CASE WHEN tally.next_step_on < %(today)s THEN %(long_ago)s ELSE tally.next_step_on END, 'infinity')
            = coalesce(fresh.day, 'infinity')
    RETURNING tally.stage_id, tally.owner_id, tally.team_id, tally.currency, fresh.day, tally.deals, tally.amount
)
INSERT INTO pipeline_stagetally (stage_id, owner_id, team_id, currency, next_step_on, deals, amount, is_folded)
SELECT stage_id, owner_id, team_id, currency, day, sum(deals), sum(amount), true
FROM gone GROUP BY 1, 2, 3, 4, 5 HAVING sum(deals) <> 0 OR sum(amount) <> 0
"""


def fold_tallies(*, today: date) -> None:
    """Add rows of a kind together and let all days before `today` become one; readers see the same sums before and after."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD.replace("%(long_ago)s", f"DATE '{LONG_AGO}'"), {"today": today})
