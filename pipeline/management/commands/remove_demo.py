"""`manage.py remove_demo`: take the demo's invented data away."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.models import Role, User
from pipeline.services.sample_data import remove_sample_data


class Command(BaseCommand):
    help = "Delete the demo's invented deals and clients, and close its logins but the one given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="EMAIL", help="an active admin, who stays able to sign in")

    def handle(self, *, by: str, **options: Any) -> None:
        admin = User.objects.active().filter(email__iexact=by, role=Role.ADMIN).first()
        if admin is None:
            raise CommandError(f"{by} is no active admin.")
        removed = remove_sample_data(by=admin)
        self.stdout.write(f"removed {removed.deals} deals, {removed.companies} companies, {removed.contacts} contacts")
