"""Custom fields in the form of a new record: each asked for in the way of its type, the required ones insisted on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.custom_fields.colleagues import Colleagues
from crm.custom_fields.registry import type_of
from crm.custom_fields.types.choices import Picker
from crm.errors import Refused
from crm.models import CustomField
from crm.queries.custom_fields import fields_of


class ValueField(forms.Field):
    """The value of one custom field."""

    def __init__(self, field: CustomField, colleagues: Colleagues) -> None:
        self.custom = field
        widget = type_of(field).widget(field, None, colleagues)
        if isinstance(widget, Picker):
            widget.label = field.label
        super().__init__(required=field.is_required, label=field.label, widget=widget)

    def clean(self, value: Any) -> Any:
        try:
            read = type_of(self.custom).read(self.custom, value or "")
        except Refused as refused:
            raise forms.ValidationError(refused.reasons) from None
        if read is None and self.custom.is_required:
            raise forms.ValidationError(_("It has to be filled in."))
        return read


def custom_inputs(kind: str) -> dict[str, ValueField]:
    """The fields to add to a form, by their names; one query, another where there are people to choose from."""
    colleagues = Colleagues()
    return {field.name: ValueField(field, colleagues) for field in fields_of(kind)}


def custom_values(form: forms.BaseForm) -> dict[str, Any]:
    """What was filled in, as a service takes it."""
    named = {field.custom.key: form.cleaned_data.get(name) for name, field in form.fields.items() if isinstance(field, ValueField)}
    return {key: value for key, value in named.items() if value is not None}
