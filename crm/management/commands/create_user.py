"""`manage.py create_user`: make somebody who can sign in."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from crm.models import Role, Team, User


class Command(BaseCommand):
    """Makes a user; a team that doesn't exist yet is made too."""

    help = "Make a user who signs in by e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--team", help="its reps' and manager's team; made if need be")
        parser.add_argument("--name", default="", help="shown to colleagues; without it the e-mail's first part")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        try:
            validate_email(email)
            validate_password(options["password"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"{email} exists already.")
        with transaction.atomic():
            team = Team.objects.get_or_create(name=options["team"])[0] if options["team"] else None
            name = options["name"] or email.split("@")[0]
            User.objects.create_user(email, options["password"], name=name, role=options["role"], team=team)
        self.stdout.write(f"{email} can sign in.")
