"""`manage.py prepare_static`: gather and compress the static files, when they changed."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

# Other packages' files that no page of ours asks for; compressing them would only slow the first start.
UNUSED = ["django_htmx", "rest_framework", "redoc"]


class Command(BaseCommand):
    """Gather static files into STATIC_ROOT, unless they are there already."""

    help = "Gather the static files, when they changed since the last time."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare the sources with what was gathered last."""
        stamp = settings.DATA_DIR / "static.stamp"
        state = _state()
        if stamp.is_file() and stamp.read_text() == state and settings.STATIC_ROOT.is_dir():
            return
        stamp.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=UNUSED)
        stamp.write_text(state)


def _state() -> str:
    """What the files are like, without reading them."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list(UNUSED), key=lambda found: found[0]):
            digest.update(f"{name} {storage.size(name)} {storage.get_modified_time(name).timestamp()}\n".encode())
    return digest.hexdigest()
