"""Yes or no; nothing where nobody has asked yet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.custom_fields.base import FieldType
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.models import CustomField


class YesNoType(FieldType):
    key, order, icon = "yes_no", 70, "toggle-left"
    label = gettext_lazy("Yes or no")
    text = gettext_lazy("A question with two answers")
    shape = {"type": "boolean"}

    def read(self, field: CustomField, typed: str, was: Any = None) -> bool | None:
        if typed not in ("", "yes", "no"):
            raise Refused(_("Yes or no is needed here."))
        return {"yes": True, "no": False}.get(typed)

    def clean(self, field: CustomField, value: Any, was: Any = None) -> bool | None:
        if not isinstance(value, bool):
            raise Refused(_("Yes or no is needed here: true or false."))
        return value

    def type(self, field: CustomField, value: Any) -> str:
        return "" if value is None else "yes" if value else "no"

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return pgettext("answer", "Yes") if value else pgettext("answer", "No")

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return forms.Select(choices=[("", "–"), ("yes", pgettext("answer", "Yes")), ("no", pgettext("answer", "No"))])


TYPE = YesNoType()
