"""How the figures of a report are said: spans of time, shares, and words for few deals."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from analytics.charts import FEW, Part
from analytics.definitions import DEFINITIONS, NAMES
from analytics.queries.funnel import StageFunnel
from analytics.queries.time_in_stage import StageTime
from crm.templatetags.display import NBSP, number, percent

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


@register.filter
def exact(value: object) -> str:
    """The figure itself, in no language, for whoever reads the page by program."""
    return f"{value:.9g}" if isinstance(value, float) else ""


@register.simple_tag
def part_words(part: Part, row: StageFunnel) -> str:
    """What one part of a bar says: Lost: 818 of 2,918 (28.0%)."""
    shown = {"kind": NAMES[part.name], "count": number(part.count), "entered": number(row.entered)}
    if row.entered < FEW:
        return gettext("%(kind)s: %(count)s of %(entered)s, few deals") % shown
    return gettext("%(kind)s: %(count)s of %(entered)s (%(share)s)") % (shown | {"share": percent(part.count / row.entered, 1)})


@register.simple_tag
def range_words(row: StageTime) -> str:
    """What one range says: its times, how many stays it is made of, and how many of them still last."""
    if not row.n:
        return gettext("no stays")
    shown = {"n": number(row.n), "open": number(row.open)}
    shown |= {name: span(getattr(row, name).time) for name in ("p25", "median", "p75", "p90")}
    return (
        gettext("a quarter by %(p25)s, half by %(median)s, 75 %% by %(p75)s, 90 %% by %(p90)s; n = %(n)s, of them still there: %(open)s")
        % shown
    )


@register.simple_tag
def define(kind: str, word: str) -> SafeString:
    """A word whose definition shows on hover, on focus and by a tap; the text itself stands once, at the end of the report."""
    return format_html('<button type="button" class="define" data-hint="means-{0}" aria-describedby="means-{0}">{1}</button>', kind, word)


@register.simple_tag
def glossary() -> list[tuple[str, str, str]]:
    """Every figure of the report with its name and what it means."""
    return [(kind, str(NAMES[kind]), str(text)) for kind, text in DEFINITIONS.items()]
