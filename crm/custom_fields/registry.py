"""The types of custom fields by their keys, found by looking into `types/`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from crm.custom_fields import types
from crm.custom_fields.base import FieldType
from crm.models import CustomField


def _found() -> list[FieldType]:
    modules = [import_module(f"{types.__name__}.{module.name}") for module in iter_modules(types.__path__)]
    return sorted((module.TYPE for module in modules), key=lambda found: found.order)


TYPES: dict[str, FieldType] = {found.key: found for found in _found()}


def type_of(field: CustomField) -> FieldType:
    """The type of a field."""
    return TYPES[field.type]
