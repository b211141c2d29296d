"""An address on the web, never one that runs a script."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import MAX_TEXT, FieldType, text_of
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.models import CustomField

SCHEMES = ("http", "https")
HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
HAS_PORT = re.compile(r"[a-z0-9.-]+:\d+(/|$)", re.IGNORECASE)


class LinkType(FieldType):
    key, order, icon = "link", 80, "link"
    label = gettext_lazy("Link")
    text = gettext_lazy("A page on the web")
    shape = {"type": "string", "format": "uri"}

    def clean(self, field: CustomField, value: Any, was: Any = None) -> str | None:
        text = text_of(value)
        if not text:
            return None
        if not HAS_SCHEME.match(text) or HAS_PORT.match(text):
            text = f"https://{text}"
        try:
            URLValidator(schemes=SCHEMES)(text)
        except ValidationError:
            raise Refused(
                _("“%(value)s” is no address of a page. Write it like https://example.com/page.") % {"value": text[:60]}
            ) from None
        return text

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return re.sub(r"^https?://", "", value).rstrip("/")

    def link(self, value: Any) -> str:
        return value if value.lower().startswith(("http://", "https://")) else ""

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "maxlength": MAX_TEXT})

    def cells(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return value


TYPE = LinkType()
