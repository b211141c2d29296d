"""Asking a model's own validators, and answering in words."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from crm.errors import Refused


def clean(record: models.Model) -> None:
    """Raise `Refused` with one reason per field whose value the model does not take."""
    try:
        record.clean_fields()
    except ValidationError as error:
        raise Refused(*[_reason(record, field, words) for field, words in error.message_dict.items()]) from None


def _reason(record: models.Model, field: str, words: list[str]) -> str:
    label = str(getattr(record._meta.get_field(field), "verbose_name", field))
    return f"{label[:1].upper()}{label[1:]}: {' '.join(words)}"
