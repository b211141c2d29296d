"""A field as an admin defines it, and the options of a choice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from crm.custom_fields.keys import MAX_KEY, PLAIN_KEY
from crm.custom_fields.registry import TYPES
from crm.forms.services import ServiceForm
from crm.services.custom_fields import MAX_LABEL

NAMES = {"en": gettext_lazy("Name in English"), "ru": gettext_lazy("Name in Russian")}


class LabelsForm(ServiceForm):
    """A name per language, the reader's first; together they are `cleaned_data["labels"]`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = sorted((code for code, _language in settings.LANGUAGES), key=lambda code: code != (get_language() or "")[:2])
        for code in codes:
            widget = forms.TextInput(attrs={"lang": code, "autocomplete": "off"})
            self.fields[f"label_{code}"] = forms.CharField(label=NAMES[code], max_length=MAX_LABEL, required=False, widget=widget)
        self.names = [f"label_{code}" for code in codes]
        self.order_fields(self.names)

    @property
    def label_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["labels"] = {name.removeprefix("label_"): cleaned[name] for name in self.names if cleaned.get(name)}
        if not cleaned["labels"] and not any(self.errors.get(name) for name in self.names):
            self.add_error(self.names[0], _("It needs a name, in one language at least."))
        return cleaned

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        return values | spread_labels(values.get("labels", {}))


def spread_labels(labels: dict[str, str]) -> dict[str, str]:
    """Labels as this form's fields hold them."""
    return {f"label_{code}": labels.get(code, "") for code, _language in settings.LANGUAGES}


class FieldForm(LabelsForm):
    """What of a field can be changed."""

    is_required = forms.BooleanField(
        label=gettext_lazy("Required"),
        required=False,
        help_text=gettext_lazy(
            "Asked for in the form of a new record, and can't be emptied. Records there are, and dragging, wait for nothing."
        ),
    )


class NewFieldForm(FieldForm):
    """A field with its type and, for a choice, its options, one a line."""

    type = forms.ChoiceField(label=gettext_lazy("Type"), initial="text", widget=forms.RadioSelect)
    options = forms.CharField(
        label=gettext_lazy("Options"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One a line, in the order in which they are offered. You can rename them later; what was chosen follows."),
    )
    key = forms.CharField(
        label=gettext_lazy("Key"),
        required=False,
        max_length=MAX_KEY,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=gettext_lazy("What the API calls it. Empty: made from the name. It can't be changed later, nor can the type."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = [(found.key, found.label) for found in TYPES.values()]
        self.fields[self.names[0]].widget.attrs["autofocus"] = True

    @property
    def types(self) -> list[dict[str, Any]]:
        """The types as cards to choose from."""
        chosen = self["type"].value()
        return [{"type": found, "checked": found.key == chosen} for found in TYPES.values()]

    def clean_key(self) -> str:
        key = self.cleaned_data["key"].strip()
        if key and not PLAIN_KEY.fullmatch(key):
            raise forms.ValidationError(_("A key has small Latin letters, digits and underscores, and begins with a letter."))
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        lines = [line.strip() for line in cleaned.get("options", "").splitlines() if line.strip()]
        type = TYPES.get(cleaned.get("type", ""))
        cleaned["options"] = lines if type and type.has_options else []
        if type and type.has_options and not lines:
            self.add_error("options", _("A choice needs at least one option."))
        return cleaned


class OptionForm(LabelsForm):
    """An option of a choice."""
