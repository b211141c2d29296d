"""Next steps and notes as people work with them: forms, undo, rights, and the board beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from crm.models import Company, Event, Note, Task, User
from crm.services.clients import save_client
from crm.services.notes import add_note, delete_note, restore_note
from crm.services.tasks import add_task, delete_task, restore_task
from pipeline.models import Deal, Stage
from tests.accessibility import check_accessibility
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=MOSCOW)


def told_by(answer: Any) -> tuple[str, dict[str, str]]:
    """Where the Undo of the toast goes, and with what."""
    told = answer.context["told"]
    return told.undo, told.fields


@pytest.mark.parametrize("due", ["tomorrow 10:00", "завтра в 10"])
def test_a_step_is_planned_in_words_and_the_card_knows(anna: User, stages: list[Stage], client: Client, due: str) -> None:
    deal = make_deal(by=anna)
    client.force_login(anna)
    with time_machine.travel(NOON, tick=False):
        answer = client.post(reverse("record_tasks", args=["deal", deal.pk]), {"title": "Call", "due": due})
        assert answer.status_code == 200
        assert "Call" in answer.content.decode()
        undo, fields = told_by(answer)
        assert Task.objects.get().due_at == datetime(2026, 11, 26, 10, tzinfo=MOSCOW)
        assert Deal.objects.get().next_step_on.isoformat() == "2026-11-26"
        client.post(undo, fields)
    assert not Task.objects.exists()
    assert Deal.objects.get().next_step_on is None
    check_invariants()


def test_what_can_not_be_planned_comes_back_with_its_reason(anna: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    client.force_login(anna)
    for filled, field in (
        ({"title": "Call", "due": "soon"}, "due"),
        ({"title": "Call", "due": "01.01.2020"}, "due"),
        ({"title": "Call", "due": ""}, "due"),
        ({"title": "", "due": "tomorrow"}, "title"),
        ({"title": "x" * 201, "due": "tomorrow"}, "title"),
        ({"title": "a\0b", "due": "tomorrow"}, "title"),
    ):
        answer = client.post(reverse("record_tasks", args=["deal", deal.pk]), filled)
        assert answer.status_code == 422
        assert list(answer.context["task_form"].errors) == [field]
        assert "field-error" in answer.content.decode()
    answer = client.post(reverse("record_tasks", args=["deal", deal.pk]), {"title": "<b>Call</b>", "due": "soon"})
    assert 'value="&lt;b&gt;Call&lt;/b&gt;"' in answer.content.decode()
    assert not Task.objects.exists()


@pytest.mark.parametrize(("day", "meant"), [("today", "25 18:00"), ("tomorrow", "26 18:00"), ("next_week", "02 18:00")])
def test_putting_off_keeps_the_time_of_day_and_can_be_undone(anna: User, stages: list[Stage], client: Client, day: str, meant: str) -> None:
    deal = make_deal(by=anna)
    before = datetime(2026, 11, 20, 18, tzinfo=MOSCOW)
    task = add_task(title="Call", due_at=before, by=anna, record="deal", record_id=deal.pk)
    client.force_login(anna)
    with time_machine.travel(NOON, tick=False):
        undo, fields = told_by(client.post(reverse("task", args=[task.pk]), {"day": day}))
        assert f"{Task.objects.get().due_at.astimezone(MOSCOW):%d %H:%M}" == meant
        client.post(undo, fields)
    assert Task.objects.get().due_at == before
    check_invariants()


def test_today_at_a_time_that_has_passed_means_some_time_today(anna: User, client: Client) -> None:
    task = add_task(title="Call", due_at=datetime(2026, 11, 20, 9, tzinfo=MOSCOW), by=anna)
    client.force_login(anna)
    with time_machine.travel(NOON, tick=False):
        client.post(reverse("task", args=[task.pk]), {"day": "today"})
        assert Task.objects.get().due_at == datetime(2026, 11, 25, 23, 59, tzinfo=MOSCOW)
        client.post(reverse("task", args=[task.pk]), {"due": "пт 15:00"})
        assert Task.objects.get().due_at == datetime(2026, 11, 27, 15, tzinfo=MOSCOW)
        for nonsense in ({}, {"due": "soon"}, {"day": "someday"}, {"back_to": "x"}, {"due": "01.01.2020"}):
            assert client.post(reverse("task", args=[task.pk]), nonsense).status_code == 422
    assert Task.objects.get().due_at == datetime(2026, 11, 27, 15, tzinfo=MOSCOW)


def test_a_tick_and_its_undo(anna: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    task = add_task(title="Call", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    client.force_login(anna)
    undo, fields = told_by(client.post(reverse("task_tick", args=[task.pk])))
    assert Task.objects.get().is_done
    assert Deal.objects.get().next_step_on is None
    client.post(undo, fields)
    assert not Task.objects.get().is_done
    assert Deal.objects.get().next_step_on is not None


def test_deleted_notes_and_tasks_are_gone_and_come_back_as_they_were(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    note = add_note(record="deal", record_id=deal.pk, body="Взять скидку?", by=anna)
    task = add_task(title="Call", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    rows = list(Note.objects.values()) + list(Task.objects.values())
    seals = delete_note(note_id=note.pk, by=anna), delete_task(task_id=task.pk, by=anna)
    assert not Note.objects.exists()
    assert not Task.objects.exists()
    for _twice in range(2):
        restore_note(seal=seals[0], by=anna)
        restore_task(seal=seals[1], by=anna)
    assert list(Note.objects.values()) + list(Task.objects.values()) == rows
    assert list(Event.objects.filter(type__contains="restored").values_list("type", flat=True)) == ["task.restored", "note.restored"]
    check_invariants()


def test_only_the_deleter_brings_back_and_only_for_a_while(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    note = add_note(record="deal", record_id=deal.pk, body="Secret", by=anna)
    seal = delete_note(note_id=note.pk, by=anna)
    client.force_login(boris)
    assert client.post(reverse("restored_notes"), {"seal": seal}).status_code == 422
    client.force_login(anna)
    for wrong in ("", "x", seal[:-1], seal.swapcase()):
        assert client.post(reverse("restored_notes"), {"seal": wrong}).status_code == 422
    assert client.post(reverse("restored_tasks"), {"seal": seal}).status_code == 422
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert client.post(reverse("restored_notes"), {"seal": seal}).status_code == 422
    assert not Note.objects.exists()


def test_what_is_not_theirs_is_not_found(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    note = add_note(record="deal", record_id=deal.pk, body="Secret", by=anna)
    task = add_task(title="Call", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    doors = [
        reverse("record_tasks", args=["deal", deal.pk]),
        reverse("record_notes", args=["deal", deal.pk]),
        reverse("record_notes", args=["user", boris.pk]),
        reverse("task", args=[task.pk]),
        reverse("task_tick", args=[task.pk]),
        reverse("task_tick_undo", args=[task.pk]),
        reverse("task_deletion", args=[task.pk]),
        reverse("note_deletion", args=[note.pk]),
        reverse("note_deletion", args=[note.pk + 7]),
    ]
    client.force_login(boris)
    for door in doors:
        assert client.post(door, {"title": "x", "body": "x", "due": "tomorrow", "day": "today"}).status_code == 404, door
    assert client.get(reverse("activities", args=["deal", deal.pk])).status_code == 404
    client.logout()
    assert {client.post(door).status_code for door in doors} == {302}
    assert Note.objects.count() == Task.objects.count() == 1


def test_a_colleagues_note_is_not_deleted(anna: User, clara: User, admin: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    note = add_note(record="deal", record_id=deal.pk, body="Anna wrote this", by=anna)
    client.force_login(clara)
    assert client.post(reverse("note_deletion", args=[note.pk])).status_code == 422
    page = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "Anna wrote this" in page
    assert reverse("note_deletion", args=[note.pk]) not in page
    client.force_login(admin)
    assert reverse("note_deletion", args=[note.pk]) in client.get(reverse("deal", args=[deal.pk])).content.decode()


def test_an_own_task_about_a_record_that_is_gone_from_sight_can_still_be_done(
    anna: User, boris: User, stages: list[Stage], client: Client
) -> None:
    deal = make_deal("Given away", by=anna)
    task = add_task(title="Call", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    Deal.objects.update(owner=boris)
    client.force_login(anna)
    answer = client.post(reverse("task_tick", args=[task.pk]))
    assert answer.status_code == 200
    assert "data-activities" not in answer.content.decode()
    assert Task.objects.get().is_done


def test_a_deals_page_costs_the_same_however_much_happened(anna: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    client.force_login(anna)

    def cost() -> int:
        with CaptureQueriesContext(connection) as told:
            client.get(reverse("deal", args=[deal.pk]))
        return len(told)

    add_note(record="deal", record_id=deal.pk, body="A note", by=anna)
    before = cost()
    for number in range(5):
        add_note(record="deal", record_id=deal.pk, body=f"Note {number}", by=anna)
        add_task(title="A task", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk)
    assert cost() == before


def test_how_a_time_is_read_is_said(anna: User, client: Client) -> None:
    client.force_login(anna)
    with time_machine.travel(NOON, tick=False):
        assert client.get(reverse("explain_when"), {"text": "fri 15:00"}).json() == {"words": "Fri\u00a027\u00a0Nov, 15:00", "past": False}
        assert client.get(reverse("explain_when"), {"text": "today 9:00"}).json()["past"] is True
        assert client.get(reverse("explain_when"), {"text": "soon" * 500}).json() == {"words": "", "past": False}


# In the browser


def note_field(page: Page) -> Locator:
    return page.locator(".note-form [contenteditable]")


def plan(page: Page, title: str, due: str) -> None:
    form = page.locator(".step-form")
    form.locator("[name=title]").fill(title)
    form.locator("[name=due]").fill(due)
    form.locator("[name=due]").press("Enter")


def test_next_steps_in_the_drawer_move_the_cards_mark(
    anna: User, stages: list[Stage], new_page: Callable[..., Page], language: str
) -> None:
    deal = make_deal("Vektor", by=anna)
    page = new_page(anna, language=language)
    page.goto(f"/board/?deal={deal.pk}")
    card = page.locator(f'.card[data-deal-id="{deal.pk}"]')
    expect(card.locator(".ns.none")).to_be_visible()
    plan(page, "Позвонить", "завтра 10:00")
    step = page.locator("[data-task]")
    expect(step).to_contain_text("Позвонить")
    expect(card.locator(".ns.planned")).to_be_visible()
    expect(page.locator("[data-timeline]")).to_contain_text("Позвонить")
    step.locator('[data-day="today"]').click()
    expect(card.locator(".ns.today")).to_be_visible()
    check_accessibility(page)
    step.get_by_role("checkbox").click()
    expect(card.locator(".ns.none")).to_be_visible()
    expect(step).to_have_count(0)
    page.locator(".note-toast").last.locator("button").first.click()
    expect(card.locator(".ns.today")).to_be_visible()
    expect(step).to_have_count(1)
    assert Task.objects.get().done_at is None


def test_a_wrong_time_keeps_what_was_typed(anna: User, stages: list[Stage], new_page: Callable[..., Page]) -> None:
    deal = make_deal("Vektor", by=anna)
    page = new_page(anna)
    page.goto(f"/deals/{deal.pk}/")
    note_field(page).fill("Half a note")
    plan(page, "Call", "soon")
    expect(page.locator(".step-form .field-error")).to_be_visible()
    expect(page.locator(".step-form [name=title]")).to_have_value("Call")
    expect(note_field(page)).to_have_text("Half a note")
    page.locator(".step-form [name=due]").fill("fri 15:00")
    expect(page.locator(".step-form [data-when-words]")).to_contain_text("15:00")
    page.locator(".step-form [name=due]").press("Enter")
    expect(page.locator("[data-task]")).to_contain_text("Call")
    # A draft of something else survives.
    expect(note_field(page)).to_have_text("Half a note")
    check_accessibility(page)


def test_a_note_is_written_and_taken_back_and_brought_back(
    anna: User, stages: list[Stage], new_page: Callable[..., Page], language: str
) -> None:
    company = save_client(model=Company, by=anna, name="Вектор")
    page = new_page(anna, language=language)
    page.goto(f"/companies/{company.pk}/")
    note_field(page).fill("Любят <b>чай</b>\nи тишину")
    note_field(page).press("Control+Enter")
    note = page.locator(".entry-note")
    expect(note).to_contain_text("Любят <b>чай</b>")
    expect(note_field(page)).to_have_text("")
    note.locator("[data-act]").click()
    expect(note).to_have_count(0)
    expect(page.locator(".note-toast")).to_have_count(2)
    page.locator(".note-toast").last.locator("button").first.click()
    expect(note).to_contain_text("и тишину")
    assert Note.objects.count() == 1
    check_accessibility(page)


def test_pages_of_clients_fit_a_phone_and_everybody(anna: User, stages: list[Stage], new_page: Callable[..., Page], language: str) -> None:
    company = save_client(
        model=Company, by=anna, name="Предварительнаяквалификациябездефисов " * 4, city="Тверь", website="https://" + "a" * 60 + ".example"
    )
    make_deal("Предварительная квалификация поставщика оборудования", by=anna, company=company, amount=12_345_678)
    add_task(
        title="Предварительная квалификация", due_at=timezone.now() - timedelta(days=3), by=anna, record="company", record_id=company.pk
    )
    page = new_page(anna, language=language, width=390, height=800, touch=True)
    for address in ("/companies/", "/contacts/", f"/companies/{company.pk}/", f"/companies/{company.pk}/edit/", "/contacts/new/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        check_accessibility(page)
