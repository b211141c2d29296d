"""`manage.py seed_load --deals N --seed S [--contacts N --entries N]`: a synthetic load, to try the product at size."""

from __future__ import annotations

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.services.load import DOMAIN, PEOPLE, TEAMS, seed_load
from pipeline.services.load_clients import seed_clients

MOST = 20_000_000


class Command(BaseCommand):
    help = "Add N invented deals with their histories to the pipeline “Load”. The tables are locked meanwhile: only for trials."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--deals", type=int, required=True)
        parser.add_argument("--contacts", type=int, default=0, help="so many people in its companies")
        parser.add_argument("--entries", type=int, default=0, help="so many notes, calls, messages and edits about all of them")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--password", default="", help="of all its users; made up and printed if not given")

    def handle(self, *, deals: int, seed: int, password: str, contacts: int, entries: int, **options: Any) -> None:
        if not 1 <= deals <= MOST:
            raise CommandError(f"--deals is between 1 and {MOST:,}")
        if not 0 <= contacts <= MOST or not 0 <= entries <= 10 * MOST or (entries and not contacts):
            raise CommandError(f"--contacts is at most {MOST:,}, and --entries needs them")
        password = password or secrets.token_urlsafe(9)
        report = seed_load(deals=deals, seed=seed, password=password)
        if contacts:
            report.seconds |= seed_clients(contacts=contacts, entries=entries).seconds
        for name, seconds in report.seconds.items():
            self.stdout.write(f"{name:>22} {seconds:7.1f} s")
        self.stdout.write(f"{'all':>22} {sum(report.seconds.values()):7.1f} s")
        self.stdout.write(
            f"sign in as load-admin@{DOMAIN}, load-manager-01@{DOMAIN} … {TEAMS:02}, load-rep-01@{DOMAIN} … {PEOPLE - TEAMS}: {password}"
        )
        answer = {"pipeline": report.pipeline.pk, "deals": report.deals, "visits": report.visits, "open": report.open}
        self.stdout.write(json.dumps(answer))
