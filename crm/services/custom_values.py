"""Putting values of custom fields into a record that a service has locked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from crm.custom_fields.values import changed_values, merge_values
from crm.errors import Changed
from crm.models import CustomField


def put_values(record: Any, *, kind: str, given: Any, was: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
    """Put these values into `record.custom`, which the caller saves; what changed, as the journal tells it. One query at most.

    Where `was` names the value that the editor saw and another stands there by now: Changed (412). Values that make no sense: Refused.
    """
    before = dict(record.custom)
    if not given and isinstance(given, Mapping):
        return {}
    seen = was or {}
    wanted = given if isinstance(given, Mapping) else {}
    differing = {key: before.get(key) for key in seen if before.get(key) not in (seen[key], wanted.get(key))}
    if differing:
        raise Changed(
            _("Somebody else has changed this field meanwhile. Look at the new value before you overwrite it."), {"custom": differing}
        )
    record.custom = merge_values(CustomField.objects.of(kind), before, given)
    return changed_values(before, record.custom)
