"""The names of tags that a filter asks for."""

from __future__ import annotations

from typing import Any

FIELD = "tags"


def names_tag(part: Any, name: str) -> bool:
    """Whether a filter, as JSON has it, asks for this tag anywhere."""
    return replace_tag(part, name, "") != part


def replace_tag(part: Any, name: str, into: str) -> Any:
    """The filter with another tag in its place, asked for once."""
    if not isinstance(part, dict):
        return part
    if part.get("field") == FIELD and "value" in part:
        return part | {"value": _replaced(part["value"], name, into)}
    return {key: [replace_tag(each, name, into) for each in value] if isinstance(value, list) else value for key, value in part.items()}


def _replaced(value: Any, name: str, into: str) -> Any:
    if isinstance(value, list):
        return list(dict.fromkeys(into if each == name else each for each in value)) if name in value else value
    return into if value == name else value
