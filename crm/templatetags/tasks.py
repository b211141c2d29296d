"""How due times are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.templatetags.display import NBSP, day, locale
from crm.wall_clock import zone_of
from crm.when import END_OF_DAY

register = template.Library()
WEEKDAY_WITHIN = 60  # days in which the day of the week says more than it costs


@register.simple_tag(takes_context=True)
def due(context: dict[str, Any], value: datetime) -> SafeString:
    """A due time as people say it, the whole of it on hover, in the reader's zone."""
    zone = zone_of(context.get("user"), context["organisation"])
    whole = format_datetime(value.astimezone(zone), "EEEE, d MMMM y, HH:mm", locale=locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), whole, due_text(value, zone))


def due_text(value: datetime, zone: ZoneInfo) -> str:
    """“tomorrow 10:00”, “Fri 27 Nov, 15:00”; without a time of day where any time of that day will do."""
    local, today = value.astimezone(zone), timezone.now().astimezone(zone).date()
    clock = "" if local.time().replace(second=0, microsecond=0) == END_OF_DAY else format_time(local, "HH:mm", locale=locale())
    near = {-1: (_("yesterday"), _("yesterday %(time)s")), 0: (_("today"), _("today %(time)s")), 1: (_("tomorrow"), _("tomorrow %(time)s"))}
    away = (local.date() - today).days
    if away in near:
        return near[away][1] % {"time": clock} if clock else near[away][0]
    words = day(local.date(), today)
    if abs(away) < WEEKDAY_WITHIN:
        words = f"{format_date(local.date(), 'EEE', locale=locale())}{NBSP}{words}"
    return f"{words}, {clock}" if clock else words


@register.simple_tag(takes_context=True)
def clock(context: dict[str, Any], value: datetime) -> str:
    """The time of day in the reader's zone."""
    local = value.astimezone(zone_of(context.get("user"), context["organisation"]))
    return format_time(local, "HH:mm", locale=locale())


@register.simple_tag(takes_context=True)
def wall(context: dict[str, Any], value: datetime) -> str:
    """What the reader's clock shows at the instant, as scripts read it."""
    return f"{value.astimezone(zone_of(context.get('user'), context['organisation'])):%Y-%m-%dT%H:%M}"


@register.simple_tag
def about_link(links: dict[tuple[str, int], Any], thing: Any) -> Any:
    """What a task or meeting is about, where the reader sees it."""
    return links.get((thing.record, thing.record_id))


@register.simple_tag
def weekday(value: date) -> str:
    """Mon, пн."""
    return format_date(value, "EEE", locale=locale())
