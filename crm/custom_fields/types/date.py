"""A day, without a time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import FieldType, text_of
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.models import CustomField
from crm.templatetags.display import day

PATTERNS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")


class DateType(FieldType):
    key, order, icon = "date", 40, "calendar"
    label = gettext_lazy("Date")
    text = gettext_lazy("A day: a renewal, a birthday")
    shape = {"type": "string", "format": "date"}

    def read(self, field: CustomField, typed: str, was: Any = None) -> str | None:
        for pattern in PATTERNS[1:]:
            try:
                return self.clean(field, datetime.strptime(typed.strip(), pattern).date().isoformat())
            except ValueError:
                continue
        return self.clean(field, typed)

    def clean(self, field: CustomField, value: Any, was: Any = None) -> str | None:
        text = text_of(value)
        if not text:
            return None
        try:
            found = datetime.strptime(text, PATTERNS[0]).date()
        except ValueError:
            raise Refused(_("“%(value)s” is no date. Write it like 2026-03-31.") % {"value": text[:40]}) from None
        if not 1000 <= found.year <= 2999:
            raise Refused(_("A year between 1000 and 2999, please."))
        return found.isoformat()

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return day(date.fromisoformat(value))

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return forms.DateInput(attrs={"type": "date"})

    def cells(self, field: CustomField, value: Any, colleagues: Colleagues) -> date:
        return date.fromisoformat(value)


TYPE = DateType()
