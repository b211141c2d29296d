"""`manage.py seed_load --deals N --seed S`: a synthetic load, to try the product at size."""

from __future__ import annotations

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.services.load import DOMAIN, PEOPLE, TEAMS, seed_load

MOST = 20_000_000


class Command(BaseCommand):
    help = "Add N invented deals with their histories to the pipeline “Load”. The tables are locked meanwhile: only for trials."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--deals", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--password", default="", help="of all its users; made up and printed if not given")

    def handle(self, *, deals: int, seed: int, password: str, **options: Any) -> None:
        if not 1 <= deals <= MOST:
            raise CommandError(f"--deals is between 1 and {MOST:,}")
        password = password or secrets.token_urlsafe(9)
        report = seed_load(deals=deals, seed=seed, password=password)
        for name, seconds in report.seconds.items():
            self.stdout.write(f"{name:>22} {seconds:7.1f} s")
        self.stdout.write(f"{'all':>22} {sum(report.seconds.values()):7.1f} s")
        self.stdout.write(
            f"sign in as load-admin@{DOMAIN}, load-manager-01@{DOMAIN} … {TEAMS:02}, load-rep-01@{DOMAIN} … {PEOPLE - TEAMS}: {password}"
        )
        answer = {"pipeline": report.pipeline.pk, "deals": report.deals, "visits": report.visits, "open": report.open}
        self.stdout.write(json.dumps(answer))
