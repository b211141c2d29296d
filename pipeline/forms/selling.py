"""What an admin sets about selling: a product, the letterhead, an item of a checklist."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.organisation import CurrencyField
from crm.forms.services import ServiceForm
from pipeline.forms.labels import LabelledForm
from pipeline.models import Stage
from pipeline.models.deals import MAX_AMOUNT


class TypedDecimalField(forms.DecimalField):
    """A number as people write it: 1 250,50."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = "".join(value.split()).replace("\u00a0", "").replace("\u202f", "").replace(",", ".")
        return super().to_python(value)


class ProductForm(ServiceForm):
    """A product of the catalogue."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    code = forms.CharField(label=_("Code"), max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    price = TypedDecimalField(label=_("Price"), max_digits=15, decimal_places=2, min_value=0, max_value=MAX_AMOUNT)
    currency = CurrencyField(label=_("Currency"), help_text=_("In a deal of another currency the price is converted at that day's rate."))
    unit = forms.CharField(
        label=_("Unit"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("piece, hour, seat…"),
    )
    tax_rate = TypedDecimalField(label=_("Tax, %"), max_digits=5, decimal_places=2, min_value=0, max_value=100, initial=0)


class SellerForm(ServiceForm):
    """How the organisation stands on its quotes."""

    legal_name = forms.CharField(label=_("Legal name"), max_length=200, required=False, help_text=_("Empty: the organisation's name."))
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    tax_id = forms.CharField(label=_("Tax id"), max_length=60, required=False)
    reach = forms.CharField(label=_("Phone, mail, site"), max_length=200, required=False)
    bank = forms.CharField(label=_("Bank details"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    header = forms.CharField(
        label=_("Opening words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Above the items.")
    )
    terms = forms.CharField(label=_("Terms"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    footer = forms.CharField(label=_("Closing words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    valid_days = forms.IntegerField(label=_("Days a quote is valid"), min_value=1, max_value=365)
    tax_included = forms.BooleanField(
        label=_("Prices include the tax"),
        required=False,
        help_text=_("For the first item of a deal; deals that have items keep their way."),
    )


class ChecklistItemForm(LabelledForm):
    """A thing to tick."""

    stage = forms.ChoiceField(label=_("In time for"), required=False, help_text=_("A deal asks for it from this stage on."))

    def __init__(self, *args: Any, stages: list[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stages = {str(stage.pk): stage for stage in stages}
        choices = [("", _("Any stage")), *((key, stage.label) for key, stage in self.stages.items())]
        self.fields["stage"].choices = choices  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        return {"name": data["name"], "labels": data["labels"], "stage": self.stages.get(data["stage"])}
