"""The organisation's own settings and its exchange rates."""

from __future__ import annotations

import zoneinfo
from decimal import Decimal
from typing import Any

import phonenumbers
from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.forms.services import ServiceForm
from crm.models.organisation import currency_code

CURRENCIES = ("RUB", "EUR", "USD", "GBP", "KZT", "BYN", "CNY", "TRY", "AED", "CHF", "UZS", "GEL", "AMD")


def countries() -> list[tuple[str, str]]:
    """The countries that have telephone numbers, by their names in the reader's language."""
    names = Locale("ru" if (get_language() or "").startswith("ru") else "en").territories
    return sorted(((code, names.get(code, code)) for code in phonenumbers.SUPPORTED_REGIONS), key=lambda country: country[1])


class CurrencyField(forms.CharField):
    """A three-letter code, typed in any case."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"list": "currencies", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "size": 5}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(max_length=3, validators=[currency_code], **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and value not in Locale("en").currencies:
            raise forms.ValidationError(_("“%(code)s” is no currency.") % {"code": value})


class OrganisationForm(ServiceForm):
    """Name, time zone, country, currency, language."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Stands at the top of every page and in mails."))
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Days begin and end here, in reports and for next steps."))
    country = forms.ChoiceField(label=_("Country"), help_text=_("Telephone numbers without a country’s code are dialled here."))
    currency = CurrencyField(label=_("Currency"), help_text=_("Exchange rates are told in it."))
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("For browsers that ask for neither of the two.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in ["UTC", *names]]  # type: ignore[attr-defined]
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]


class ExchangeRateForm(ServiceForm):
    """What one unit of a currency is worth from a day on."""

    currency = CurrencyField(label=_("Currency"))
    since = forms.DateField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    rate = forms.DecimalField(
        label=_("Rate"),
        max_digits=18,
        decimal_places=8,
        min_value=Decimal("0.00000001"),
        error_messages={"min_value": _("A rate is more than zero.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None and "," in data.get("rate", ""):  # 92,5 as Russians write it
            data = data.copy()
            data["rate"] = data["rate"].replace(",", ".")
        super().__init__(data, **kwargs)
