"""`manage.py create_api_key`: a key for another program, shown once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.models import ApiKey, User


class Command(BaseCommand):
    """Prints the key alone on the last line."""

    help = "Make an API key that acts with the rights of a user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="what the key is for")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"].strip(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody active has the e-mail {options['email']}.")
        _row, key = ApiKey.issue(user=user, name=options["name"][:80])
        self.stdout.write(key)
