"""Prints whether the history still holds: what should be zero, counted."""

from __future__ import annotations

import json

import django

django.setup()

from django.db import connection  # noqa: E402

CHECKS = {
    "equal ranks": "SELECT count(*) FROM (SELECT 1 FROM pipeline_deal WHERE outcome = '' GROUP BY stage_id, rank HAVING count(*) > 1) AS twice",
    "open deals without exactly one open visit in their stage": """SELECT count(*) FROM pipeline_deal AS d WHERE outcome = '' AND 1 <> (
        SELECT count(*) FROM pipeline_stagevisit AS v WHERE v.deal_id = d.id AND v.left_at IS NULL AND v.stage_id = d.stage_id)""",
    "visits that do not follow the one before": """SELECT count(*) FROM (
        SELECT exit, left_at, seq, lead(entered_at) OVER w AS next_at, lead(seq) OVER w AS next_seq
        FROM pipeline_stagevisit WINDOW w AS (PARTITION BY deal_id ORDER BY seq)) AS v
        WHERE next_seq <> seq + 1 OR next_at < left_at OR (exit = 'moved' AND next_at <> left_at)""",
    "columns whose totals are not the truth": """SELECT count(*) FROM (
        SELECT stage_id, sum(deals) AS deals, sum(amount) AS amount FROM pipeline_stagetally GROUP BY 1) AS told
        FULL JOIN (SELECT stage_id, count(*) AS deals, coalesce(sum(amount), 0) AS amount FROM pipeline_deal WHERE outcome = '' GROUP BY 1) AS actual
        USING (stage_id) WHERE coalesce(told.deals, 0) <> coalesce(actual.deals, 0) OR coalesce(told.amount, 0) <> coalesce(actual.amount, 0)""",
}


def main() -> None:
    found = {}
    with connection.cursor() as cursor:
        for name, statement in CHECKS.items():
            cursor.execute(statement)
            found[name] = cursor.fetchone()[0]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
