"""Guarding an edit against overwriting somebody else's: the editor's page carries a mark of what it showed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from crm.errors import Changed


def values_of(record: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """The fields as they stand."""
    return {field: getattr(record, field) for field in fields}


def mark_of(record: models.Model, fields: Iterable[str]) -> str:
    """A mark that any change of one of these fields changes."""
    return mark_of_values(values_of(record, fields))


def mark_of_values(values: dict[str, Any]) -> str:
    """A mark of values that are no fields of one row."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:24]


def require_mark(record: models.Model, fields: Iterable[str], mark: str) -> None:
    """Raise `Changed` with the present values when the record is no longer what the editor saw; no mark asks for nothing."""
    require_mark_of(values_of(record, fields), mark)


def require_mark_of(values: dict[str, Any], mark: str) -> None:
    """The same of values that are no fields of one row."""
    if mark and mark != mark_of_values(values):
        raise Changed(_("Somebody else has changed this meanwhile."), values | {"mark": mark_of_values(values)})
