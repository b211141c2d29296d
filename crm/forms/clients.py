"""Companies and contacts as people fill them in, guarded against overwriting what somebody else has changed meanwhile."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import Company, Contact, User
from crm.queries.people import possible_owners
from crm.reach import MAIN
from crm.services.clients import plain


class ClientForm(forms.ModelForm):
    """A company or contact; `seen` carries the values that the editor was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        for field in set(self.fields) & set(MAIN):
            self.initial[field] = getattr(self.instance, field) if self.instance.pk else ""
        if not self.instance.pk:
            self.fields["name"].widget.attrs["autofocus"] = True
        self.fields["owner"].queryset = possible_owners(self.instance.owner)
        self.fields["owner"].empty_label = _("Nobody")
        self.initial["seen"] = json.dumps(self.present, ensure_ascii=False)

    @property
    def asked(self) -> list[str]:
        """The names of the fields that are asked for."""
        return [field for field in self.fields if field != "seen"]

    @property
    def present(self) -> dict[str, Any]:
        """The fields as the database has them."""
        return {field: self.initial[field] if field in MAIN else plain(self.instance, field) for field in self.asked}

    @property
    def shown(self) -> dict[str, Any]:
        """The fields as the editor saw them; as they are now where the form doesn't say."""
        try:
            seen = json.loads(self.cleaned_data.get("seen") or "")
        except ValueError:
            seen = None
        return seen if isinstance(seen, dict) and set(seen) == set(self.asked) else self.present

    @property
    def changes(self) -> dict[str, Any]:
        """What the editor changed: fields that are left alone can't overwrite anybody's work."""
        shown = self.shown
        return {field: value for field, value in self.values.items() if getattr(value, "pk", value) != shown[field]}

    @property
    def values(self) -> dict[str, Any]:
        """All the fields as they were filled in."""
        return {field: self.cleaned_data[field] for field in self.asked}

    def _post_clean(self) -> None:
        """The service puts the values in place and asks the model, on the row as it then is."""

    def after_conflict(self, fresh: Company | Contact, conflicts: dict[str, Any]) -> ClientForm:
        """The form once more: what was typed stays, what others changed elsewhere comes in, and each conflict says what stands now."""
        again = type(self)(instance=fresh, by=self.by)
        data = {name: again.get_initial_for_field(field, name) for name, field in again.fields.items()}
        data |= {name: self.data.get(name, "") for name in self.changes}
        again = type(self)({name: "" if value is None else value for name, value in data.items()}, instance=fresh, by=self.by)
        again.full_clean()
        for name in conflicts:
            field = again.fields[name]
            standing = str(getattr(fresh, name) or _("nothing"))
            again.add_error(name, _("Changed meanwhile to “%(value)s”. Save again to put yours in its place.") % {"value": standing})
            field.widget.attrs["data-conflict"] = ""
        return again


class CompanyForm(ClientForm):
    """A company."""

    website = forms.URLField(
        label=gettext_lazy("Website"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )

    city = forms.CharField(label=gettext_lazy("City"), required=False, max_length=100)
    field_order = ["name", "website", "city", "owner"]

    class Meta:
        model = Company
        fields = ["name", "website", "owner"]


class ContactForm(ClientForm):
    """A contact; its company is typed by name, and added where there is none of that name."""

    company = forms.CharField(label=gettext_lazy("Company"), required=False, max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    field_order = ["name", "position", "company", "email", "phone", "owner"]

    class Meta:
        model = Contact
        fields = ["name", "position", "company", "owner"]
        labels = {"name": pgettext_lazy("person", "Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        company = self.instance.company_id
        # A company that the editor may not see is neither named nor taken away.
        self.seen_company = Company.objects.visible_to(self.by).filter(pk=company).first() if company else None
        self.initial["company"] = self.seen_company.name if self.seen_company else ""
        self.fields["company"].widget.attrs.update(
            {"list": "company-names", "autocomplete": "off", "data-names-from": reverse_lazy("company_suggestions")}
        )

    def clean_company(self) -> Company | str | None:
        """The company it has, if that is what the name says; else the name."""
        name = self.cleaned_data["company"].strip()
        if name.casefold() == self.initial["company"].strip().casefold():
            return self.instance.company
        return name or None
