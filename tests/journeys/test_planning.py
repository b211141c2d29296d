"""Meetings are planned and changed where one is: no page is left for it, and no mouse is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Company, Contact, Meeting, User
from crm.services.meetings import plan_meeting
from crm.services.tasks import add_task
from crm.wall_clock import instant, zone_of
from pipeline.models import Stage
from tests.accessibility import check_accessibility
from tests.factories import make_deal

pytestmark = pytest.mark.django_db(transaction=True)


def stays(page: Page) -> None:
    """From here on, leaving the page would be noticed."""
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    return bool(page.evaluate("window.stayed"))


def fill_in(page: Page, title: str) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Subject", exact=True)).to_be_focused()
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_text(f"Planned: {title}")).to_be_visible()


def test_one_key_on_contacts_companies_and_deals_plans_a_meeting_about_them(
    new_page: Callable[..., Page], anna: User, stages: list[Stage]
) -> None:
    company = Company.objects.create(name="Vektor", owner=anna, team=anna.team)
    contact = Contact.objects.create(name="Vera", owner=anna, team=anna.team, company=company)
    deal = make_deal(by=anna)
    page = new_page(anna)
    for kind, thing, address in (
        ("contact", contact, f"/contacts/{contact.pk}/"),
        ("company", company, f"/companies/{company.pk}/"),
        ("deal", deal, f"/deals/{deal.pk}/"),
    ):
        page.goto(address)
        stays(page)
        page.keyboard.press("m")
        fill_in(page, f"Demo {kind}")
        expect(page.locator("[data-timeline]").get_by_role("link", name=f"Demo {kind}")).to_be_visible()
        assert stayed(page)
        meeting = Meeting.objects.get(title=f"Demo {kind}")
        assert (meeting.record, meeting.record_id) == (kind, thing.pk)
        assert list(meeting.contacts.all()) == ([contact] if kind == "contact" else [])
    page.get_by_role("button", name="Undo").last.click()
    expect(page.get_by_text("Called off: Demo deal")).to_be_visible()
    assert Meeting.objects.get(title="Demo deal").is_cancelled
    assert stayed(page)


def test_in_the_drawer_and_in_my_day_too(new_page: Callable[..., Page], anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    page = new_page(anna)
    page.goto(f"/board/?deal={deal.pk}")
    heading = page.locator("#drawer [data-deal-heading]")
    expect(heading).to_be_visible()
    heading.focus()
    stays(page)
    page.keyboard.press("m")
    fill_in(page, "From the drawer")
    assert Meeting.objects.get().record_id == deal.pk
    page.goto("/")
    stays(page)
    page.keyboard.press("j")
    page.keyboard.press("m")
    fill_in(page, "From my day")
    assert Meeting.objects.get(title="From my day").record_id == deal.pk
    assert stayed(page)


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(new_page: Callable[..., Page], anna: User) -> None:
    page = new_page(anna)
    page.goto("/calendar/")
    stays(page)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Subject", exact=True)).to_be_focused()
    page.keyboard.type("Demo")
    dialog.get_by_label("Begins").fill("whenever")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("is no time I know")).to_be_visible()
    expect(dialog.get_by_label("Subject", exact=True)).to_have_value("Demo")
    check_accessibility(page)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(dialog.get_by_label("Begins")).to_have_value("whenever")
    dialog.get_by_label("Begins").fill("tomorrow 11:00")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert Meeting.objects.get().title == "Demo"
    assert stayed(page)


def test_in_the_calendar_a_click_plans_an_hour_and_a_span_is_drawn(new_page: Callable[..., Page], anna: User) -> None:
    page = new_page(anna)
    page.goto("/calendar/?view=day&day=2030-01-15")
    stays(page)
    at_nine = page.locator('.cal-slot[data-wall$="T09:00"]').bounding_box()
    assert at_nine
    page.mouse.click(at_nine["x"] + 200, at_nine["y"] + at_nine["height"] * 0.6)
    fill_in(page, "Half past")
    expect(page.locator(".cal-item", has_text="Half past")).to_be_visible()
    at_one = page.locator('.cal-slot[data-wall$="T13:00"]').bounding_box()
    assert at_one
    page.mouse.move(at_one["x"] + 200, at_one["y"] + 2)
    page.mouse.down()
    page.mouse.move(at_one["x"] + 200, at_one["y"] + at_one["height"] * 1.4, steps=6)
    expect(page.locator(".cal-draft")).to_have_text("13:00–14:30")
    page.mouse.up()
    fill_in(page, "Drawn")
    expect(page.locator(".cal-item", has_text="Drawn")).to_be_visible()
    zone = zone_of(anna)
    hours = {meeting.title: (meeting.starts_at, meeting.ends_at) for meeting in Meeting.objects.all()}
    wall = datetime(2030, 1, 15)
    assert hours["Half past"] == (instant(wall.replace(hour=9, minute=30), zone), instant(wall.replace(hour=10, minute=30), zone))
    assert hours["Drawn"] == (instant(wall.replace(hour=13), zone), instant(wall.replace(hour=14, minute=30), zone))
    assert stayed(page)


def test_a_meeting_is_changed_called_off_and_told_of_in_the_dialog(new_page: Callable[..., Page], anna: User) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    plan_meeting(title="Demo", starts_at=now - timedelta(minutes=30), ends_at=now + timedelta(minutes=30), by=anna)
    ahead = plan_meeting(title="Ahead", starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2), by=anna)
    page = new_page(anna)
    page.goto(f"/calendar/?view=month&day={now:%Y-%m-%d}")
    stays(page)
    page.locator(".cal-item", has_text="Demo").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Held").click()
    expect(page.get_by_text("Held: Demo")).to_be_visible()
    page.locator(".cal-item", has_text="Ahead").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Subject", exact=True).fill("Ahead of time")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved: Ahead of time")).to_be_visible()
    page.locator(".cal-item", has_text="Ahead of time").first.click()
    dialog.get_by_role("button", name="Call it off").click()
    expect(page.get_by_text("Called off: Ahead of time")).to_be_visible()
    expect(page.locator(".cal-item", has_text="Ahead of time")).to_have_count(0)
    ahead.refresh_from_db()
    assert ahead.is_cancelled
    assert Meeting.objects.get(title="Demo").outcome == "held"
    assert stayed(page)


def test_an_entry_is_carried_by_the_arrows(new_page: Callable[..., Page], anna: User) -> None:
    ten = instant(datetime(2030, 1, 15, 10), zone_of(anna))
    task = add_task(title="Call", due_at=ten, by=anna)
    page = new_page(anna)
    page.goto("/calendar/?day=2030-01-15")
    item, said = page.locator(".cal-item", has_text="Call"), page.locator("[data-cal-say]")
    item.focus()
    page.keyboard.press("m")
    expect(said).to_contain_text("Taken up: Call")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(said).to_contain_text("10:30")
    check_accessibility(page)
    page.keyboard.press("Escape")
    expect(said).to_contain_text("stays where it was")
    page.keyboard.press("m")
    for key in ("ArrowUp", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(page.locator('[data-day="2030-01-14"] .cal-item .cal-time')).to_contain_text("09:45")
    expect(item).to_be_focused()
    task.refresh_from_db()
    assert task.due_at == ten - timedelta(days=1, minutes=15)
    # Out of the week that is shown: the page follows.
    page.keyboard.press("m")
    for _turn in range(7):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator('[data-day="2030-01-21"] .cal-item')).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_on_a_phone_a_long_press_carries_an_entry_to_another_day(new_page: Callable[..., Page], anna: User) -> None:
    ten = instant(datetime(2030, 1, 15, 10), zone_of(anna))
    task = add_task(title="Call", due_at=ten, by=anna)
    page = new_page(anna, width=390, touch=True)
    page.goto("/calendar/?day=2030-01-15")
    start, target = page.locator(".cal-item").bounding_box(), page.locator('[data-day="2030-01-16"]').bounding_box()
    assert start
    assert target
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, x: float, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", start["x"] + 60, start["y"] + 20)
    expect(page.locator(".cal-item.is-dragged")).to_have_count(1)
    finger("touchMove", start["x"] + 60, start["y"] + 40)
    finger("touchMove", target["x"] + 60, target["y"] + 20)
    finger("touchEnd", 0, 0)
    expect(page.locator('[data-day="2030-01-16"] .cal-item')).to_be_visible()
    task.refresh_from_db()
    assert task.due_at == ten + timedelta(days=1)
