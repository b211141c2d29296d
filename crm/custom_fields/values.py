"""Values of custom fields: put into a record, and told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.registry import type_of
from crm.errors import Refused
from crm.models import CustomField

PREFIX = "custom."
MAX_SHOWN = 120


@dataclass(frozen=True)
class Shown:
    """One field of a record with its value in words."""

    field: CustomField
    value: Any
    words: str
    link: str


def show_values(fields: Iterable[CustomField], values: Mapping[str, Any], colleagues: Colleagues) -> list[Shown]:
    """The fields with their values in words; nothing where there is no value."""
    return [
        Shown(field, value, show_value(field, value, colleagues), type_of(field).link(value) if value is not None else "")
        for field in fields
        for value in [values.get(field.key)]
    ]


def show_value(field: CustomField, value: Any, colleagues: Colleagues) -> str:
    """A value in words. One that its type can't read, whoever wrote it, is shown as it lies there, and never breaks a page."""
    if value is None:
        return ""
    try:
        return str(type_of(field).show(field, value, colleagues))
    except (TypeError, ValueError, ArithmeticError, KeyError, AttributeError):
        return str(value)[:MAX_SHOWN]


def merge_values(fields: Iterable[CustomField], present: Mapping[str, Any], given: Any) -> dict[str, Any]:
    """The present values with those that are given in their places; None takes one away, and what isn't named stays.

    Refused, with a reason for each field: an unknown key, a value of the wrong kind, a required field emptied.
    A value that is there already is never asked about, so that what was sent back as it was read is no error.
    """
    if not isinstance(given, Mapping):
        raise Refused(_("Custom fields are sent as an object of keys and values."))
    known = {field.key: field for field in fields}
    merged, reasons = dict(present), []
    for key, value in given.items():
        if key in merged and merged[key] == value and type(merged[key]) is type(value):
            continue
        try:
            new = _cleaned(known.get(key), key, value, merged.get(key))
        except Refused as refused:
            label = known[key].label if key in known else str(key)[:40]
            reasons += [f"{label}: {reason}" for reason in refused.reasons]
            continue
        merged.pop(key, None)
        if new is not None:
            merged[key] = new
    if reasons:
        raise Refused(*reasons)
    return merged


def _cleaned(field: CustomField | None, key: str, value: Any, was: Any) -> Any:
    if field is None:
        raise Refused(_("There is no such field. Reload the page to see those there are."))
    if field.archived_at:
        raise Refused(_("This field is archived; its values stay as they are."))
    new = None if value is None else type_of(field).clean(field, value, was)
    if new is None and was is not None and field.is_required:
        raise Refused(_("It has to be filled in."))
    return new


def changed_values(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs, as the journal writes it: `{"custom.size": [old, new]}`."""
    keys = [*before, *(key for key in after if key not in before)]
    return {f"{PREFIX}{key}": [before.get(key), after.get(key)] for key in keys if before.get(key) != after.get(key)}
