"""`manage.py fill_demo`: an invented year of selling in an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.services.demo import SEED, NotEmpty, fill_demo


class Command(BaseCommand):
    help = "Fill an empty database with invented people, clients and deals; they are marked and removed by one click."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, another year")

    def handle(self, *, seed: int, **options: Any) -> None:
        try:
            filled = fill_demo(seed=seed)
        except NotEmpty as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"demo: {filled.deals} deals, {filled.open} of them open")
