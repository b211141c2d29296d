"""How e-mails, phones and links are shown; loaded in every template."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.phones import phone_link, show_phone
from crm.reach import label_words, link_name

register = template.Library()


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
