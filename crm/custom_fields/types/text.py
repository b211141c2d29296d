"""Words: a line, or several where somebody has pasted them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import MAX_TEXT, FieldType, text_of
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.models import CustomField


class TextType(FieldType):
    key, order, icon = "text", 10, "letter-case"
    label = gettext_lazy("Text")
    text = gettext_lazy("A few words")

    def clean(self, field: CustomField, value: Any, was: Any = None) -> str | None:
        text = text_of(value)
        if len(text) > MAX_TEXT:
            raise Refused(_("That is too long: at most %(count)s characters.") % {"count": MAX_TEXT})
        return text or None

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        if "\n" in (value or ""):  # a line would lose the others
            return forms.Textarea(attrs={"rows": 2, "maxlength": MAX_TEXT})
        return super().widget(field, value, colleagues)


TYPE = TextType()
