"""After faults: prints how many of the cards `deal:stage` stand elsewhere, and how many events wait for longer than a sweep."""

from __future__ import annotations

import json
import sys
import time

import django

django.setup()

from crm.models import Event  # noqa: E402
from pipeline.models import Deal  # noqa: E402

PATIENCE = 60


def main() -> None:
    told = dict(map(int, argument.split(":")) for argument in sys.argv[1:])
    stands = dict(Deal.objects.filter(pk__in=told).values_list("pk", "stage_id"))
    deadline = time.monotonic() + PATIENCE
    while (waiting := Event.objects.undispatched().count()) and time.monotonic() < deadline:
        time.sleep(1)
    print(json.dumps({"elsewhere": sum(stands[deal] != stage for deal, stage in told.items()), "waiting": waiting}))


if __name__ == "__main__":
    main()
