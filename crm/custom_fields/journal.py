"""Changes of custom values as the timeline tells them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.values import PREFIX, show_value
from crm.models import CustomField


class CustomChanges:
    """The words for changes of custom values. Fields and names are read when a change first speaks of them: two queries at most."""

    def __init__(self) -> None:
        self.colleagues = Colleagues()

    @cached_property
    def fields(self) -> dict[tuple[str, str], CustomField]:
        """All fields by kind and by the name that changes bear, archived ones too."""
        return {(field.kind, field.name): field for field in CustomField.objects.all()}

    def tell(self, kind: str, name: str, old: Any, new: Any) -> tuple[str, str, str] | None:
        """The field, what it was and what it is; nothing for a built-in field."""
        if not name.startswith(PREFIX):
            return None
        field = self.fields.get((kind, name))
        if field is None:
            return name.removeprefix(PREFIX), "", ""
        return field.label, show_value(field, old, self.colleagues) or "–", show_value(field, new, self.colleagues) or "–"
