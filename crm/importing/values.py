"""What the cells of a column mean: dates, numbers, yes and no, several values in one. How is decided over the whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crm.importing.errors import BadValue

# How a column writes its days. Where both orders of day and month fit, the reader is asked.
ISO, DMY, MDY, SERIAL, UNCLEAR = "iso", "dmy", "mdy", "serial", "unclear"
POINT, COMMA = "point", "comma"
EXCEL_DAY_0 = datetime(1899, 12, 30)
SERIALS = (1.0, 109_574.0)  # up to the year 2200
CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){CLOCK}")
YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){CLOCK}")
NAMED = re.compile(rf"(?:[^\W\d]{{2,9}},\s*)?(?:(\d{{1,2}})[\s.-]+([^\W\d]+)|([^\W\d]+)\s+(\d{{1,2}})),?[\s.-]*(\d{{4}}){CLOCK}")
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan янв",
            "feb фев",
            "mar мар",
            "apr апр",
            "may мая май",
            "jun июн",
            "jul июл",
            "aug авг",
            "sep сен",
            "oct окт",
            "nov ноя",
            "dec дек",
        ],
        1,
    )
    for name in names.split()
}
YES = {"1", "yes", "y", "true", "да", "истина", "x", "✓", "on", "unsubscribed", "opted out", "отписан"}
NO = {"0", "no", "n", "false", "нет", "ложь", "", "off", "-"}
# After so many cells that are none, a column holds no dates.
NO_DATES = 20
OPEN_WORDS = {"не закрыта", "not closed", "open", "-", "—"}
CURRENCIES = {
    "RUB": "₽ р руб рубль рубли рублей российский_рубль russian_ruble russian_rouble rur",
    "USD": "$ us$ доллар доллар_сша доллары_сша доллары us_dollar us_dollars u.s._dollar dollar dollars",
    "EUR": "€ евро euro euros",
    "GBP": "£ фунт фунт_стерлингов british_pound pound_sterling pound",
    "KZT": "₸ тенге казахстанский_тенге kazakhstani_tenge tenge",
    "UAH": "₴ гривна украинская_гривна hryvnia ukrainian_hryvnia",
    "BYN": "br белорусский_рубль belarusian_ruble",
    "CNY": "¥ юань китайский_юань chinese_yuan yuan",
    "TRY": "₺ турецкая_лира turkish_lira",
    "PLN": "zł злотый polish_zloty",
    "CHF": "fr швейцарский_франк swiss_franc",
    "INR": "₹ индийская_рупия indian_rupee",
}
CURRENCY_NAMES = {name.replace("_", " "): code for code, names in CURRENCIES.items() for name in names.split()}
# All expressions here take time in proportion to the cell: a cell may be very long, and says whatever somebody likes.
BEFORE = re.compile(r"[^\d(+\-−.,]*")
SPACES = re.compile(r"[\s_]")
# Between several values of a cell; Google writes " ::: ".
SPLIT = re.compile(r":::|[;,|\n]")
MAX_DATE = 80
# Before the decimals; more is no sum of anything.
MAX_DIGITS = 20


class DateGuess:
    """How a column writes days, decided over all of its cells."""

    def __init__(self) -> None:
        self.orders: set[str] = set()
        self.forms: set[str] = set()
        self.dates = self.others = 0

    def see(self, text: str) -> None:
        """Take one more cell into account."""
        if self.others > NO_DATES > self.dates:
            return
        text = text[: MAX_DATE + 1]
        if len(text) > MAX_DATE:
            self.others += 1
            return
        if found := YEAR_LAST.fullmatch(text):
            first, second = int(found[1]), int(found[3])
            self.forms.add(found[2])
            if first > 12 or second > 12:
                self.orders.add(DMY if first > 12 else MDY)
        elif YEAR_FIRST.fullmatch(text) or NAMED.fullmatch(text):
            self.forms.add(ISO)
        elif _is_serial(text):
            self.forms.add(SERIAL)
        else:
            self.others += 1
            return
        self.dates += 1

    @property
    def style(self) -> str:
        """`UNCLEAR` where day and month can't be told apart; empty where the column holds no dates."""
        if not self.dates or self.others > max(self.dates, NO_DATES):
            return ""
        if self.orders:
            return next(iter(self.orders)) if len(self.orders) == 1 else UNCLEAR
        if "." in self.forms:
            return DMY
        if self.forms & {"/", "-"}:
            return UNCLEAR
        return SERIAL if self.forms == {SERIAL} else ISO


def date_style(texts: Iterable[str]) -> str:
    """How these cells write days."""
    guess = DateGuess()
    for text in texts:
        if text.strip():
            guess.see(text.strip())
    return guess.style


def _is_serial(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,6}(\.\d+)?", text)) and SERIALS[0] <= float(text) <= SERIALS[1]


