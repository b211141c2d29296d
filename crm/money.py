"""Reading amounts as people type them: 300000, 300 000, 300k, 1,5 млн, €20k."""

from __future__ import annotations

import re
from decimal import Decimal

MAX_AMOUNT = Decimal("9999999999999.99")
THOUSAND, MILLION, BILLION = Decimal(10**3), Decimal(10**6), Decimal(10**9)
UNITS = {
    **dict.fromkeys(("k", "к", "т", "тыс", "тысяч", "тысячи", "thousand"), THOUSAND),
    **dict.fromkeys(("m", "м", "mln", "млн", "миллион", "миллиона", "миллионов", "million"), MILLION),
    **dict.fromkeys(("b", "bn", "млрд", "billion"), BILLION),
}
CURRENCIES = {
    **dict.fromkeys(("€", "eur", "евро"), "EUR"),
    **dict.fromkeys(("$", "usd"), "USD"),
    **dict.fromkeys(("£", "gbp"), "GBP"),
    **dict.fromkeys(("₽", "rub", "руб", "р", "рублей"), "RUB"),
}


def _any_of(words: dict[str, object]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


AMOUNT = re.compile(
    rf"(?:^|\s)(?P<before>[€$£₽])?\s?(?P<number>\d[\d\s\u00a0\u202f.,]*?)\s?(?P<unit>{_any_of(UNITS)})?\.?\s?(?P<after>{_any_of(CURRENCIES)})?\.?$",  # type: ignore[arg-type]
    re.IGNORECASE,
)

UNIT_OR_SIGN = re.compile(r"[^\d\s.,]")


def read_money(text: str) -> tuple[Decimal | None, str | None]:
    """An amount alone, and the currency where one was typed: 300000, 300 000, 300k, 1,5 млн, €20k."""
    text = " ".join(text[:60].split())
    is_bare = not UNIT_OR_SIGN.search(text)
    rest, amount, currency = take_amount(f"- {text} р" if is_bare else f"- {text}")
    return (amount, None if is_bare else currency) if rest == "-" else (None, None)


def take_amount(line: str) -> tuple[str, Decimal | None, str | None]:
    """The line without the amount at its end, the amount, and its currency."""
    match = AMOUNT.search(line) if len(line) <= 300 else None
    rest = line[: match.start()].strip() if match else ""
    if not match or not rest:
        return line, None, None
    unit, number = (match["unit"] or "").lower(), match["number"]
    if unit and len(number.split()) > 1:  # “Windows 10 300k”: before a unit a space groups no digits
        title_part, _space, number = number.rpartition(" ")
        rest = f"{rest} {title_part}"
    sign = (match["before"] or match["after"] or "").lower()
    value = _number(number, unit)
    if value is None:
        return line, None, None
    # “Windows 10” and “Plan 2026” are titles: a bare number has to be large and no year.
    is_grouped = len(match["number"].split()) > 1
    if not unit and not sign and (value < 1000 or (1900 <= value <= 2100 and not is_grouped)):
        return line, None, None
    amount = value * UNITS.get(unit, Decimal(1))
    if amount > MAX_AMOUNT:  # before it is rounded: of a huge one no cents can be told
        return line, None, None
    return rest, amount.quantize(Decimal("0.01")), CURRENCIES.get(sign)


def _number(text: str, unit: str) -> Decimal | None:
    digits = "".join(text.split()).rstrip(".,")
    if "." in digits and "," in digits:  # the last of the two is the decimal sign
        grouping = "," if digits.rindex(".") > digits.rindex(",") else "."
        digits = digits.replace(grouping, "")
    for mark in ".,":
        whole, _mark, last = digits.rpartition(mark)
        if digits.count(mark) > 1 or (mark in digits and len(last) == 3 and UNITS.get(unit, 0) < MILLION):
            digits = digits.replace(mark, "")
        elif mark in digits:
            digits = f"{whole}.{last}"
    return Decimal(digits) if re.fullmatch(r"\d{1,20}(\.\d+)?", digits) else None
