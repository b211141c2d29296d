"""A tag as an admin edits it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from crm.forms.services import ServiceForm
from crm.models.colours import Colour
from crm.models.tags import MAX_TAG


class TagForm(ServiceForm):
    """Its name and its colour."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=MAX_TAG, widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
    )
    colour = forms.ChoiceField(label=gettext_lazy("Colour"), choices=Colour, widget=forms.RadioSelect)
