"""How money, ages and dates are shown; loaded in every template."""

from __future__ import annotations

from django import template

register = template.Library()
