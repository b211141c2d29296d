"""`manage.py up`: the whole product in the foreground."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.supervisor import Supervisor


class Command(BaseCommand):
    """Start PostgreSQL, Redis, worker, beat and web; stop them all on Ctrl-C."""

    help = "Start the whole product in the foreground; Ctrl-C stops it."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until a signal comes."""
        product = Supervisor(data_dir=settings.DATA_DIR, host=settings.HOST, port=settings.PORT, base_url=settings.BASE_URL)
        sys.exit(product.run())
