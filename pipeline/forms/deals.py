"""A new deal as people fill it in, begun from somebody they deal with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.errors import Refused
from crm.forms.services import ServiceForm
from pipeline.deal_fields import read_money_field
from pipeline.models import Deal, Stage


class NewDealForm(ServiceForm):
    """What it is about, how much, and where it begins; the rest is edited on the deal."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=Deal._meta.get_field("title").max_length,
        widget=forms.TextInput(attrs={"autofocus": True, "data-whole": True, "dir": "auto", "autocomplete": "off"}),
    )
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off", "placeholder": "300k"}),
    )
    stage = forms.ModelChoiceField(label=gettext_lazy("Stage"), queryset=Stage.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        stages = Stage.objects.live().filter(pipeline__archived_at=None).select_related("pipeline").order_by("pipeline", "position", "pk")
        self.fields["stage"].queryset = stages
        self.fields["stage"].choices = _by_pipeline(list(stages))
        self.fields["amount"].widget.attrs["placeholder"] = _("300k")

    def clean_amount(self) -> dict[str, Any]:
        try:
            return read_money_field(self.cleaned_data["amount"])
        except Refused as refused:
            raise forms.ValidationError(refused.reasons) from None

    @property
    def values(self) -> dict[str, Decimal | str | int | None]:
        """What the service asks for."""
        given = self.cleaned_data
        return {"title": given["title"], "stage": given["stage"].pk, **given["amount"]}


def _by_pipeline(stages: list[Stage]) -> list[Any]:
    """The stages as options, grouped where there are several pipelines."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for stage in stages:
        groups.setdefault(stage.pipeline.label, []).append((stage.pk, stage.label))
    return list(groups.items()) if len(groups) > 1 else [option for options in groups.values() for option in options]
