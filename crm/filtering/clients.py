"""What contacts and companies can be filtered by."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.dates import DATE
from crm.filtering.fields import FilterField, register
from crm.filtering.reader import Reader
from crm.filtering.types import CHOICE, PERSON, RECORD, TEXT
from crm.models import Team
from crm.models.contacts import sort_key


def all_teams(_reader: Reader) -> list[tuple[str, Any]]:
    """The teams by name; one query."""
    return [(str(team.pk), team.name) for team in Team.objects.all()]


COMMON = (
    FilterField("owner", _("Owner"), PERSON, "owner"),
    FilterField("team", _("Team"), CHOICE, "team", choices=all_teams),
    FilterField("created", _("Added"), DATE, "created_at", is_instant=True),
)


def register_clients() -> None:
    """Make them known; called once at start."""
    register(
        "contact",
        FilterField("name", pgettext_lazy("person", "Name"), TEXT, "sort_name", shaped=sort_key),
        FilterField("company", _("Company"), RECORD, "company", record="company"),
        FilterField("position", _("Position"), TEXT, "position"),
        FilterField("email", _("E-mail"), TEXT, "email"),
        FilterField("phone", _("Phone"), TEXT, "phone"),
        *COMMON,
    )
    register(
        "company",
        FilterField("name", _("Name"), TEXT, "sort_name", shaped=sort_key),
        FilterField("city", _("City"), TEXT, "city"),
        FilterField("website", _("Website"), TEXT, "website"),
        *COMMON,
    )
