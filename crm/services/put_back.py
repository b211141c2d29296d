"""Giving a record back what it had, but for what somebody has changed since."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.utils.translation import gettext as _

from crm.queries.custom_fields import label_of

Values = dict[str, Any]


def put_back(record: Any, before: Values, after: Values) -> tuple[Values, list[str]]:
    """Set the fields on a locked record, which the caller saves: what changed, as the journal tells it, and what stays in words.

    Tags are put back one by one, values of custom fields key by key. An owner brings the team of that time along.
    """
    changed: Values = {}
    kept: list[str] = []
    for name in after:
        if name == "tags":
            _put_tags(record, before[name], after[name], changed)
        elif name == "custom":
            kept += _put_custom(record, before[name], after[name], changed)
        elif name != "team":
            kept += _put_field(record, name, before, after, changed)
    return changed, kept


def _put_tags(record: Any, before: list[str], after: list[str], changed: Values) -> None:
    added, removed = set(after) - set(before), [tag for tag in before if tag not in after]
    now = list(record.tags)
    tags = before if now == after else [tag for tag in now if tag not in added] + [tag for tag in removed if tag not in now]
    if tags != now:
        record.tags = tags
        changed["tags"] = [now, tags]


def _put_custom(record: Any, before: Values, after: Values, changed: Values) -> list[str]:
    custom, kept = dict(record.custom), []
    for key, value in after.items():
        if custom.get(key) != value:
            kept.append(_("“%(field)s” stays, because it has changed since.") % {"field": label_of(record._meta.model_name, key)})
            continue
        if before[key] is None:
            custom.pop(key, None)
        else:
            custom[key] = before[key]
        changed[f"custom.{key}"] = [value, before[key]]
    record.custom = custom
    return kept


def _put_field(record: Any, name: str, before: Values, after: Values, changed: Values) -> list[str]:
    field = record._meta.get_field(name)
    now = plain_value(record, name)
    if now != after[name]:
        return [_("“%(field)s” stays, because it has changed since.") % {"field": field.verbose_name}]
    wanted = before[name]
    if isinstance(field, ForeignKey) and wanted and not field.related_model._base_manager.filter(pk=wanted).exists():
        return [_("“%(field)s” stays, because what stood there is gone.") % {"field": field.verbose_name}]
    try:
        setattr(record, field.attname, None if wanted is None else field.to_python(wanted))
    except ValidationError:
        return [_("“%(field)s” stays, because what stood there is gone.") % {"field": field.verbose_name}]
    if name == "owner":
        record.team_id = _team_of_then(record, before.get("team"))
    if now != wanted:
        changed[name] = [now, wanted]
    return []


def _team_of_then(record: Any, team: int | None) -> int | None:
    teams = record._meta.get_field("team").related_model
    return team if team and teams._base_manager.filter(pk=team).exists() else None


def plain_value(record: Any, name: str) -> Any:
    """A field's value in JSON: a record by its id, a day as text, a sum of money with two digits."""
    value = getattr(record, record._meta.get_field(name).attname)
    if isinstance(value, Decimal):
        return format(value, ".2f")
    return value.isoformat() if hasattr(value, "isoformat") else value


def take_values(record: Any, names: list[str], custom: list[str]) -> Values:
    """These fields as they stand, to be put back some day."""
    found: Values = {name: list(record.tags) if name == "tags" else plain_value(record, name) for name in names}
    if "owner" in found:
        found["team"] = record.team_id
    return found | ({"custom": {key: record.custom.get(key) for key in custom}} if custom else {})
