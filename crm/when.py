"""When is that? Times as people type them, in English and Russian: "tomorrow 10:00", "пт 15:00", "in 3 days", "25.12"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A day without a time of day means any time of that day: it has passed when the day is over.
END_OF_DAY = time(23, 59)
MAX_TEXT = 60
MAX_YEARS = 20

WEEKDAYS = [
    ("mon", "monday", "пн", "понедельник", "понедельнику"),
    ("tue", "tues", "tuesday", "вт", "вторник", "вторнику"),
    ("wed", "wednesday", "ср", "среда", "среду", "среде"),
    ("thu", "thur", "thurs", "thursday", "чт", "четверг", "четвергу"),
    ("fri", "friday", "пт", "пятница", "пятницу", "пятнице"),
    ("sat", "saturday", "сб", "суббота", "субботу", "субботе"),
    ("sun", "sunday", "вс", "воскресенье", "воскресенью"),
]
# The beginnings of months' names in both languages; "май" is short, and "мая" its other form.
MONTHS = [
    ("jan", "янв"), ("feb", "фев"), ("mar", "мар"), ("apr", "апр"), ("may", "май", "мая"), ("jun", "июн"),
    ("jul", "июл"), ("aug", "авг"), ("sep", "сен"), ("oct", "окт"), ("nov", "ноя"), ("dec", "дек"),
]  # fmt: skip
NUMBERS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5},
    **{"один": 1, "одну": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5},
}
DAYS = {
    "the day before yesterday": -2, "day before yesterday": -2, "позавчера": -2, "yesterday": -1, "вчера": -1,
    "today": 0, "tonight": 0, "сегодня": 0, "tomorrow": 1, "tmrw": 1, "завтра": 1,
    "the day after tomorrow": 2, "day after tomorrow": 2, "послезавтра": 2,
}  # fmt: skip
CLOCKS = {
    time(9): ("in the morning", "morning", "с утра", "утром"),
    time(12): ("at noon", "noon", "в полдень"),
    time(14): ("in the afternoon", "afternoon", "днем", "после обеда"),
    time(19): ("in the evening", "evening", "tonight", "вечером"),
}
FILLERS = {"at", "on", "by", "the", "в", "во", "к", "до", "на", "и", "г", "года"}

NUMBER = rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
MINUTES = r"min|mins|minute|minutes|мин|минуту|минуты|минут"
HOURS = r"h|hour|hours|ч|час|часа|часов"
DAY_WORDS = r"d|day|days|дн|день|дня|дней"
WEEKS = r"w|week|weeks|нед|неделю|недели|недель"
MONTH_WORDS = r"month|months|мес|месяц|месяца|месяцев"


@dataclass
class _Reading:
    """What has been understood so far: an instant, or a day and a time of day."""

    now: datetime
    month_first: bool
    instant: datetime | None = None
    day: date | None = None
    clock: time | None = None
    rolls: bool = False  # a day without a year: the next one that comes
    is_weekday: bool = False


def read_when(text: str, now: datetime, zone: ZoneInfo, language: str = "en") -> datetime | None:
    """The instant that was meant, in UTC, seen from `now` in `zone`; None where it can't be understood.

    A day without a time lasts until 23:59, a time without a day is the next such time, a date without a year the next such date.
    What was plainly said to be in the past stays there. `language` only decides what 3/4 means: March in English, April in Russian.
    """
    found = _read(text, now, zone, language)
    return _settle(found, zone) if found else None


def read_past(text: str, now: datetime, zone: ZoneInfo, language: str = "en") -> datetime | None:
    """The instant that somebody means who tells of what has been: a time of day is the last such time, a date without a year the last
    such date. A day without a time is its noon, or now if it is today.
    """
    if (rest := _plain(text)) in NOW:
        return now
    if ago := AGO.fullmatch(rest):
        unit = "minutes" if re.fullmatch(MINUTES, ago["unit"]) else "hours" if re.fullmatch(HOURS, ago["unit"]) else "days"
        return now - timedelta(**{unit: _count(ago)})
    found = _read(text, now, zone, language)
    return _settle_past(found, zone) if found else None


def _read(text: str, now: datetime, zone: ZoneInfo, language: str) -> _Reading | None:
    """What the words say, each pattern taking its own away; None where some make no sense or are left over."""
    rest = _plain(text)
    if not rest or len(rest) > MAX_TEXT:
        return None
    found = _Reading(now=now.astimezone(zone), month_first=not language.startswith("ru"))
    for pattern, note in PATTERNS:
        match = pattern.search(rest)
        if match is None:
            continue
        try:
            if note(found, match) is False:
                continue
        except (ValueError, OverflowError):
            return None
        rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    return None if set(re.findall(r"[^\s,.]+", rest)) - FILLERS else found


def _settle_past(found: _Reading, zone: ZoneInfo) -> datetime | None:
    """The latest such instant that is not ahead; what was plainly said to be ahead stays there."""
    if found.instant is not None or (found.day is None and found.clock is None):
        return found.instant
    today = found.now.date()
    day = found.day or today
    if found.clock is None and day == today:
        return found.now.astimezone(UTC)
    clock = found.clock or time(12)
    if _at(day, clock, zone) > found.now:
        if found.day is None:
            day -= timedelta(days=1)
        elif found.is_weekday:
            day -= timedelta(days=7)
        elif found.rolls:
            day = _last_year(day)
    return _at(day, clock, zone) if abs(day.year - today.year) <= MAX_YEARS else None


def _last_year(day: date) -> date:
    """The same date last year; of 29 February the one before."""
    return day.replace(year=day.year - (4 if (day.month, day.day) == (2, 29) else 1))


def _settle(found: _Reading, zone: ZoneInfo) -> datetime | None:
    """Day and time together, as an instant that exists in the zone."""
    if found.instant is not None:
        return None if found.day or found.clock else found.instant
    if found.day is None and found.clock is None:
        return None
    day = found.day or found.now.date()
    if found.day is None and found.clock is not None and _at(day, found.clock, zone) <= found.now:
        day += timedelta(days=1)
    elif found.rolls and day < found.now.date():
        day = _next_year(day)
    if abs(day.year - found.now.year) > MAX_YEARS:
        return None
    return _at(day, found.clock or END_OF_DAY, zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A time that the change of clocks skips becomes the one an hour later; of one that comes twice the first is meant."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _next_year(day: date) -> date:
    """The same date next year; 29 February waits for its next year."""
    for year in range(day.year + 1, day.year + 9):
        try:
            return day.replace(year=year)
        except ValueError:
            continue
    raise ValueError(day)


def _plain(text: str) -> str:
    return " ".join(text.replace("ё", "е").replace("Ё", "е").lower().replace("–", "-").split())


def _count(match: re.Match[str]) -> int:
    count = match["count"] or "1"
    return int(count) if count.isdigit() else NUMBERS[count]


def _one_day(found: _Reading, day: date) -> None:
    """A second day in the same words makes no sense."""
    if found.day is not None:
        raise ValueError("two days")
    found.day = day


def _one_clock(found: _Reading, clock: time) -> None:
    if found.clock is not None:
        raise ValueError("two times")
    found.clock = clock


def _iso(found: _Reading, match: re.Match[str]) -> None:
    _one_day(found, date(int(match[1]), int(match[2]), int(match[3])))


def _dotted(found: _Reading, match: re.Match[str]) -> None:
    _date(found, int(match[1]), int(match[2]), match[3])


def _slashed(found: _Reading, match: re.Match[str]) -> None:
    first, second = int(match[1]), int(match[2])
    month_first = (found.month_first and first <= 12) or second > 12
    _date(found, second if month_first else first, first if month_first else second, match[3])


def _named_month(found: _Reading, match: re.Match[str]) -> None:
    name = match["month"]
    month = next(number for number, names in enumerate(MONTHS, 1) if name.startswith(names))
    _date(found, int(match["day"]), month, match["year"])


def _date(found: _Reading, day: int, month: int, year: str | None) -> None:
    if year:
        _one_day(found, date(int(year) + (2000 if len(year) == 2 else 0), month, day))
        return
    this_year = found.now.year
    try:
        _one_day(found, date(this_year, month, day))
    except ValueError:
        if (day, month) != (29, 2):
            raise
        _one_day(found, _next_year(date(this_year - this_year % 4, 2, 29)))
    found.rolls = True


def _clock(found: _Reading, match: re.Match[str]) -> None:
    hour, half = int(match["hour"]), match["half"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half == "p" else 0)
    _one_clock(found, time(hour, int(match["minute"] or 0)))


def _bare_hour(found: _Reading, match: re.Match[str]) -> bool | None:
    """“tomorrow 10”: a lone number is an hour only once the day is known."""
    if found.day is None or found.clock is not None:
        return False
    _one_clock(found, time(int(match["hour"]), 0))
    return None


def _part_of_day(found: _Reading, match: re.Match[str]) -> bool | None:
    if found.clock is not None:  # “tomorrow evening 20:00”: the exact word wins
        return None
    _one_clock(found, next(clock for clock, words in CLOCKS.items() if match[0] in words))
    return None


def _named_day(found: _Reading, match: re.Match[str]) -> bool | None:
    _one_day(found, found.now.date() + timedelta(days=DAYS[match[0]]))
    if match[0] == "tonight":
        found.clock = found.clock or time(19)
    return None


def _weekday(found: _Reading, match: re.Match[str]) -> None:
    """The next such day, never today; “next friday” is the one of the coming week."""
    wanted = next(number for number, names in enumerate(WEEKDAYS) if match["weekday"] in names)
    today = found.now.date()
    away = 7 - today.weekday() + wanted if match["next"] else (wanted - today.weekday() - 1) % 7 + 1
    _one_day(found, today + timedelta(days=away))
    found.is_weekday = True


def _next_week(found: _Reading, _match: re.Match[str]) -> None:
    _one_day(found, found.now.date() + timedelta(days=7 - found.now.weekday()))


def _after(unit: str) -> Callable[[_Reading, re.Match[str]], None]:
    def note(found: _Reading, match: re.Match[str]) -> None:
        count = _count(match)
        if unit in ("minutes", "hours"):  # as the clock on the wall runs, whatever happens to summer time meanwhile
            found.instant = (found.now.astimezone(UTC) + timedelta(**{unit: count})).replace(second=0, microsecond=0)
        elif unit == "months":
            _one_day(found, _months_on(found.now.date(), count))
        else:
            _one_day(found, found.now.date() + timedelta(**{unit: count}))

    return note


def _half_an_hour(found: _Reading, _match: re.Match[str]) -> None:
    found.instant = (found.now.astimezone(UTC) + timedelta(minutes=30)).replace(second=0, microsecond=0)


def _months_on(day: date, count: int) -> date:
    """The same day so many months later, or the month's last where it is shorter."""
    years, month = divmod(day.month - 1 + count, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(day.year + years, month + 1, number)
        except ValueError:
            continue
    return date(day.year + years, month + 1, day.day)


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.:/-]){source}(?![\w:/-])")


