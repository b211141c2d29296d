"""How the figures of a report are said: spans of time, shares, and words for few deals."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from analytics.definitions import DEFINITIONS
from crm.templatetags.display import NBSP, number

register = template.Library()
HOUR, MINUTE = 1 / 24, 1 / 1440


@register.filter
def span(days: float | None) -> str:
    """A span of days in the unit that says most: 46 s, 12 min, 4.1 h, 5.1 d, 23 d."""
    if days is None:
        return gettext("not estimable")
    for limit, unit, words in (
        (MINUTE, 1 / 86_400, pgettext("age", "%(count)s s")),
        (HOUR, MINUTE, pgettext("age", "%(count)s min")),
        (1, HOUR, pgettext("age", "%(count)s h")),
    ):
        if days < limit:
            value = days / unit
            return (words % {"count": number(round(value, 1), 1 if value < 10 else 0)}).replace(" ", NBSP)
    return (pgettext("age", "%(count)s d") % {"count": number(round(days, 1), 1 if days < 100 else 0)}).replace(" ", NBSP)


@register.simple_tag
def define(kind: str, word: str) -> SafeString:
    """A word whose definition shows on hover and on focus."""
    return format_html(
        '<span class="define" tabindex="0">{}<span class="define-text" role="tooltip">{}</span></span>', word, DEFINITIONS[kind]
    )
