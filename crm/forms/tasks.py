"""Tasks as people write them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from crm.models import Task
from crm.when import MAX_TEXT, read_when


class WhenField(forms.CharField):
    """A time as it was typed; its form knows from when and where it is seen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(label=pgettext_lazy("task", "When"), max_length=MAX_TEXT, **options)
        self.widget.attrs.update({"autocomplete": "off", "data-when": "", "placeholder": gettext_lazy("tomorrow 10:00")})


class WhenForm(forms.Form):
    """A form with a due time, which must lie ahead."""

    due = WhenField()

    def __init__(self, *args: Any, now: datetime, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now, self.zone = now, zone

    def clean_due(self) -> datetime:
        text = self.cleaned_data["due"]
        due = read_when(text, self.now, self.zone, get_language() or "en")
        if due is None:
            raise forms.ValidationError(
                _("“%(text)s” is no time I know. Try tomorrow 10:00, fri 15:00, in 3 days or 25.12.") % {"text": text}
            )
        if due < self.now:
            raise forms.ValidationError(_("That time has passed already."))
        return due


class TaskForm(WhenForm):
    """A next step: what, and when."""

    title = forms.CharField(label=gettext_lazy("Next step"), max_length=Task._meta.get_field("title").max_length)
    field_order = ["title", "due"]
