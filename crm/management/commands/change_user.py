"""`manage.py change_user`: switch an account off or on, or give it a new password."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.models import User
from crm.services.people import revoke_keys, set_password, switch_account


class Command(BaseCommand):
    """Says what was done; each takes hold at once, also where the person is signed in."""

    help = "Switch an account off or on, give it a new password, or revoke a key of it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        switch = parser.add_mutually_exclusive_group()
        switch.add_argument("--inactive", action="store_true", help="sign-in and keys stop; the records stay")
        switch.add_argument("--active", action="store_true", help="let the person in again")
        parser.add_argument("--password")
        parser.add_argument("--revoke-key", metavar="NAME", help="the name that the key was made with")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        if user is None:
            raise CommandError(f"Nobody has the e-mail {options['email']}.")
        if options["inactive"] and user.is_admin and not User.objects.active().filter(role=user.role).exclude(pk=user.pk).exists():
            raise CommandError(f"{user.email} is the only admin.")
        if options["password"]:
            try:
                validate_password(options["password"], user)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from None
            set_password(user=user, password=options["password"], by=None)
            self.stdout.write(f"{user.email} has a new password.")
        if options["revoke_key"]:
            if not revoke_keys(user=user, name=options["revoke_key"], by=None):
                raise CommandError(f"{user.email} has no working key “{options['revoke_key']}”.")
            self.stdout.write(f"The key “{options['revoke_key']}” works no more.")
        if options["inactive"] or options["active"]:
            switch_account(user=user, is_active=options["active"], by=None)
            self.stdout.write(f"{user.email} can {'sign in' if options['active'] else 'no longer sign in'}.")
