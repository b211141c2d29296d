"""Times as people type them, seen from a Wednesday noon in Moscow and from the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.when import read_when

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 11, 25, 12, 0, tzinfo=MOSCOW)


def read(text: str, *, language: str = "en", now: datetime = WEDNESDAY, zone: ZoneInfo = MOSCOW) -> str | None:
    found = read_when(text, now, zone, language)
    return found and f"{found.astimezone(zone):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("today", "2026-11-25 23:59"),
        ("сегодня", "2026-11-25 23:59"),
        ("today 18:30", "2026-11-25 18:30"),
        ("tonight", "2026-11-25 19:00"),
        ("tomorrow 10:00", "2026-11-26 10:00"),
        ("Tomorrow at 10:00", "2026-11-26 10:00"),
        ("10:00 tomorrow", "2026-11-26 10:00"),
        ("tomorrow", "2026-11-26 23:59"),
        ("tomorrow 10", "2026-11-26 10:00"),
        ("tomorrow at 3pm", "2026-11-26 15:00"),
        ("tomorrow 3:30 pm", "2026-11-26 15:30"),
        ("tomorrow 12am", "2026-11-26 00:00"),
        ("tomorrow morning", "2026-11-26 09:00"),
        ("завтра 10:00", "2026-11-26 10:00"),
        ("  Завтра   в 10:00 ", "2026-11-26 10:00"),
        ("завтра в 10", "2026-11-26 10:00"),
        ("завтра к 15 часам", "2026-11-26 15:00"),
        ("завтра в 15 часов", "2026-11-26 15:00"),
        ("завтра утром", "2026-11-26 09:00"),
        ("завтра днём", "2026-11-26 14:00"),
        ("завтра вечером", "2026-11-26 19:00"),
        ("day after tomorrow", "2026-11-27 23:59"),
        ("послезавтра 9:15", "2026-11-27 09:15"),
    ],
)
def test_days_by_name(text: str, meant: str | None) -> None:
    assert read(text) == meant
    assert read(text, language="ru") == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("fri", "2026-11-27 23:59"),
        ("Friday 15:00", "2026-11-27 15:00"),
        ("on fri at 15:00", "2026-11-27 15:00"),
        ("пт 15:00", "2026-11-27 15:00"),
        ("в пятницу в 15:00", "2026-11-27 15:00"),
        ("к пятнице", "2026-11-27 23:59"),
        ("во вторник", "2026-12-01 23:59"),
        # Today's name means a week from now: who means today says so.
        ("wed 18:00", "2026-12-02 18:00"),
        ("среда", "2026-12-02 23:59"),
        ("mon", "2026-11-30 23:59"),
        ("next friday", "2026-12-04 23:59"),
        ("в следующую пятницу 11:00", "2026-12-04 11:00"),
        ("next week", "2026-11-30 23:59"),
        ("на следующей неделе", "2026-11-30 23:59"),
    ],
)
def test_days_of_the_week(text: str, meant: str | None) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("in 3 days", "2026-11-28 23:59"),
        ("через 3 дня", "2026-11-28 23:59"),
        ("через три дня в 11:00", "2026-11-28 11:00"),
        ("in a week", "2026-12-02 23:59"),
        ("через неделю", "2026-12-02 23:59"),
        ("через 2 недели", "2026-12-09 23:59"),
        ("in 5 days 9:00", "2026-11-30 09:00"),
        ("in an hour", "2026-11-25 13:00"),
        ("через час", "2026-11-25 13:00"),
        ("in 90 minutes", "2026-11-25 13:30"),
        ("через 20 мин", "2026-11-25 12:20"),
        ("in half an hour", "2026-11-25 12:30"),
        ("через полчаса", "2026-11-25 12:30"),
        ("in 2 hours 15:00", None),
        ("in a month", "2026-12-25 23:59"),
        ("через 3 месяца", "2027-02-25 23:59"),
    ],
)
def test_so_much_later(text: str, meant: str | None) -> None:
    assert read(text) == meant


def test_a_month_later_is_never_beyond_its_end() -> None:
    end = datetime(2026, 1, 31, 12, tzinfo=MOSCOW)
    assert read("in a month", now=end) == "2026-02-28 23:59"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("25.12", "2026-12-25 23:59"),
        ("25.12 15:00", "2026-12-25 15:00"),
        ("15:00 25.12", "2026-12-25 15:00"),
        ("25.12.27", "2027-12-25 23:59"),
        ("25.12.2027 9:00", "2027-12-25 09:00"),
        ("2026-12-25", "2026-12-25 23:59"),
        ("2026-12-25T15:00", "2026-12-25 15:00"),
        ("2026-12-25 15:00:00", "2026-12-25 15:00"),
        ("25 dec", "2026-12-25 23:59"),
        ("dec 25", "2026-12-25 23:59"),
        ("December 25, 2027", "2027-12-25 23:59"),
        ("25 декабря в 10:00", "2026-12-25 10:00"),
        ("25 мая", "2027-05-25 23:59"),
        ("3 марта 2027", "2027-03-03 23:59"),
        # Without a year: the next one.
        ("24.11", "2027-11-24 23:59"),
        ("25.11", "2026-11-25 23:59"),
        ("29.02", "2028-02-29 23:59"),
        ("29.02.2027", None),
        ("31.11", None),
        ("25.13", None),
    ],
)
def test_dates(text: str, meant: str | None) -> None:
    assert read(text) == meant
    assert read(text, language="ru") == meant


def test_a_slash_reads_as_the_language_does() -> None:
    assert read("3/4") == "2027-03-04 23:59"
    assert read("3/4", language="ru") == "2027-04-03 23:59"
    assert read("25/12") == read("12/25", language="ru") == "2026-12-25 23:59"


@pytest.mark.parametrize(("text", "meant"), [("15:00", "2026-11-25 15:00"), ("10:00", "2026-11-26 10:00"), ("12:00", "2026-11-26 12:00")])
def test_a_time_alone_is_the_next_such_time(text: str, meant: str) -> None:
    assert read(text) == meant


def test_what_was_said_to_be_past_stays_past() -> None:
    assert read("today 9:00") == "2026-11-25 09:00"
    assert read("01.02.2020") == "2020-02-01 23:59"


@pytest.mark.parametrize(
    "text",
    ["", "   ", "soon", "10", "25:00", "tomorrow 25:00", "tomorrow 10:75", "tomorrow friday", "10:00 11:00", "call 10:00", "1.2.3.4",
     "in 3", "через дня два", "0001-01-01", "9999-12-31", "tomorrow" * 20, "13pm", "завтра\0", "25.12.2026."],
)  # fmt: skip
def test_what_makes_no_sense_is_not_guessed_at(text: str) -> None:
    expected = "2026-12-25 23:59" if text.startswith("25.12.2026") else None
    assert read(text) == expected


def test_the_day_is_that_of_the_zone() -> None:
    late = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)  # already Thursday in Moscow
    assert read("today", now=late) == "2026-11-26 23:59"
    assert read("tomorrow 10:00", now=late) == "2026-11-27 10:00"


def test_nights_when_the_clocks_change() -> None:
    spring = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    # 02:30 doesn't exist on 29 March: an hour later it is.
    assert read_when("tomorrow 2:30", spring, BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert read("tomorrow 2:30", now=spring, zone=BERLIN) == "2026-03-29 03:30"
    assert read("in 3 days 10:00", now=spring, zone=BERLIN) == "2026-03-31 10:00"
    autumn = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    # 02:30 comes twice on 25 October: the first is meant.
    assert read_when("tomorrow 2:30", autumn, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    night = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    assert read_when("in 2 hours", night, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert read("in 2 hours", now=night, zone=BERLIN) == "2026-10-25 02:30"


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    found = read_when(text, WEDNESDAY, MOSCOW, "ru")
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(min_value=datetime(2026, 11, 26), max_value=datetime(2040, 1, 1)), st.sampled_from([MOSCOW, BERLIN]))
def test_a_picked_time_comes_back(at: datetime, zone: ZoneInfo) -> None:
    at = at.replace(second=0, microsecond=0, tzinfo=zone)
    assert read_when(f"{at:%Y-%m-%dT%H:%M}", WEDNESDAY, zone) == at.astimezone(UTC)
