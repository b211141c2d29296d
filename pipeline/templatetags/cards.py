"""A card and a column's head as HTML: written out, since as templates they took half the time of a board and a third of a move's."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm.templatetags.display import money, money_full, number
from pipeline.queries.board import Card, Column

register = template.Library()
address = lru_cache(maxsize=4096)(reverse)

CARD = (
    '<li class="card{rots}" data-deal-id="{id}" data-version="{version}">'
    '<a class="ct" href="{url}">{title}</a><span class="cc">{company}</span>'
    '<span class="cf"><b title="{whole_amount}">{amount}</b><span class="ca" title="{age_title}">{age}</span>'
    '<i class="ns {step}" role="img" title="{step_title}"></i>'
)
OWNED = CARD + '<abbr class="ci" title="{owner}">{initials}</abbr></span></li>'
UNOWNED = CARD + '<span class="ci">–</span></span></li>'
CURRENT = SafeString(' aria-current="true"')
HEAD = (
    '<header class="col-head" data-head="{id}"><div class="col-name"><span class="dot"></span><h2 class="cut" title="{label}">{label}</h2>'
    '<span class="col-count" title="{count_title}">{count}</span>'
    '<button type="button" class="col-menu" data-column-menu aria-haspopup="true" aria-label="{menu_title}">⋯</button></div>'
    '<div class="col-sums" title="{sums_title}"><b>{total}</b>{without_rate}'
    '<span class="muted" title="{weighted_title}">≈&nbsp;{weighted}</span></div>'
    '<svg class="col-bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="group" aria-label="{bar_title}">{bar}</svg></header>'
)
WITHOUT_RATE = '<span class="no-rate" title="{title}">+ {amount}</span>'
PART = (
    '<a href="?{query}" aria-label="{words}"{current}><rect class="{state}" x="{x}" width="{width}" height="10"/><title>{words}</title></a>'
)


@register.simple_tag
def deal_card(card: Card) -> SafeString:
    """The card of a deal; every value is escaped, whoever wrote it."""
    deal = card.deal
    values = {
        "rots": " rots" if card.is_rotting else "",
        "id": deal.pk,
        "version": deal.version,
        "url": address("deal", args=(deal.pk,)),
        "title": deal.title,
        "company": deal.company.name if deal.company else "",
        "amount": money(deal.amount, deal.currency),
        "whole_amount": money_full(deal.amount, deal.currency),
        "age": card.age_text,
        "age_title": card.age_title,
        "step": card.step,
        "step_title": card.step_title,
    }
    if deal.owner:
        values |= {"owner": deal.owner.name, "initials": deal.owner.initials}
    return _filled(OWNED if deal.owner else UNOWNED, values)


@register.simple_tag
def column_head(column: Column) -> SafeString:
    """A column's name, count, sums and bar of next steps."""
    currency = column.rates.currency
    values = {
        "id": column.stage.pk,
        "label": column.stage.label,
        "count": number(column.count),
        "count_title": _("Deals in this stage"),
        "menu_title": column.menu_title,
        "total": money(column.total, currency),
        "weighted": money(column.weighted, currency),
        "sums_title": column.sums_title,
        "weighted_title": column.weighted_title,
        "without_rate": _without_rate(column),
        "bar_title": _("Next steps"),
        "bar": next_step_bar(column),
    }
    return _filled(HEAD, values)


def _without_rate(column: Column) -> SafeString:
    if not column.without_rate:
        return SafeString("")
    title = _("There is no exchange rate for this currency, so it is not in the sum.")
    sums = (_filled(WITHOUT_RATE, {"title": title, "amount": money(amount, code)}) for code, amount in column.without_rate.items())
    return mark_safe("".join(sums))  # noqa: S308 - each is safe


def next_step_bar(column: Column) -> SafeString:
    """The parts of a column by the state of their next steps; each is a link that shows only it, or all again."""
    parts = []
    for part in column.parts:
        values = {"query": part.query, "words": f"{part.label}: {part.count}", "state": part.state, "x": part.x, "width": part.width}
        parts.append(_filled(PART, values | {"current": CURRENT if part.is_on else ""}))
    return mark_safe("".join(parts))  # noqa: S308 - each is safe


def _filled(form: str, values: dict[str, Any]) -> SafeString:
    filled = {name: value if isinstance(value, SafeString) else escape(str(value)) for name, value in values.items()}
    return mark_safe(form.format_map(filled))  # noqa: S308 - escaped in the line above
