"""Telephone numbers: read as people write them, kept as E.164, shown as people write them."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from django.utils.translation import pgettext
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from crm.cleaning import tidy

MIN_DIGITS = 3


def read_phone(text: str, region: str) -> str:
    """The number as E.164 (`+79161234567`, `+7…;ext=12`), read as that country dials; what is no valid number stays as it was typed."""
    text = tidy(text)
    number = _parse(text, region)
    if number is None:
        return text
    extension = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(_without_extension(number), PhoneNumberFormat.E164) + extension


def show_phone(number: str, region: str) -> str:
    """As people write it: in the own country's way, numbers of others with their country's code."""
    plain, _mark, extension = number.partition(";ext=")
    shown = _show(plain, region)
    return pgettext("phone", "%(number)s ext. %(extension)s") % {"number": shown, "extension": extension} if extension else shown


@lru_cache(maxsize=8192)
def _show(number: str, region: str) -> str:
    known = _parse(number, None) if number.startswith("+") else None
    if known is None:
        return number
    is_own = phonenumbers.region_code_for_number(known) == region
    return phonenumbers.format_number(known, PhoneNumberFormat.NATIONAL if is_own else PhoneNumberFormat.INTERNATIONAL)


def phone_link(number: str) -> str:
    """The address that dials it; none for what can't be dialled."""
    digits, _mark, extension = number.partition(";ext=")
    dialled = re.sub(r"[^\d+]", "", digits)
    if len(dialled) < MIN_DIGITS:
        return ""
    return f"tel:{dialled};ext={extension}" if extension.isdigit() else f"tel:{dialled}"


def is_mobile(number: str) -> bool:
    """Whether a number in E.164 certainly belongs to a mobile phone."""
    known = _parse(number, None) if number.startswith("+") else None
    return known is not None and phonenumbers.number_type(known) == PhoneNumberType.MOBILE


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region or None)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _without_extension(number: PhoneNumber) -> PhoneNumber:
    plain = PhoneNumber()
    plain.merge_from(number)
    plain.extension = None
    return plain
