"""`manage.py change_team`: let the reps of a team see each other's records, or no longer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.models import Team
from crm.services.people import switch_team


class Command(BaseCommand):
    """Says how the team stands now."""

    help = "Open a team, so that its reps see and work on each other's records, or close it again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        switch = parser.add_mutually_exclusive_group(required=True)
        switch.add_argument("--open", action="store_true")
        switch.add_argument("--closed", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        team = Team.objects.filter(name=options["name"].strip()).first()
        if team is None:
            raise CommandError(f"There is no team “{options['name']}”.")
        switch_team(team=team, is_open=options["open"], by=None)
        seen = "each other's records" if options["open"] else "their own records"
        self.stdout.write(f"The reps of {team.name} see {seen}.")
