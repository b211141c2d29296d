"""A colleague."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import FieldType
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.ids import read_id
from crm.models import CustomField, User

MAX_ID = 2**63 - 1


class PersonType(FieldType):
    key, order, icon = "person", 90, "user"
    label = gettext_lazy("Colleague")
    text = gettext_lazy("Somebody who works with you here")
    shape = {"type": "integer"}

    def read(self, field: CustomField, typed: str, was: Any = None) -> int | None:
        if not typed.strip():
            return None
        return self.clean(field, read_id(typed))

    def clean(self, field: CustomField, value: Any, was: Any = None) -> int | None:
        if type(value) is not int or not 0 < value <= MAX_ID or not User.objects.active().filter(pk=value).exists():
            raise Refused(_("This colleague doesn't work here any more. Choose another."))
        return value

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return colleagues.get(value, _("somebody who has left"))

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return forms.Select(choices=[("", _("Nobody")), *colleagues.to_choose(value)])


TYPE = PersonType()
