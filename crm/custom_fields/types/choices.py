"""Several of the options that the admin gives."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import FieldType, text_of
from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.types.choice import known_option, offered, option_label
from crm.errors import Refused
from crm.folding import fold
from crm.models import CustomField

# With its signs, so that what was split can be put together again.
PARTS = re.compile(r"([,;|\n])")


class Picker(forms.CheckboxSelectMultiple):
    """A list of options to tick that opens out of one line; its value is their keys, joined by commas."""

    template_name = "custom_fields/picker.html"
    # What the line is called, where nothing else names it.
    label = ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return data.get(name, "")

    def format_value(self, value: Any) -> list[str]:
        return value.split(",") if isinstance(value, str) else []

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = self.format_value(value)
        words = ", ".join(str(label) for key, label in self.choices if key in chosen)
        context["widget"] |= {"label": self.label, "joined": ",".join(chosen), "words": words}
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        """By the product's own templates, which the renderer of forms doesn't know."""
        return render_to_string(template_name, context)


class ChoicesType(FieldType):
    key, order, icon = "choices", 60, "list-check"
    label = gettext_lazy("Several choices")
    text = gettext_lazy("Any number of several options")
    has_options = True
    shape = {"type": "array", "items": {"type": "string"}}

    def read(self, field: CustomField, typed: str, was: Any = None) -> list[str] | None:
        return self.clean(field, _parts(field, typed), was)

    def clean(self, field: CustomField, value: Any, was: Any = None) -> list[str] | None:
        if not isinstance(value, list):
            raise Refused(_("A list of options is needed here."))
        chosen = {known_option(field, text_of(key), was or []) for key in value}
        return [option["key"] for option in field.options if option["key"] in chosen] or None

    def type(self, field: CustomField, value: Any) -> str:
        return ",".join(value or [])

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return ", ".join(option_label(field, key) for key in value)

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return Picker(choices=offered(field, value or []))


def _parts(field: CustomField, typed: str) -> list[str]:
    """What stands between commas, semicolons or bars; an option that is called with such signs is one."""
    names = {fold(name) for option in field.options for name in option["labels"].values()}
    found: list[str] = []
    rest = PARTS.split(typed)
    while rest:
        longest = next((n for n in range(len(rest), 1, -2) if fold("".join(rest[:n])) in names), 1)
        found.append("".join(rest[:longest]).strip())
        rest = rest[longest + 1 :]
    return [part for part in found if part]


TYPE = ChoicesType()
