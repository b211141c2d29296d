"""The tabs of the settings."""

from __future__ import annotations

from typing import Any

from django import template

from crm import settings_pages

register = template.Library()


@register.inclusion_tag("settings/_tabs.html", takes_context=True)
def settings_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """A tab for each page, the one marked under whose address the reader is."""
    path = context["request"].path
    return {"tabs": [{"url": page.url, "title": page.title, "current": page.holds(path)} for page in settings_pages.all_pages()]}
