"""A call as people write it down."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from crm.models import Call, CallOutcome, Direction
from crm.when import MAX_TEXT, read_past


class CallForm(forms.Form):
    """How it ended; the rest may be left as it is: outgoing, just now, nothing to add."""

    outcome = forms.ChoiceField(choices=CallOutcome.choices)
    direction = forms.ChoiceField(choices=Direction.choices, required=False)
    words = forms.CharField(
        label=gettext_lazy("What was said"), required=False, widget=forms.Textarea, validators=Call._meta.get_field("body").validators
    )
    when = forms.CharField(label=pgettext_lazy("call", "When"), required=False, max_length=MAX_TEXT)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), required=False, min_value=0, max_value=1440)

    def __init__(self, *args: Any, now: datetime, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now, self.zone = now, zone

    def clean_when(self) -> datetime | None:
        text = self.cleaned_data["when"].strip()
        if not text:
            return None
        at = read_past(text, self.now, self.zone, get_language() or "en")
        if at is None:
            raise forms.ValidationError(_("“%(text)s” is no time I know. Try 15:00, yesterday 15:00 or 25.12 10:00.") % {"text": text})
        if at > self.now:
            raise forms.ValidationError(_("That time has not come yet. Plan it as a next step instead."))
        return at

    @property
    def values(self) -> dict[str, Any]:
        """What the service asks for."""
        given = self.cleaned_data
        minutes = given["minutes"]
        return {
            "outcome": given["outcome"],
            "direction": given["direction"] or Direction.OUT,
            "body": given["words"],
            "at": given["when"],
            "seconds": None if minutes is None else minutes * 60,
        }
