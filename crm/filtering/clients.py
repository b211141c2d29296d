"""What contacts and companies can be filtered by."""

from __future__ import annotations

import json
import re
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import IRegex
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.filtering.dates import DATE
from crm.filtering.fields import FilterField, register
from crm.filtering.reader import Reader
from crm.filtering.types import CHOICE, PERSON, RECORD, TAG, TEXT, YES_NO
from crm.models import Consent, Tag, Team
from crm.models.contacts import sort_key
from crm.queries.clients import contains_digits
from crm.queries.reach import has_email, has_phone


def all_teams(_reader: Reader) -> list[tuple[str, Any]]:
    """The teams by name; one query."""
    return [(str(team.pk), team.name) for team in Team.objects.all()]


def all_tags(_reader: Reader) -> list[tuple[str, Any]]:
    """The tags that are suggested; one query."""
    return [(tag.name, tag.name) for tag in Tag.objects.all()]


def about_email(operator: str, value: Any, _reader: Reader) -> Q:
    """Any of the addresses; a whole one is looked up in the index."""
    if operator in ("is", "is_not"):
        return has_email(value) if operator == "is" else ~has_email(value)
    return _about_list("emails", "address", operator, value)


def about_phone(operator: str, value: Any, reader: Reader) -> Q:
    """Any of the numbers, however it is written."""
    if operator in ("is", "is_not"):
        return has_phone(value, reader.region) if operator == "is" else ~has_phone(value, reader.region)
    digits = re.sub(r"\D", "", value or "")
    if operator in ("contains", "lacks") and digits:
        return contains_digits(digits) if operator == "contains" else ~contains_digits(digits)
    return _about_list("phones", "number", operator, value)


def _about_list(field: str, key: str, operator: str, value: Any) -> Q:
    """A part of an entry in a list of JSON, by the list as it is written."""
    if operator in ("empty", "filled"):
        return Q(**{field: []}) if operator == "empty" else ~Q(**{field: []})
    wanted = json.dumps(value, ensure_ascii=False)[1:-1]
    # An address stands between its key and its end, so a part of it never reaches over into its label.
    start = re.escape(f'"{key}": "') + ("" if operator == "begins" else '[^"]*')
    part = start + re.escape(wanted)
    found = Q(IRegex(Cast(field, TextField()), part))
    return ~found if operator == "lacks" else found


COMMON = (
    FilterField("tags", _("Tags"), TAG, "tags", choices=all_tags),
    FilterField("owner", _("Owner"), PERSON, "owner"),
    FilterField("team", _("Team"), CHOICE, "team", choices=all_teams),
    FilterField("created", _("Added"), DATE, "created_at", is_instant=True),
    FilterField("consent", _("Consent"), CHOICE, "consent", choices=lambda _reader: Consent.choices),
    FilterField("do_not_contact", _("Do not contact"), YES_NO, "do_not_contact"),
    FilterField("email", _("E-mail"), TEXT, condition=about_email),
    FilterField("phone", _("Phone"), TEXT, condition=about_phone),
)


def register_clients() -> None:
    """Make them known; called once at start."""
    register(
        "contact",
        FilterField("name", pgettext_lazy("person", "Name"), TEXT, "sort_name", shaped=sort_key),
        FilterField("company", _("Company"), RECORD, "company", record="company"),
        FilterField("position", _("Position"), TEXT, "position"),
        *COMMON,
    )
    register(
        "company",
        FilterField("name", _("Name"), TEXT, "sort_name", shaped=sort_key),
        FilterField("city", _("City"), TEXT, "city"),
        FilterField("website", _("Website"), TEXT, "website"),
        *COMMON,
    )
