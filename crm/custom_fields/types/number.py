"""A number of any kind that isn't money, kept exactly as written."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import FieldType, no_sense
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.models import CustomField
from crm.templatetags.display import locale, number

MAX_NUMBER = Decimal(10) ** 15
MAX_DIGITS = 10
SPACES = re.compile(r"[\s\u00a0\u202f']")
PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
ENGLISH_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")


class NumberType(FieldType):
    key, order, icon = "number", 20, "number-123"
    label = gettext_lazy("Number")
    text = gettext_lazy("A quantity, an area, a share")
    shape = {"type": "string", "format": "decimal"}

    def read(self, field: CustomField, typed: str, was: Any = None) -> str | None:
        """1234,5 and 1 234.5; a comma before three digits groups them in English and is the decimal sign in Russian."""
        text = SPACES.sub("", typed.replace("−", "-"))
        if ENGLISH_GROUPS.fullmatch(text) and (locale() == "en" or text.count(",") > 1 or "." in text):
            text = text.replace(",", "")
        return self.clean(field, text.replace(",", ".")) if text else None

    def clean(self, field: CustomField, value: Any, was: Any = None) -> str | None:
        if isinstance(value, str) and not value.strip():
            return None
        text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
        try:
            found = Decimal(text[:80]) if PLAIN.fullmatch(text) or isinstance(value, float) else Decimal("NaN")
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise no_sense(value, number(1234.5, 1))
        if abs(found) >= MAX_NUMBER:
            raise Refused(_("That number is too large."))
        found = round(found, MAX_DIGITS).normalize()
        return f"{found:f}" if found else "0"

    def type(self, field: CustomField, value: Any) -> str:
        return "" if value is None else number(Decimal(value), MAX_DIGITS)

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return number(Decimal(value), MAX_DIGITS)

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 40})

    def cells(self, field: CustomField, value: Any, colleagues: Colleagues) -> Decimal:
        return Decimal(value)


TYPE = NumberType()
