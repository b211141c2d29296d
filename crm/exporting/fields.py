"""What a file of a list holds: the columns that are shown, or everything that is known of a record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.registry import type_of
from crm.custom_fields.values import PREFIX, show_value
from crm.filtering.reader import Reader
from crm.lists.asked import Asked
from crm.lists.columns import Column
from crm.models import CustomField
from crm.phones import show_phone

SHOWN, ALL = "shown", "all"


@dataclass(frozen=True)
class ExportField:
    """One column of a file: its head, and what a record has in it: text, a number, a day or a time on the clock of `reader`."""

    key: str
    label: str
    value: Callable[[Any, Reader], Any]


@dataclass(frozen=True)
class More:
    """What a file of all fields has beyond a list's columns; one with a column's key stands in its place, in every file if `always`."""

    key: str
    label: Any
    value: Callable[[Any, Reader], Any]
    always: bool = False


_more: dict[str, list[More]] = defaultdict(list)


def register_more(kind: str, *fields: More) -> None:
    """Let files of this kind hold these; called once by each app at start."""
    _more[kind].extend(fields)


def export_fields(asked: Asked, which: str) -> list[ExportField]:
    """The columns of the file, in order; all of them cost one query for the custom fields."""
    more = {field.key: field for field in _more[asked.kind.key] if which == ALL or field.always}
    columns = list(asked.known.values()) if which == ALL else asked.shown
    found = [field for column in columns for field in _of_column(column, more.pop(column.key, None))]
    if which != ALL:
        return found
    known = {field.key for field in found}
    found += [ExportField(field.key, str(field.label), field.value) for field in more.values()]
    colleagues = Colleagues()
    for custom in CustomField.objects.of(asked.kind.key).live():
        if PREFIX + custom.key not in known:
            found.append(ExportField(PREFIX + custom.key, custom.label, partial(_custom, custom, colleagues)))
    return found


def cells_of(record: Any, fields: list[ExportField], reader: Reader) -> list[Any]:
    """A record's row in the file."""
    return [field.value(record, reader) for field in fields]


def _of_column(column: Column, instead: More | None) -> list[ExportField]:
    if instead:
        return [ExportField(column.key, str(instead.label), instead.value)]
    fields = [ExportField(column.key, str(column.label), partial(_plain, column))]
    if column.shown_as == "money":
        # One column of numbers that can be summed up, and one that says of what.
        label = _("Currency") if column.key == "amount" else f"{column.label}: {_('Currency')}"
        fields.append(ExportField(f"{column.key}.currency", label, partial(_currency, column)))
    return fields


def _plain(column: Column, record: Any, reader: Reader) -> Any:
    value = column.value(record)
    return None if value in (None, "", [], ()) else PLAIN[column.shown_as](value, reader)


def _currency(column: Column, record: Any, _reader: Reader) -> Any:
    amount, currency = column.value(record)
    return None if amount is None else currency


def _custom(field: CustomField, colleagues: Colleagues, record: Any, _reader: Reader) -> Any:
    """Numbers and days as such, and what else there is in the words that an import reads again."""
    value = record.custom.get(field.key)
    if value is None:
        return None
    kind = type_of(field)
    try:
        found = kind.type(field, value) if field.type == "money" else kind.cells(field, value, colleagues)
        return show_value(field, value, colleagues) if isinstance(found, Decimal) and not found.is_finite() else found
    except (TypeError, ValueError, ArithmeticError, KeyError, AttributeError):
        return show_value(field, value, colleagues)


def moment(value: datetime | None, reader: Reader) -> datetime | None:
    """A time as the organisation's clock shows it, to the second."""
    return value and value.astimezone(reader.zone).replace(tzinfo=None, microsecond=0)


def yes_no(value: bool) -> str:
    return pgettext("filter", "yes") if value else pgettext("filter", "no")


PLAIN: dict[str, Callable[[Any, Reader], Any]] = {
    "text": lambda value, reader: str(value),
    "link": lambda value, reader: value[0],
    "website": lambda value, reader: value,
    "mail": lambda value, reader: value,
    "phone": lambda value, reader: show_phone(value, reader.region),
    "number": lambda value, reader: value,
    "money": lambda value, reader: value[0],
    "date": lambda value, reader: value,
    "moment": moment,
    "due": lambda value, reader: value[0].astimezone(reader.own_zone).replace(tzinfo=None, microsecond=0),
    "pill": lambda value, reader: str(value[0]),
    "pills": lambda value, reader: "; ".join(str(label) for label, _css in value),
    "yes_no": lambda value, reader: yes_no(value),
}
