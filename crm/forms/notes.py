"""Notes as people write them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from crm.models import Note


class NoteForm(forms.Form):
    """A note."""

    body = forms.CharField(
        label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 2}), validators=Note._meta.get_field("body").validators
    )