def read_time(text: str, style: str, zone: ZoneInfo) -> tuple[datetime, bool] | None:
    """The instant a cell names, and whether it names a time of day; without offset on the clock of `zone`. None for an empty cell."""
    text = " ".join(text.split())
    if not text or text.lower() in OPEN_WORDS or text.startswith(("0000-00-00", "00.00.0000")):
        return None
    try:
        if len(text) > MAX_DATE:
            raise ValueError
        if found := YEAR_FIRST.fullmatch(text):
            day, clock = date(int(found[1]), int(found[2]), int(found[3])), found.groups()[3:]
        elif found := YEAR_LAST.fullmatch(text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            month, number = (first, second) if style == MDY else (second, first)
            if month > 12 >= number:  # can only be meant the other way round, whatever the rest of the column does
                month, number = number, month
            day, clock = date(year if year > 99 else 2000 + year if year < 70 else 1900 + year, month, number), found.groups()[4:]
        elif (found := NAMED.fullmatch(text)) and (month := MONTHS.get((found[2] or found[3])[:3].lower(), 0)):
            day, clock = date(int(found[5]), month, int(found[1] or found[4])), found.groups()[5:]
        elif _is_serial(text):
            local = EXCEL_DAY_0 + timedelta(seconds=round(float(text) * 86_400))
            return _instant(local, zone), local.time() != time()
        else:
            raise ValueError
        local, offset = _with_clock(day, clock)
        at = _instant(local, zone) if offset is None else (local - offset).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadValue(_("“%(text)s” is not a date.") % {"text": text[:60]}) from None
    return at, offset is not None or clock[0] is not None


def read_day(text: str, style: str, zone: ZoneInfo) -> date | None:
    """The day a cell names, by the clock it is written on."""
    found = read_time(text, style, zone)
    return found[0].astimezone(zone).date() if found else None


def _with_clock(day: date, clock: tuple[str | None, ...]) -> tuple[datetime, timedelta | None]:
    hour, minute, second, half, offset = clock
    if hour is None:
        return datetime.combine(day, time()), None
    number = int(hour)
    if half:
        number = number % 12 + (12 if half[0] in "Pp" else 0)
    local = datetime.combine(day, time(number, int(minute or 0), int(second or 0)))
    if offset is None:
        return local, None
    if offset == "Z":
        return local, timedelta()
    sign = -1 if offset[0] == "-" else 1
    return local, sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def _parted(text: str) -> tuple[str, str, str]:
    """What stands before a number, the number, and what stands behind it."""
    before = BEFORE.match(text)
    begin, end = before.end() if before else 0, len(text)
    while end > begin and not (text[end - 1].isdecimal() or text[end - 1] == ")"):
        end -= 1
    return text[:begin], text[begin:end], text[end:]


def number_style(text: str) -> str:
    """Whether the decimals of this number follow a point or a comma; empty where it tells nothing (1,234 may be either)."""
    plain = SPACES.sub("", _parted(text)[1]).strip("()")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        return COMMA if comma > point else POINT
    if plain.count(",") > 1:
        return POINT
    if plain.count(".") > 1:
        return COMMA
    if re.search(r"[,.]\d{3}$", plain) or (comma < 0 and point < 0):
        return ""
    return COMMA if comma >= 0 else POINT


def read_number(text: str, style: str = POINT) -> Decimal | None:
    """The number in a cell, whatever sign of money stands beside it; None for an empty cell."""
    plain = SPACES.sub("", _parted(text)[1]).replace("'", "").replace("’", "").replace("−", "-")
    if not text.strip() or text.strip() in ("-", "—", "–"):
        return None
    style = number_style(text) or style
    negative = plain.startswith("(") and plain.endswith(")")
    plain = plain.strip("()")
    if not re.fullmatch(r"[+-]?[\d.,]+", plain):
        raise BadValue(_("“%(text)s” is not a number.") % {"text": text[:60]})
    plain = plain.replace(".", "").replace(",", ".") if style == COMMA else plain.replace(",", "")
    try:
        if len(plain.partition(".")[0].lstrip("+-0")) > MAX_DIGITS:
            raise InvalidOperation
        number = Decimal(plain)
    except InvalidOperation:
        raise BadValue(_("“%(text)s” is not a number.") % {"text": text[:60]}) from None
    return -number if negative else number


def read_currency(text: str) -> str:
    """The three letters of a currency that is written as a code, a sign or a name."""
    plain = " ".join(text.lower().replace("_", " ").split()).rstrip(".")
    if not plain:
        return ""
    if re.fullmatch(r"[a-z]{3}", plain) and plain not in CURRENCY_NAMES:
        return plain.upper()
    for name in (plain, plain.split(" (")[0], *re.findall(r"\(([^)]+)\)", plain)):
        if name in CURRENCY_NAMES:
            return CURRENCY_NAMES[name]
        if re.fullmatch(r"[a-z]{3}", name):
            return name.upper()
    raise BadValue(_("“%(text)s” is not a currency, like EUR.") % {"text": text[:60]})


def currency_beside(text: str) -> str:
    """The currency whose sign or code stands beside a number; empty where none does."""
    before, _number, behind = _parted(text.strip())
    for sign in (before, behind):
        plain = sign.strip().strip(".,").lower()
        if plain in CURRENCY_NAMES:
            return CURRENCY_NAMES[plain]
        if re.fullmatch(r"[a-z]{3}", plain):
            return plain.upper()
    return ""


def read_yes_no(text: str) -> bool:
    """Yes or no in either language."""
    plain = text.strip().casefold()
    if plain in YES or plain in NO:
        return plain in YES
    raise BadValue(_("“%(text)s” is neither yes nor no.") % {"text": text[:60]})


def split_values(text: str) -> list[str]:
    """Several values in one cell."""
    return [part for part in map(str.strip, SPLIT.split(text)) if part]


def plain_text(text: str) -> str:
    """A cell as text: without the apostrophe by which spreadsheets keep numbers as text."""
    text = text.strip()
    return text[1:] if re.match(r"'\s*[+\d=@＋＝＠－-]", text) else text
