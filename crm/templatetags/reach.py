"""How e-mails, phones and links are shown; loaded in every template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crm.phones import phone_link, show_phone
from crm.reach import KEYS, label_choices, label_words, link_name

register = template.Library()
PARTS = {
    "address": _("E-mail"),
    "number": _("Phone"),
    "url": _("Link"),
    "street": _("Street and house"),
    "city": _("City"),
    "region": _("Region"),
    "postcode": _("Postcode"),
    "country": _("Country"),
}
# What keyboard a phone shows; the browser's own check would refuse what is kept as typed.
INPUTS = {"emails": ("text", "email"), "phones": ("text", "tel"), "links": ("text", "url")}


@register.filter
def phone(number: str, region: str) -> str:
    """A number as people of that country write it: `{{ contact.phone|phone:request.organisation.country }}`."""
    return show_phone(number, str(region))


@register.simple_tag(takes_context=True)
def dial(context: template.Context, number: str, classes: str = "") -> SafeString:
    """A number as the organisation's people write it, as a link that dials it; as plain words where it can't be dialled."""
    words, link = show_phone(number, context["request"].organisation.country), phone_link(number)
    if not link:
        return format_html('<bdi class="{}">{}</bdi>', classes, words)
    return format_html('<a class="{}" href="{}"><bdi>{}</bdi></a>', f"nowrap {classes}".strip(), link, words)


register.filter("label_words", label_words)
register.filter("link_name", link_name)


@dataclass(frozen=True)
class Part:
    """One input of a row: what it shows, and what the row keeps while nobody has changed that."""

    key: str
    shown: str
    stored: str
    label: Any
    kind: str
    mode: str


@dataclass(frozen=True)
class ShownRow:
    """An e-mail, phone, address or link with its label and where it leads."""

    place: str
    parts: list[Part]
    label: str
    labels: list[tuple[str, str]]
    link: str = ""
    icon: str = ""


@register.simple_tag(takes_context=True)
def reach_rows(context: template.Context, field: str, rows: list[dict[str, str]]) -> list[ShownRow]:
    """The rows of a list as a page shows them."""
    return [_shown_row(context, field, row, str(place)) for place, row in enumerate(rows or [])]


@register.simple_tag(takes_context=True)
def blank_row(context: template.Context, field: str) -> ShownRow:
    """The row that "Add" adds; `__` in its inputs' names stands for its place."""
    return _shown_row(context, field, {}, "__")


def _shown_row(context: template.Context, field: str, row: dict[str, str], place: str) -> ShownRow:
    country = context["request"].organisation.country
    parts = []
    for key in KEYS[field]:
        stored = row.get(key, "")
        shown = show_phone(stored, country) if field == "phones" else link_name(stored) if field == "links" and stored else stored
        kind, mode = INPUTS.get(field, ("text", "text"))
        parts.append(Part(key, shown, stored, PARTS[key], kind, mode))
    label = row.get("label", "")
    link, icon_name = _leads_to(field, parts[0].stored)
    return ShownRow(place, parts, label, label_choices(label), link, icon_name)


def _leads_to(field: str, value: str) -> tuple[str, str]:
    """The address that a row leads to, and its icon."""
    if field == "emails" and value:
        return f"mailto:{quote(value, safe='@')}", "mail"
    if field == "phones":
        return phone_link(value), "phone"
    return (value, "external-link") if field == "links" and value.startswith(("https://", "http://")) else ("", "")
