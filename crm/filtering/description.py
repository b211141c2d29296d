"""What a kind of record can be filtered by, for pages that build filters and for programs that send them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext

from crm.filtering.fields import FilterField, fields_of
from crm.filtering.operators import OPERATORS
from crm.filtering.periods import PERIODS
from crm.filtering.reader import Reader
from crm.queries.people import filter_people


def describe_fields(kind: str, reader: Reader) -> list[dict[str, Any]]:
    """Each field with its operators and choices; a query for each field whose choices lie in the database, and one for people."""
    fields = list(fields_of(kind, reader).values())
    people = _people(reader) if any(field.type.editor == "person" for field in fields) else []
    return [_describe(field, people, reader) for field in fields]


def _describe(field: FilterField, people: list[dict[str, str]], reader: Reader) -> dict[str, Any]:
    editor = field.type.editor
    choices = {
        "person": lambda: people,
        "choice": lambda: _listed(field, reader),
        "tags": lambda: _listed(field, reader),
        "day": lambda: [{"key": key, "label": str(label)} for key, (label, _span) in PERIODS.items()],
        "yes_no": lambda: [{"key": "true", "label": pgettext("filter", "yes")}, {"key": "false", "label": pgettext("filter", "no")}],
    }
    operators = [OPERATORS[key] for key in field.type.operators]
    return {
        "key": field.key,
        "label": str(field.label),
        "group": str(field.group),
        "type": field.type.key,
        "editor": editor,
        "record": field.record,
        "operators": [{"key": operator.key, "label": str(operator.label), "takes": operator.takes} for operator in operators],
        "choices": choices[editor]() if editor in choices else [],
    }


def _listed(field: FilterField, reader: Reader) -> list[dict[str, str]]:
    return [{"key": str(key), "label": str(label)} for key, label in (field.choices(reader) if field.choices else ())]


def _people(reader: Reader) -> list[dict[str, str]]:
    words = [("me", pgettext("filter", "me")), ("my_team", pgettext("filter", "my team")), ("nobody", pgettext("filter", "nobody"))]
    if not reader.user.team_id:
        del words[1]
    found = [{"key": key, "label": label} for key, label in words]
    return found + [{"key": str(person.pk), "label": person.name} for person in filter_people(reader.user)]
