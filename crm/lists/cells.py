"""How a value stands in a cell; written out, since fifty rows of templates took longer than reading them from the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from crm.filtering.reader import Reader
from crm.phones import phone_link, show_phone
from crm.templatetags import display
from crm.templatetags.tasks import due_text

Shown = str | SafeString


def show(shown_as: str, value: Any, reader: Reader) -> Shown:
    """The value as HTML, escaped; nothing where there is none."""
    return "" if value in (None, "", [], ()) else CELLS[shown_as](value, reader)


def _text(value: Any, _reader: Reader) -> Shown:
    return format_html('<span title="{}">{}</span>', value, value) if len(str(value)) > 12 else str(value)


def _link(value: tuple[Any, str], _reader: Reader) -> Shown:
    label, address = value
    return format_html('<a href="{}" title="{}">{}</a>', address, label, label)


def _website(value: str, _reader: Reader) -> Shown:
    bare = value.removeprefix("https://").removeprefix("http://").rstrip("/")
    if not value.lower().startswith(("http://", "https://")):
        return value
    return format_html('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', value, bare)


def _mail(value: str, _reader: Reader) -> Shown:
    return format_html('<a href="mailto:{}">{}</a>', quote(value, safe="@"), value)


def _phone(value: str, reader: Reader) -> Shown:
    shown, link = show_phone(value, reader.region), phone_link(value)
    return format_html('<a class="nowrap" href="{}"><bdi>{}</bdi></a>', link, shown) if link else format_html("<bdi>{}</bdi>", shown)


def _number(value: Any, _reader: Reader) -> Shown:
    return display.number(value, 6)


def _money(value: tuple[Any, str], _reader: Reader) -> Shown:
    amount, currency = value
    if amount is None:
        return ""
    return format_html('<span title="{}">{}</span>', display.money_full(amount, currency), display.money(amount, currency))


def _date(value: date, reader: Reader) -> Shown:
    return display.day(value, reader.today)


def _moment(value: datetime, reader: Reader) -> Shown:
    local = value.astimezone(reader.zone)
    full = display.day(local.date(), date(1, 1, 1)) + local.strftime(", %H:%M")
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full, display.day(local.date(), reader.today))


def _due(value: tuple[datetime, str], reader: Reader) -> Shown:
    at, state = value
    local = at.astimezone(reader.own_zone)
    late = format_html('<span class="visually-hidden">{}: </span>', pgettext("tasks", "Overdue")) if state == "overdue" else ""
    full = display.day(local.date(), date(1, 1, 1)) + local.strftime(", %H:%M")
    words = due_text(at, reader.own_zone)
    return format_html('<time class="due is-{}" datetime="{}" title="{}">{}{}</time>', state or "done", at.isoformat(), full, late, words)


def _pill(value: tuple[Any, str], _reader: Reader) -> Shown:
    label, css = value
    return format_html('<span class="pill {}">{}</span>', css, label)


def _pills(value: Iterable[tuple[Any, str]], reader: Reader) -> Shown:
    return format_html_join(" ", '<span class="pill {}">{}</span>', ((css, label) for label, css in value))


def _yes_no(value: bool, _reader: Reader) -> Shown:
    return pgettext("filter", "yes") if value else pgettext("filter", "no")


CELLS: dict[str, Callable[[Any, Reader], Shown]] = {
    "text": _text,
    "link": _link,
    "website": _website,
    "mail": _mail,
    "phone": _phone,
    "number": _number,
    "money": _money,
    "date": _date,
    "moment": _moment,
    "due": _due,
    "pill": _pill,
    "pills": _pills,
    "yes_no": _yes_no,
}
