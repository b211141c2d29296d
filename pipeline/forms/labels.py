"""Names in several languages: a plain one, and one per language where that differs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from crm.forms.services import ServiceForm

MAX_NAME = 80


class LabelledForm(ServiceForm):
    """`name` and, for each language, `label_en` …; together they are `cleaned_data["labels"]`."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=MAX_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, language in settings.LANGUAGES:
            widget = forms.TextInput(attrs={"lang": code, "autocomplete": "off"})
            self.fields[f"label_{code}"] = forms.CharField(label=language, max_length=MAX_NAME, required=False, widget=widget)

    @property
    def label_fields(self) -> list[forms.BoundField]:
        return [self[f"label_{code}"] for code, _language in settings.LANGUAGES]

    @property
    def has_labels(self) -> bool:
        """Whether the names by language should stand open."""
        return any(field.value() or field.errors for field in self.label_fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed = {code: cleaned.get(f"label_{code}", "") for code, _language in settings.LANGUAGES}
        cleaned["labels"] = {code: label for code, label in typed.items() if label and label != cleaned.get("name")}
        return cleaned

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        return values | spread_labels(values.get("labels", {}))


def spread_labels(labels: dict[str, str]) -> dict[str, str]:
    """Labels as this form's fields hold them."""
    return {f"label_{code}": labels.get(code, "") for code, _language in settings.LANGUAGES}


class ChoiceForm(LabelledForm):
    """A source or a lost reason."""
