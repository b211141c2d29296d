"""Custom fields of a record as inputs: edited in place, one at a time, or in a form."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.registry import type_of
from crm.custom_fields.values import PREFIX, Shown, show_values
from crm.errors import Refused
from crm.models import CustomField


@dataclass(frozen=True)
class Row:
    """One field of a record: its value in words and the input that changes it. `is_group`: the input is made of several."""

    shown: Shown
    control: SafeString
    is_group: bool

    @property
    def field(self) -> CustomField:
        return self.shown.field


def rows_of(fields: Iterable[CustomField], values: Mapping[str, Any], colleagues: Colleagues) -> list[Row]:
    """Every field with its input, which carries the value that its editor sees. One query where there are people to choose from."""
    return [_row(shown, colleagues) for shown in show_values(fields, values, colleagues)]


def read_typed(fields: Iterable[CustomField], name: str, typed: str, present: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed into one input, as a service takes it: `{key: value}`. Refused where it makes no sense."""
    field = next((field for field in fields if field.name == name), None)
    if field is None:
        raise Refused(_("There is no such field. Reload the page to see those there are."))
    return {field.key: type_of(field).read(field, typed, present.get(field.key))}


def read_seen(name: str, seen: str) -> dict[str, Any]:
    """The value that the input's editor saw, as a service takes it; what can't be read equals nothing that stands there."""
    try:
        return {name.removeprefix(PREFIX): json.loads(seen) if seen else None}
    except ValueError:
        return {name.removeprefix(PREFIX): object()}


def _row(shown: Shown, colleagues: Colleagues) -> Row:
    field, value = shown.field, shown.value
    widget = type_of(field).widget(field, value, colleagues)
    seen = "" if value is None else json.dumps(value, ensure_ascii=False)
    control = widget.render(field.name, type_of(field).type(field, value), {"class": "input", "data-was": seen})
    return Row(shown, control, widget.template_name == "custom_fields/picker.html")