def _words(words: list[str] | tuple[str, ...]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_month = "|".join(rf"{name}[a-zа-я]*" for names in MONTHS for name in names)
_year = r"(?:,? (?P<year>\d{4}))?"
_weekdays = _words([name for names in WEEKDAYS for name in names])
# In this order, each taking its words away from the rest.
PATTERNS: list[tuple[re.Pattern[str], Callable[[_Reading, re.Match[str]], bool | None]]] = [
    (re.compile(r"(?<![\w-])(\d{4})-(\d{1,2})-(\d{1,2})(?:t(?=\d)|(?![\w-]))"), _iso),
    (_pattern(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2}))?"), _dotted),
    (_pattern(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?"), _slashed),
    (_pattern(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>{_month}){_year}"), _named_month),
    (_pattern(rf"(?P<month>{_month}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_year}"), _named_month),
    (_pattern(r"(?:in half an hour|через полчаса)"), _half_an_hour),
    *(
        (_pattern(rf"(?:in|через) (?:{NUMBER} ?)?(?:{words})"), _after(unit))
        for unit, words in [("minutes", MINUTES), ("hours", HOURS), ("days", DAY_WORDS), ("weeks", WEEKS), ("months", MONTH_WORDS)]
    ),
    (_pattern(r"(?:next week|на следующей неделе|следующая неделя)"), _next_week),
    (_pattern(rf"(?:(?P<next>next|следующий|следующую|следующее|следующая) )?(?P<weekday>{_weekdays})"), _weekday),
    (_pattern(_words(list(DAYS))), _named_day),
    (_pattern(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?: ?(?P<half>[ap])\.?m\.?)?"), _clock),
    (_pattern(r"(?P<hour>\d{1,2})(?P<minute>) ?(?P<half>[ap])\.?m\.?"), _clock),
    (_pattern(r"(?:в |к |до )?(?P<hour>\d{1,2})(?P<minute>)(?P<half>) ?(?:часам|часов|часа|час|ч|h)\.?"), _clock),
    (_pattern(r"(?:at|by|в|к|до) (?P<hour>\d{1,2})(?P<minute>)(?P<half>)"), _clock),
    (_pattern(_words([word for words in CLOCKS.values() for word in words])), _part_of_day),
    (_pattern(r"(?P<hour>\d{1,2})"), _bare_hour),
]
NOW = {"now", "just now", "сейчас", "только что"}
AGO = re.compile(rf"(?:{NUMBER} )?(?P<unit>{MINUTES}|{HOURS}|{DAY_WORDS}) (?:ago|назад)", re.IGNORECASE)
