"""Forms that end in a service: what it refuses stands in the form, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.errors import Changed, Refused


class ServiceForm(forms.Form):
    """A form whose `mark` tells what its editor saw, and whose `status` is the answer's."""

    mark = forms.CharField(required=False, widget=forms.HiddenInput)
    status = 200

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def carry_out(self, verb: Callable[[], Any]) -> Any:
        """What the service gives when the form is valid and the service agrees; None otherwise."""
        if not self.is_bound:
            return None
        self.status = 422
        if not self.is_valid():
            return None
        try:
            return verb()
        except Changed as changed:
            self.status = changed.status
            self._tell_of_change(changed)
        except Refused as refused:
            for reason in refused.reasons:
                self.add_error(None, reason)
        return None

    def _tell_of_change(self, changed: Changed) -> None:
        """Say what stands there now, and let the next try overwrite it knowingly."""
        typed = self.cleaned_data
        now = [
            _("%(field)s is now “%(value)s”.") % {"field": self.fields[name].label, "value": "–" if value in (None, "") else value}
            for name, value in self.shown(changed.current).items()
            if name in self.fields and value != typed.get(name)
        ]
        self.add_error(None, " ".join([changed.message, *now, _("What you typed is still here: save again to put it in its place.")]))
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["mark"] = changed.current.get("mark", "")
        self.data = data

    def shown(self, values: dict[str, Any]) -> dict[str, Any]:
        """A record's values under the names of this form's fields."""
        return values
