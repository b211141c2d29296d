"""Fields of a contact or company as a person types them, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.custom_fields import inputs
from crm.custom_fields.inputs import read_typed
from crm.custom_fields.values import PREFIX
from crm.errors import Refused
from crm.field_editing import as_json, read_json, read_owner
from crm.ids import read_id
from crm.models import Company, Contact, Organisation
from crm.queries.custom_fields import fields_of
from crm.reach import KEYS, LISTS, read_list, require_dialable
from crm.services.clients import FIELDS, plain

YES = "yes"


def read_field(client: Company | Contact, field: str, value: str) -> dict[str, Any]:
    """What the service is asked to change; Refused where it makes no sense."""
    if field.startswith(PREFIX):
        return {"custom": read_typed(fields_of(client._meta.model_name or ""), field, value, client.custom)}
    if field not in READERS or field not in FIELDS[type(client)]:
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": field[:40]})
    read = READERS[field](value)
    if field == "phones":
        known = {row["number"] for row in client.phones}
        typed = read_list("phones", read, region=Organisation.current().country)
        require_dialable([row for row in typed if row["number"] not in known])
    if field == "company" and _is_its_own(client, read):
        return {}
    return read if isinstance(read, dict) else {field: read}


def read_seen(field: str, seen: str) -> dict[str, Any]:
    """The value that the editor saw as `{field: value}`, in the plain form in which the service compares it."""
    return {"custom": inputs.read_seen(field, seen)} if field.startswith(PREFIX) else {field: _read_seen(field, seen)}


def _read_seen(field: str, seen: str) -> Any:
    if field in LISTS or field == "tags":
        return read_json(seen)
    if field in ("owner", "company"):
        return read_id(seen) or None
    return seen == YES if field == "do_not_contact" else seen


def seen_values(client: Company | Contact) -> dict[str, str]:
    """The fields as the page carries them, to guard an edit: lists in the order of keys that the browser sends."""
    seen = {field: plain(client, field) for field in FIELDS[type(client)] if field in READERS}
    for field in LISTS:
        seen[field] = as_json([{key: row.get(key, "") for key in (*KEYS[field], "label")} for row in seen[field]])
    seen["tags"] = as_json(seen["tags"])
    seen["do_not_contact"] = YES if client.do_not_contact else ""
    return {field: "" if value is None else str(value) for field, value in seen.items()}


def ways_back(client: Company | Contact) -> dict[str, str]:
    """What brings back consent and the wish to be left alone with their dates and sources."""
    parts = ("", "_at", "_source")
    return {
        field: as_json({f"{field}{part}": plain(client, f"{field}{part}") for part in parts}) for field in ("consent", "do_not_contact")
    }


def _is_its_own(client: Company | Contact, name: str) -> bool:
    """Whether the name typed is the company's that it has: of several of one name that one stays."""
    company = getattr(client, "company", None)
    return bool(company) and company.name.casefold() == name.strip().casefold()


def _text(value: str) -> str:
    return value.replace("\0", "")


def _consent(value: str) -> Any:
    return _dated("consent", value, str) if value.startswith("{") else value


def _do_not_contact(value: str) -> Any:
    return _dated("do_not_contact", value, bool) if value.startswith("{") else value == YES


def _dated(field: str, value: str, kind: type) -> dict[str, Any]:
    """The value with its date and source, as an undo brings it back."""
    read = read_json(value)
    at = read.get(f"{field}_at")
    try:
        since = parse_datetime(str(at)) if at else None
    except ValueError:
        since = None
    if not isinstance(read.get(field), kind) or (at and (since is None or since.tzinfo is None)):
        raise Refused(_("That makes no sense here."))
    return {field: read[field], f"{field}_at": since, f"{field}_source": _text(str(read.get(f"{field}_source") or ""))}


READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("name", "position", "website", "company", "consent_source", "do_not_contact_source"), _text),
    **dict.fromkeys((*LISTS, "tags"), read_json),
    "owner": read_owner,
    "consent": _consent,
    "do_not_contact": _do_not_contact,
}
