"""A file comes in by the browser, by keyboard alone too, and goes again; a list goes out."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm import jobs
from crm.models import Contact, User
from crm.services.clients import save_client
from tests.accessibility import check_accessibility
from tests.crm.importing.bad_files import LIMIT, REFUSED, TAKEN
from tests.journeys.board import NewPage

PEOPLE = "Name;Почта;Город;Notes\nAnna Known;known@b.example;Tver;\nБорис Новый;new@b.example;Omsk;Call\nBroken;nobody@;;\n"


@pytest.fixture(autouse=True)
def no_breath(settings: Any) -> None:
    settings.JOBS_BREATH = 0


def press(page: Page, selector: str) -> None:
    page.locator(selector).focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("width", "dark"), [(1440, False), (390, True)], ids=["laptop", "phone"])
def test_a_file_comes_in_and_goes_again(new_page: NewPage, language: str, anna: User, tmp_path: Path, width: int, dark: bool) -> None:
    save_client(model=Contact, by=anna, name="Anna Known", emails=["known@b.example"])
    (tmp_path / "people.csv").write_text(PEOPLE)
    page = new_page(anna, language=language, width=width, dark=dark)
    page.goto("/import/")
    look_over(page, width)
    page.locator("[data-drop] input[type=file]").set_input_files(tmp_path / "people.csv")  # what the system's own dialog does
    expect(page.locator("#column-2")).to_have_value("city||")
    expect(page.locator(".preview .pill-accent")).to_have_count(1)
    expect(page.locator(".preview .pill-danger")).to_have_count(1)
    look_over(page, width)
    page.locator("#column-2").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    expect(page.locator("#column-2")).to_have_value("||")
    page.locator("#duplicates-fill").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#duplicates-update")).to_be_checked()
    expect(page.locator("#duplicates-update")).to_be_focused()
    press(page, "#import-choices .btn-primary")
    expect(page.locator("[data-job]")).to_be_visible()
    look_over(page, width)
    jobs.run_waiting()
    expect(page.locator(".import-result .pill-success").first).to_be_visible(timeout=20_000)
    look_over(page, width)
    assert set(Contact.objects.values_list("name", "city")) == {("Anna Known", ""), ("Борис Новый", "")}
    with page.expect_download() as download:
        press(page, ".import-result a[download]")
    rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert [row[0] for row in rows] == ["Name", "Broken"] and "nobody@" in rows[1][-1]
    press(page, ".page-actions form .btn")
    expect(page.locator("[data-job]")).to_be_visible()
    jobs.run_waiting()
    expect(page.locator(".import-result")).to_be_visible(timeout=20_000)
    look_over(page, width)
    assert list(Contact.objects.values_list("name", flat=True)) == ["Anna Known"]


def look_over(page: Page, width: int) -> None:
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_bad_files_by_the_browser(new_page: NewPage, anna: User, tmp_path: Path) -> None:
    """Each is dropped like any other: what can't be read is said, and what can be shows what of it will be refused."""
    page = new_page(anna)
    for name, (data, words) in REFUSED.items():
        page.goto("/import/?kind=contact")
        drop(page, made(tmp_path, name, data))
        expect(page.locator("[role=alert]:visible")).to_contain_text(words)
    for name, (data, names, refused) in TAKEN.items():
        page.goto("/import/?kind=contact")
        drop(page, made(tmp_path, name, data))
        expect(page.locator("h1")).to_have_text(name)
        expect(page.locator(".preview")).to_be_visible(timeout=30_000)  # 300 columns take a moment to be laid out
        expect(page.locator(".preview .pill-danger")).to_have_count(len(refused) if names else 2)
        for person in names[:3]:
            expect(page.locator(".preview")).to_contain_text(person)
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.write(b"Name,Email\n")
        file.truncate(200 * 1024**2)
    page.goto("/import/")
    drop(page, huge)
    expect(page.locator("[data-too-large]")).to_contain_text(LIMIT)


def made(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def drop(page: Page, path: Path) -> None:
    page.locator("[data-drop] input[type=file]").set_input_files(path)


def test_a_filtered_list_goes_out(new_page: NewPage, language: str, anna: User) -> None:
    """A long list is written in the background, and the page that shows how far it is has the file in the end."""
    names = [f"Person {number:04}" for number in range(2_100)]
    Contact.objects.bulk_create([Contact(name=name, owner=anna, team=anna.team, tags=["vip"] * (name < "Person 2050")) for name in names])
    page = new_page(anna, language=language)
    page.goto("/contacts/?text=Person")
    page.locator("[popovertarget=export-menu]").click()
    check_accessibility(page)
    page.locator("#export-menu [name=choice][value='csv.shown']").click()
    expect(page.locator("[data-job]")).to_be_visible()
    check_accessibility(page)
    jobs.run_waiting()
    link = page.locator(".import-result a[download]")
    expect(link).to_be_visible(timeout=20_000)
    check_accessibility(page)
    with page.expect_download() as download:
        link.click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    rows = list(csv.reader(lines, delimiter=";" if language == "ru" else ","))
    assert [row[0] for row in rows[1:]] == names
