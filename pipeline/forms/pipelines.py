"""A pipeline, and the stages that a new one begins with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from crm.forms.organisation import CurrencyField
from pipeline.forms.labels import MAX_NAME, LabelledForm
from pipeline.services.pipelines import NewStage

# How most teams begin; offered in the reader's language and known in the others.
STARTERS = [
    gettext_lazy("New"),
    gettext_lazy("Qualified"),
    gettext_lazy("Proposal"),
    gettext_lazy("Negotiation"),
    gettext_lazy("Contract"),
]


class PipelineForm(LabelledForm):
    """Name and currency."""

    currency = CurrencyField(
        label=gettext_lazy("Currency"), help_text=gettext_lazy("New deals begin with it, and columns are summed in it.")
    )


class NewPipelineForm(PipelineForm):
    """A pipeline with its first stages, one a line."""

    stages = forms.CharField(
        label=gettext_lazy("Stages"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "true"}),
        help_text=gettext_lazy("One a line, from the first contact to the contract. Won and lost are there by themselves."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = True
        self.fields["stages"].initial = "\n".join(str(starter) for starter in STARTERS)

    def clean_stages(self) -> list[NewStage]:
        names = [line.strip() for line in self.cleaned_data["stages"].splitlines() if line.strip()]
        if long := next((name for name in names if len(name) > MAX_NAME), None):
            raise ValidationError(_("A stage's name has at most 80 characters: “%(name)s…”.") % {"name": long[:40]})
        known = {str(starter): _in_every_language(starter) for starter in STARTERS}
        return [NewStage(name, known.get(name, {})) for name in names]


def _in_every_language(words: Any) -> dict[str, str]:
    labels = {}
    for code, _language in settings.LANGUAGES:
        with override(code):
            labels[code] = str(words)
    return labels
