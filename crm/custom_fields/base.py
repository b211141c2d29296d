"""What a type of custom field can do, and the words for values that it can't take."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.models import CustomField

MAX_TEXT = 2_000


class FieldType:
    """One type: how its values are typed, sent, kept, shown and found. A new type is a new module in `types/` with its `TYPE`."""

    key = ""
    label: Any = ""
    # What it is for, where the admin chooses one.
    text: Any = ""
    icon = "text-size"
    order = 0
    has_options = False
    # How the API's schema describes a value.
    shape: dict[str, Any] = {"type": "string"}

    def read(self, field: CustomField, typed: str, was: Any = None) -> Any:
        """What a person typed into the field's input, as a value; None for nothing."""
        return self.clean(field, typed, was)

    def clean(self, field: CustomField, value: Any, was: Any = None) -> Any:
        """A value as another program sends it, in its one shape; None for nothing. Refused where it makes no sense.

        `was` is the value in whose place it is put: what isn't offered any more may stay, but not come anew.
        """
        raise NotImplementedError

    def type(self, field: CustomField, value: Any) -> str:
        """The value as its input holds it, so that reading it again gives the same."""
        return "" if value is None else str(value)

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        """The value in words."""
        return self.type(field, value)

    def link(self, value: Any) -> str:
        """Where the value leads; nothing for most."""
        return ""

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        """The input of pages and forms."""
        return forms.TextInput(attrs={"autocomplete": "off", "maxlength": MAX_TEXT})

    def cells(self, field: CustomField, value: Any, colleagues: Colleagues) -> Any:
        """The value as a cell of a spreadsheet: words, unless a number or a day says more."""
        return self.show(field, value, colleagues)


def text_of(value: Any) -> str:
    """The text that was sent, without the spaces around it; no text at all is refused."""
    if not isinstance(value, str):
        raise Refused(_("A text is needed here."))
    return value.replace("\0", "").strip()


def no_sense(value: Any, example: str) -> Refused:
    """The refusal of something that can't be read, with an example of what can."""
    return Refused(_("“%(value)s” can't be read here. Write it like %(example)s.") % {"value": str(value)[:40], "example": example})
