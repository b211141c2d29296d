"""How due times are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.templatetags import display
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
def task_row(row: Any, picks: Any = None) -> SafeString:
    """A task in its list, ticked off and put off where it stands; written out like every row of a list."""
    (_first, _lead), *rest = row.cells
    task = row.record
    state = "done" if task.is_done else task.step.state
    pick = format_html('<td class="pick"><input type="checkbox" data-pick value="{}" aria-label="{}"></td>', task.pk, _("Select"))
    return format_html(
        '<tr class="task-row is-{}" data-task-id="{}" data-row="{}" data-task="{}">{}<td class="lead cut"><span class="task-lead">{}'
        '<a dir="auto" href="{}" title="{}" data-plan>{}</a></span></td>{}<td class="row-acts">{}</td></tr>',
        state,
        task.pk,
        task.pk,
        task.pk,
        pick if picks else "",
        _tick(task),
        row.url,
        task.title,
        task.title,
        format_html_join("", '<td class="cut" data-label="{}">{}</td>', ((column.label, shown) for column, shown in rest)),
        "" if task.is_done else _puts_off(row.url, state),
    )


def _tick(task: Any) -> SafeString:
    address = reverse("task_tick_undo" if task.is_done else "task_tick", args=(task.pk,))
    words = _("Open again") if task.is_done else _("Done")
    return format_html(
        '<button type="button" class="tick" role="checkbox" aria-checked="{}" data-act="{}" data-key="d"'
        ' aria-label="{}: {}" title="{} (D)">{}</button>',
        "true" if task.is_done else "false",
        address,
        words,
        task.title,
        words,
        display.icon("check"),
    )


def _puts_off(address: str, state: str) -> SafeString:
    ways = [("today", "t", pgettext("put off", "Today")), ("tomorrow", "s", pgettext("put off", "Tomorrow"))]
    shown = [(address, day, key, key.upper(), words) for day, key, words in ways if day != state]
    return format_html_join(
        "",
        '<button type="button" class="btn btn-small btn-quiet" data-act="{}" data-day="{}" data-key="{}" title="({})">{}</button>',
        shown,
    ) + format_html('<button type="button" data-act="{}" data-day="next_week" data-key="w" hidden></button>', address)


@register.simple_tag
def weekday(value: date) -> str:
    """Mon, пн."""
    return format_date(value, "EEE", locale=locale())
