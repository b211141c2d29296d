"""A row of a list as HTML, written out: as templates, fifty rows took longer than reading them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm.lists.columns import Column
from crm.queries.lists import Row

register = template.Library()


@register.simple_tag
def list_row(row: Row, kind: str, picks: Any = None, opens: str = "") -> SafeString:
    """One record: what it is called leads to its page, or opens above the list by the attribute `opens`; its other cells follow."""
    (_first, lead), *rest = row.cells
    pick = format_html('<td class="pick"><input type="checkbox" data-pick value="{}" aria-label="{}"></td>', row.record.pk, _("Select"))
    name = str(row.record)
    return format_html(
        '<tr data-{}-id="{}" data-row="{}">{}<td class="lead cut"><a dir="auto" href="{}" title="{}"{}>{}</a></td>{}</tr>',
        kind,
        row.record.pk,
        row.record.pk,
        pick if picks else "",
        row.url,
        name,
        f" {opens}" if opens else "",
        name if lead else "–",
        format_html_join("", '<td class="{}" data-label="{}">{}</td>', (_cell(column, shown) for column, shown in rest)),
    )


def _cell(column: Column, shown: str | SafeString) -> tuple[str, Any, Any]:
    return "num" if column.is_number else "cut", column.label, shown if shown else mark_safe("")
