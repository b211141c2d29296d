"""A new company or contact as people fill it in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.errors import Refused
from crm.forms.custom_values import ValueField, custom_inputs, custom_values
from crm.models import Company, Contact, Organisation, User
from crm.queries.people import possible_owners
from crm.reach import KEYS, WORDS, read_list, require_dialable


class RowsWidget(forms.Widget):
    """Rows of inputs named `emails.0.address`; `clients/_rows.html` draws them."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, str]]:
        named = re.compile(rf"{name}\.(\d{{1,9}})\.({'|'.join((*KEYS[name], 'label'))})")
        rows: dict[int, dict[str, str]] = {}
        for key in data:
            if found := named.fullmatch(key):
                rows.setdefault(int(found[1]), {})[found[2]] = str(data.get(key, ""))
        return [row for _place, row in sorted(rows.items()) if any(text.strip() for key, text in row.items() if key != "label")]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False


class RowsField(forms.Field):
    """E-mails, phones, addresses or links, the main one first."""

    widget = RowsWidget

    def __init__(self, kind: str) -> None:
        self.kind = kind
        label, self.add = WORDS[kind]
        super().__init__(required=False, label=label)

    def clean(self, value: Any) -> Any:
        try:
            rows = read_list(self.kind, value, region=Organisation.current().country)
            if self.kind == "phones":
                require_dialable(rows)
            return rows
        except Refused as refused:
            raise forms.ValidationError(refused.reasons) from None


class ClientForm(forms.ModelForm):
    """A new company or contact."""

    phones = RowsField("phones")
    emails = RowsField("emails")
    addresses = RowsField("addresses")
    links = RowsField("links")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["name"].widget.attrs |= {"autofocus": True, "dir": "auto"}
        self.fields["owner"].queryset = possible_owners(self.instance.owner)
        self.fields["owner"].empty_label = _("Nobody")
        self.fields |= custom_inputs(self._meta.model._meta.model_name or "")
        for name, field in self.fields.items():
            if isinstance(field, RowsField):
                # One empty row to begin with where most write something.
                self.initial[name] = [{}] if name in ("emails", "phones") else []

    @property
    def values(self) -> dict[str, Any]:
        """All the fields as they were filled in."""
        own = {name: self.cleaned_data[name] for name, field in self.fields.items() if not isinstance(field, ValueField)}
        return own | {"custom": custom_values(self)}

    def _post_clean(self) -> None:
        """The service puts the values in place and asks the model."""


class CompanyForm(ClientForm):
    """A company."""

    website = forms.URLField(
        label=gettext_lazy("Website"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    field_order = ["name", "website", "phones", "emails", "addresses", "links", "owner"]

    class Meta:
        model = Company
        fields = ["name", "website", "owner"]


class ContactForm(ClientForm):
    """A contact; its company is typed by name, and added where there is none of that name."""

    company = forms.CharField(label=gettext_lazy("Company"), required=False, max_length=200)
    field_order = ["name", "position", "company", "phones", "emails", "addresses", "links", "owner"]

    class Meta:
        model = Contact
        fields = ["name", "position", "company", "owner"]
        labels = {"name": pgettext_lazy("person", "Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["company"] = self.instance.company.name if self.instance.company else ""
        self.fields["company"].widget.attrs.update(
            {"autocomplete": "off", "data-suggest": reverse_lazy("company_suggestions"), "data-new": gettext_lazy("New company “%name%”")}
        )

    def clean_company(self) -> Company | str | None:
        """The company the address named, if that is what the name says; else the name."""
        name = self.cleaned_data["company"].strip()
        if self.instance.company and name.casefold() == self.instance.company.name.casefold():
            return self.instance.company
        return name or None
