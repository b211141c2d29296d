"""`manage.py prepare_data`: bring the database up to date and fill an empty one."""

import importlib
import importlib.util
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, fill the demo into an empty database, and leave the lines to show once the product is ready."""

    help = "Migrate the database, fill an empty one with the demo (DEMO=1), note what to say when ready."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step only where it is needed."""
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO and "fill_demo" in get_commands() and not get_user_model().objects.exists():
            call_command("fill_demo")
        note = settings.DATA_DIR / "ready_lines"
        note.unlink(missing_ok=True)
        note.touch(mode=0o600)
        note.write_text("\n".join(_ready_lines()))


def _ready_lines() -> list[str]:
    if importlib.util.find_spec("crm.first_run") is None:
        return []
    lines: list[str] = importlib.import_module("crm.first_run").ready_lines()
    return lines
