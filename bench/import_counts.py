"""Prints what an import has brought, counted in SQL as JSON: `python -m bench.import_counts BATCH MARK`."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.db import connection  # noqa: E402

from crm.models import ImportBatch  # noqa: E402

THERE = {
    "company": "SELECT count(*), count(DISTINCT name) FROM crm_company WHERE name LIKE %s",
    "contact": "SELECT count(*), count(DISTINCT email) FROM crm_contact WHERE email LIKE %s",
    "deal": "SELECT count(*), count(DISTINCT import_key) FROM pipeline_deal WHERE title LIKE %s",
}
LIKE = {"company": "Firm {} %", "contact": "person.%@{}.example", "deal": "Deal {} %"}


def main() -> None:
    batch, mark = ImportBatch.objects.get(pk=sys.argv[1]), sys.argv[2]
    with connection.cursor() as cursor:
        cursor.execute(THERE[batch.kind], [LIKE[batch.kind].format(mark)])
        there, different = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), count(DISTINCT line) FROM crm_importedrow WHERE batch_id = %s AND record = %s", [batch.pk, batch.kind]
        )
        told, lines = cursor.fetchone()
    doubles = there - different + told - lines
    words = f"in the database {there:,}, doubles {doubles}, refused {batch.counts.get(f'refused.{batch.kind}', 0)}"
    print(json.dumps({"there": there, "kept": batch.counts.get("kept", 0), "words": words}))


if __name__ == "__main__":
    main()
