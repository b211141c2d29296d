"""An amount in its currency."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import FieldType, no_sense
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.models import CustomField, Organisation
from crm.money import MAX_AMOUNT, read_money
from crm.templatetags.display import money_full, number

CODE = re.compile(r"(?:^\s*(?P<before>[A-Za-z]{3})\b)|(?:(?P<after>[A-Za-z]{3})\s*$)")
KNOWN = frozenset(Locale("en").currencies)


class MoneyType(FieldType):
    key, order, icon = "money", 30, "coins"
    label = gettext_lazy("Money")
    text = gettext_lazy("An amount in any currency")
    shape = {"type": "object", "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}}}

    def read(self, field: CustomField, typed: str, was: Any = None) -> dict[str, str] | None:
        """300k, 1,5 млн, €20k, 500 KZT; without a currency it is the organisation's."""
        if not typed.strip():
            return None
        rest, code = _take_code(typed[:80])
        amount, sign = read_money(rest)
        if amount is None:
            raise no_sense(typed, "300 000, 300k, €1500")
        return self.clean(field, {"amount": str(amount), "currency": code or sign or Organisation.current().currency})

    def clean(self, field: CustomField, value: Any, was: Any = None) -> dict[str, str] | None:
        if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
            raise Refused(_("Money is sent as {“amount”: “100.00”, “currency”: “EUR”}."))
        currency = value["currency"]
        if not isinstance(currency, str) or currency.upper() not in KNOWN:
            raise Refused(_("“%(code)s” is no currency.") % {"code": str(currency)[:10]})
        amount = value["amount"]
        try:
            found = Decimal(str(amount)) if isinstance(amount, str | int | float) and not isinstance(amount, bool) else Decimal("NaN")
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise no_sense(amount, "300000.00")
        if not 0 <= found <= MAX_AMOUNT:
            raise Refused(_("An amount is between nothing and %(limit)s.") % {"limit": money_full(MAX_AMOUNT)})
        return {"amount": f"{found.quantize(Decimal('0.01')):f}", "currency": currency.upper()}

    def type(self, field: CustomField, value: Any) -> str:
        return "" if value is None else f"{number(Decimal(value['amount']), 2)} {value['currency']}"

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return money_full(Decimal(value["amount"]), value["currency"])

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return forms.TextInput(attrs={"autocomplete": "off", "maxlength": 60, "autocapitalize": "characters"})


def _take_code(text: str) -> tuple[str, str]:
    """The text without a code such as KZT at one of its ends, and the code."""
    match = CODE.search(text)
    code = (match["before"] or match["after"] or "").upper() if match else ""
    if match is None or code not in KNOWN:
        return text, ""
    return text[: match.start()] + text[match.end() :], code


TYPE = MoneyType()
