"""`manage.py prepare_data`: bring the database up to date and fill an empty one."""

import argparse
import importlib
import importlib.util
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, fill the demo into an empty database, and leave the lines to show once the product is ready."""

    help = "Migrate the database, fill an empty one with the demo (DEMO=1), note what to say when ready."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where to leave the lines."""
        parser.add_argument("--note", type=Path, help="write the lines to this file instead of printing them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step only where it is needed."""
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO and "fill_demo" in get_commands() and not get_user_model().objects.exists():
            call_command("fill_demo")
        note, text = options["note"], "\n".join(_ready_lines())
        if note is None:
            self.stdout.write(text)
            return
        note.unlink(missing_ok=True)
        note.touch(mode=0o600)  # it may hold a one-time link
        note.write_text(text)


def _ready_lines() -> list[str]:
    if importlib.util.find_spec("crm.first_run") is None:
        return []
    lines: list[str] = importlib.import_module("crm.first_run").ready_lines()
    return lines
