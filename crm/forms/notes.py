"""Notes as people write them: as markup from the editor, or as plain text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import rich
from crm.models import Note


class NoteForm(forms.Form):
    """A note."""

    html = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=Note.MOST_MARKUP)
    body = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=Note.MOST_MARKUP)

    def clean(self) -> dict[str, Any]:
        """Something must have been written."""
        given = super().clean() or {}
        if not self.errors and not given.get("body") and not rich.to_text(rich.clean(given.get("html", ""))):
            raise forms.ValidationError(_("Write something first."))
        return given
