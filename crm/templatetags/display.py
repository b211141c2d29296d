"""How money, ages, dates and icons are shown; loaded in every template."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from crm.wall_clock import zone_of

register = template.Library()
NBSP = "\u00a0"
# Babel writes these as codes in English; the sign is shorter and known to those who use it.
SIGNS = {"RUB": "₽", "KZT": "₸", "UAH": "₴", "TRY": "₺", "KGS": "сом", "XXX": "", "¤": ""}
SHORT_FROM = 10_000  # smaller amounts are short enough whole


def locale() -> str:
    """The reader's language as Babel names it."""
    return "ru" if (get_language() or "").startswith("ru") else "en"


@register.filter
def money(amount: Decimal | float | int | str | None, currency: str = "") -> str:
    """Short, for cards and heads: 8,2 млн ₽, €8.2M; nothing where there is no amount."""
    return "" if amount is None or amount == "" else _money(_exact(amount), currency, locale())


@register.filter
def money_full(amount: Decimal | float | int | str | None, currency: str = "") -> str:
    """Whole, with pennies only where there are any."""
    return "" if amount is None or amount == "" else _money_full(_exact(amount), currency, locale())


def _exact(amount: Decimal | float | int | str) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(str(amount))


# Babel takes fifty times as long for a number or a day as looking it up: a board shows hundreds.
@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, language: str) -> str:
    if abs(amount) < SHORT_FROM:
        return _money_full(amount.quantize(Decimal(1)), currency, language)
    # 999,960 would round to “1,000 thousand”; let it be a million.
    for limit in (Decimal(10**6), Decimal(10**9), Decimal(10**12)):
        if limit * Decimal("0.99995") <= abs(amount) < limit:
            amount = limit.copy_sign(amount)
    if not currency:
        currency = "XXX"
    # Three figures say enough: 3.8 M, 16.7 M, 241 M; a fourth would push its neighbour out of a column's head.
    leading = amount.copy_abs().scaleb(-3 * (amount.adjusted() // 3))
    text = format_compact_currency(amount, currency, locale=language, fraction_digits=0 if leading >= Decimal("99.95") else 1)
    return _tidy(text)


@lru_cache(maxsize=4096)
def _money_full(amount: Decimal, currency: str, language: str) -> str:
    whole = amount == amount.to_integral_value()
    pattern = Locale.parse(language).currency_formats["standard"].pattern
    if whole:
        pattern = pattern.replace(".00", "")
    text = format_currency(amount, currency or "XXX", pattern, locale=language, currency_digits=False)
    return _tidy(text)


def _tidy(text: str) -> str:
    """No currency sign for no currency; spaces that don't break."""
    for code, sign in SIGNS.items():
        text = text.replace(code, sign)
    return text.replace(" ", NBSP).strip(NBSP)


@register.filter
def number(value: float | int | Decimal | None, digits: int = 0) -> str:
    """A number in the reader's way, with that many decimals at most."""
    return "" if value is None or value == "" else _number(value, digits, locale())


@lru_cache(maxsize=4096)
def _number(value: float | int | Decimal, digits: int, language: str) -> str:
    return format_decimal(value, "#,##0" + ("." + "#" * digits if digits else ""), locale=language).replace(" ", NBSP)


@register.filter
def percent(rate: float | Decimal | None, digits: int = 0) -> str:
    """A rate between 0 and 1 as a percentage; nothing where there is none."""
    if rate is None or rate == "":
        return ""
    return format_percent(rate, "#,##0" + ("." + "0" * digits if digits else "") + "%", locale=locale()).replace(
        "%", f"{NBSP}%" if locale() == "ru" else "%"
    )


@register.filter
def age(seconds: float | timedelta | None) -> str:
    """How long, in the largest unit that says enough: 40 min, 5 h, 3 d."""
    return "" if seconds is None or seconds == "" else _age(*_largest_unit(seconds), locale())


@register.filter
def age_words(seconds: float | timedelta | None) -> str:
    """How long, in whole words: 3 days."""
    return "" if seconds is None or seconds == "" else _age_words(*_largest_unit(seconds), locale())


def _largest_unit(seconds: float | timedelta) -> tuple[int, int]:
    """How many of the largest unit that fits, and the unit in seconds."""
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    unit = 60 if seconds < 3600 else 3600 if seconds < 86_400 else 86_400
    return int(seconds // unit), unit


@lru_cache(maxsize=4096)
def _age(count: int, unit: int, language: str) -> str:
    words = {60: pgettext("age", "%(count)s min"), 3600: pgettext("age", "%(count)s h"), 86_400: pgettext("age", "%(count)s d")}[unit]
    if count < 1:
        words = pgettext("age", "< 1 min")
    return (words % {"count": _number(count, 0, language)}).replace(" ", NBSP)


@lru_cache(maxsize=4096)
def _age_words(count: int, unit: int, language: str) -> str:
    words = {
        60: ngettext("%(count)s minute", "%(count)s minutes", count),
        3600: ngettext("%(count)s hour", "%(count)s hours", count),
        86_400: ngettext("%(count)s day", "%(count)s days", count),
    }[unit]
    return (words % {"count": _number(count, 0, language)}).replace(" ", NBSP)


@register.filter
def day(value: date | None, today: date | None = None) -> str:
    """A day as short as it can be: 12 Nov; the year only when it isn't this one. An instant is shown by `moment`, in a zone."""
    if not value:
        return ""
    this_year = (today or timezone.localdate()).year
    return _day(value, "d MMM" if value.year == this_year else "d MMM y", locale())


@lru_cache(maxsize=4096)
def _day(value: date, pattern: str, language: str) -> str:
    return format_date(value, pattern, locale=language).replace(" ", NBSP)


@register.simple_tag(takes_context=True)
def moment(context: dict[str, Any], value: datetime | None) -> SafeString | str:
    """A point in time as people say it (today 14:30), the whole of it on hover, in the reader's zone."""
    if not value:
        return ""
    zone = zone_of(context.get("user"), context["organisation"]) if context.get("organisation") else timezone.get_current_timezone()
    local = value.astimezone(zone)
    today = timezone.now().astimezone(zone).date()
    full = format_datetime(local, "d MMMM y, HH:mm", locale=locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full, _near(local, today))


def _near(local: datetime, today: date) -> str:
    clock = format_time(local, "HH:mm", locale=locale())
    away = (local.date() - today).days
    if away == 0:
        return _("today %(time)s") % {"time": clock}
    if away == -1:
        return _("yesterday %(time)s") % {"time": clock}
    if away == 1:
        return _("tomorrow %(time)s") % {"time": clock}
    return f"{day(local.date(), today)}, {clock}" if abs(away) < 300 else day(local.date(), today)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite; decoration, so the words stand beside it."""
    return format_html('<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>', f" {css}" if css else "", sprite(), name)


@lru_cache(maxsize=1)
def sprite() -> str:
    """The address of the sprite, the same for every icon."""
    return static("icons.svg")


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The address's query with some parameters changed, or dropped when empty."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in (None, ""):
            parameters[name] = value
    return "?" + parameters.urlencode() if parameters else context["request"].path


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to loop over."""
    return text.split()
