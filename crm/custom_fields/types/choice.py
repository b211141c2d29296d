"""One of the options that the admin gives."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.custom_fields.base import FieldType, text_of
from crm.custom_fields.colleagues import Colleagues
from crm.errors import Refused
from crm.folding import fold
from crm.models import CustomField
from crm.models.custom_fields import label_of

# So many options are named where something else was said.
MOST_NAMED = 12


class ChoiceType(FieldType):
    key, order, icon = "choice", 50, "select"
    label = gettext_lazy("Choice")
    text = gettext_lazy("One of several options")
    has_options = True

    def clean(self, field: CustomField, value: Any, was: Any = None) -> str | None:
        return known_option(field, text_of(value), [was]) if value != "" else None

    def show(self, field: CustomField, value: Any, colleagues: Colleagues) -> str:
        return option_label(field, value)

    def widget(self, field: CustomField, value: Any, colleagues: Colleagues) -> forms.Widget:
        return forms.Select(choices=[("", "–"), *offered(field, [value])])


def known_option(field: CustomField, said: str, chosen: Collection[Any]) -> str:
    """The key of the option that has it, or that is called so in any language; a removed one only where it is chosen already."""
    there = [option for option in field.options if not option.get("removed") or option["key"] in chosen]
    if said in {option["key"] for option in there}:
        return said
    named = {option["key"] for option in there if fold(said) in map(fold, option["labels"].values())}
    if len(named) != 1:
        offered = ", ".join(label_of(option["labels"]) for option in there[:MOST_NAMED])
        raise Refused(_("“%(value)s” is none of the options: %(options)s.") % {"value": said[:40], "options": offered or "–"})
    return str(named.pop())


def option_label(field: CustomField, key: str) -> str:
    """The option's words."""
    return next((label_of(option["labels"]) for option in field.options if option["key"] == key), key)


def offered(field: CustomField, chosen: Collection[Any]) -> list[tuple[str, str]]:
    """The options to choose from: those that aren't removed, and those that the record has."""
    return [(option["key"], label_of(option["labels"])) for option in field.options if not option.get("removed") or option["key"] in chosen]


TYPE = ChoiceType()
