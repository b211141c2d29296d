"""What the first admin says about themselves and the organisation."""

from __future__ import annotations

import zoneinfo
from typing import Any

from babel.numbers import get_currency_name
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation, User

CURRENCIES = (
    *("RUB", "EUR", "USD", "GBP", "CHF", "CNY", "BYN", "KZT", "UZS", "KGS", "AMD"),
    *("AZN", "GEL", "TRY", "AED", "INR", "PLN", "CZK", "SEK", "NOK", "DKK"),
)
# Names that stand for a place; the rest are old spellings and offsets.
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def zones() -> list[str]:
    """The time zones one can choose from."""
    return ["UTC", *sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in REGIONS)]


class FirstAdminForm(forms.Form):
    """The first admin, and the organisation's name, zone, currency and language."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name", "autofocus": True}))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 8 characters, and none that everybody uses."),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    organisation = forms.CharField(
        label=_("Name of your organisation"), max_length=120, widget=forms.TextInput({"autocomplete": "organization"})
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("It cuts the days of all reports."))
    currency = forms.ChoiceField(label=_("Currency"), help_text=_("Sums of deals in other currencies are shown in it."))
    language = forms.ChoiceField(label=_("Language"), choices=Organisation._meta.get_field("language").choices or [])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = "ru" if (get_language() or "").startswith("ru") else "en"
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in zones()]  # type: ignore[attr-defined]
        self.fields["time_zone"].widget.attrs["data-own-zone"] = not self.is_bound
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            (code, f"{code}, {get_currency_name(code, locale=language)}") for code in CURRENCIES
        ]
        if self.is_bound:  # the eye goes to what needs another look, not to the first field
            del self.fields["name"].widget.attrs["autofocus"]
        self.fields["time_zone"].initial = Organisation().time_zone
        self.fields["currency"].initial = "RUB" if language == "ru" else "EUR"
        self.fields["language"].initial = language

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("An imported colleague bears this address already. Use another one."))
        return email

    def clean_password(self) -> str:
        person = User(email=self.data.get("email", ""), name=self.data.get("name", ""))
        validate_password(self.cleaned_data["password"], person)
        return self.cleaned_data["password"]
