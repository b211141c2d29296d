"""`manage.py prepare_data`: bring the database up to date and fill an empty one."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from crm import first_run
from crm.models import User
from pipeline.services.demo import NotEmpty, fill_demo


class Command(BaseCommand):
    """Migrate, fill the demo into an empty database, and leave the lines to show once the product is ready."""

    help = "Migrate the database, fill an empty one with the demo (DEMO=1), note what to say when ready."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to leave the lines."""
        parser.add_argument("--note", type=Path, help="write the lines to this file instead of printing them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step only where it is needed."""
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO and not User.objects.exists():
            self._fill_demo()
        note, text = options["note"], "\n".join(first_run.ready_lines())
        if note is None:
            self.stdout.write(text)
            return
        note.unlink(missing_ok=True)
        note.touch(mode=0o600)  # it may hold a one-time link
        note.write_text(text)

    def _fill_demo(self) -> None:
        try:
            filled = fill_demo()
        except NotEmpty:  # another start was faster, or somebody's history was imported before
            return
        self.stdout.write(f"demo: {filled.deals} deals, {filled.open} of them open")
