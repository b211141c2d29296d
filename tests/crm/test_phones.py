"""Telephone numbers: read, kept, shown."""

from __future__ import annotations

import csv

import pytest

from crm.phones import is_mobile, phone_link, read_phone, show_phone
from tests.samples import SHARED

# Real numbers of every country as people write them; too large to live here, and there only where the trial data is.
NUMBERS = SHARED / "contacts" / "phones.csv"


@pytest.mark.skipif(
    not NUMBERS.exists(), reason="the sample numbers are not at hand (set VORONKA_SHARED to the folder that holds contacts/)"
)
def test_numbers_of_every_country_are_read() -> None:
    with NUMBERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1000
    wrong = {row["raw"]: found for row in rows if (found := read_phone(row["raw"], row["default_region"])) != row["e164"]}
    assert wrong == {}


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("+7 912 345 67 89", "DE", "+79123456789"),
        ("912 345-67-89", "RU", "+79123456789"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("\u200e+49 30 901820\u200f", "RU", "+4930901820"),
        ("8 495 123-45-67 доб. 12", "RU", "+74951234567;ext=12"),
        ("+1 212 555 2368 ext 7", "RU", "+12125552368;ext=7"),
        ("+74951234567;ext=12", "US", "+74951234567;ext=12"),
        ("спросить Олю", "RU", "спросить Олю"),
        ("  12 ", "RU", "12"),
        ("+7 000 123-45-67", "RU", "+7 000 123-45-67"),
        ("912 345-67-89", "", "912 345-67-89"),
        ("", "RU", ""),
    ],
)
def test_what_is_typed_is_read_as_the_country_dials(typed: str, region: str, kept: str) -> None:
    assert read_phone(typed, region) == kept
    assert read_phone(kept, region) == kept


def test_the_own_countrys_numbers_are_shown_as_people_write_them() -> None:
    assert show_phone("+79123456789", "RU") == "8 (912) 345-67-89"
    assert show_phone("+79123456789", "DE") == "+7 912 345-67-89"
    assert show_phone("+77710009998", "RU") == "+7 771 000 9998"
    assert show_phone("+74951234567;ext=12", "RU") == "8 (495) 123-45-67 ext. 12"
    assert show_phone("спросить Олю", "RU") == "спросить Олю"


def test_a_link_dials_what_can_be_dialled() -> None:
    assert phone_link("+74951234567;ext=12") == "tel:+74951234567;ext=12"
    assert phone_link("+7 000 123-45-67") == "tel:+70001234567"
    assert phone_link("спросить Олю, 5") == ""
    assert phone_link('+7912";ext=x') == "tel:+7912"


def test_mobile_numbers_are_known() -> None:
    assert is_mobile("+79123456789")
    assert not is_mobile("+74951234567")
    assert not is_mobile("mobile")
