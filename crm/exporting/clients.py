"""What files of contacts and companies hold beyond the columns of their lists."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.exporting.fields import More, moment, register_more, yes_no
from crm.filtering.reader import Reader
from crm.models import Consent
from crm.phones import show_phone

PLACES = [("street", _("Street")), ("city", _("City")), ("region", _("Region")), ("postcode", _("Postcode")), ("country", _("Country"))]


def register_clients() -> None:
    """Called once at start."""
    reach = [
        More("email", _("E-mail"), lambda row, reader: "; ".join(one["address"] for one in row.emails)),
        More("phone", _("Phone"), lambda row, reader: "; ".join(show_phone(one["number"], reader.region) for one in row.phones)),
        More("website", _("Website or link"), lambda row, reader: "; ".join(one["url"] for one in row.links)),
    ]
    # A refusal must not get lost on the way through a spreadsheet, and these are the columns from which it is read again.
    wishes = [
        More("opt_out", _("Opted out of e-mail (yes or no)"), lambda row, reader: yes_no(row.consent == Consent.REFUSED)),
        More("do_not_contact", _("Do not contact (yes or no)"), lambda row, reader: yes_no(row.do_not_contact)),
    ]
    created = More("created", _("Created"), lambda row, reader: moment(row.created_at, reader), always=True)
    for kind in ("contact", "company"):
        register_more(kind, *reach, *[_place(key, label) for key, label in PLACES], *wishes, created)


def _place(key: str, label: Any) -> More:
    def value(row: Any, _reader: Reader) -> str:
        return str(row.addresses[0].get(key, "")) if row.addresses else ""

    return More(key, label, value)
