"""My day: what stands there and why, whose it is, in which order, and at what cost."""

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
from playwright.sync_api import Page, expect

from crm.models import Call, Company, Contact, Message, Snooze, Task, Team, User
from crm.services.calls import delete_call, log_call
from crm.services.clients import save_client
from crm.services.messages import record_message
from crm.services.snoozes import snooze
from crm.services.tasks import add_task
from pipeline.models import Deal, Stage
from pipeline.queries.my_day import MyDay, my_day
from pipeline.services.outcomes import close_deal
from tests.accessibility import check_accessibility
from tests.factories import make_deal, make_pipeline

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=MOSCOW)


def day_of(viewer: User, *, only_own: bool = True, **asked: Any) -> MyDay:
    return my_day(viewer=viewer, only_own=only_own, now=NOW, zone=MOSCOW, **asked)


def told(day: MyDay) -> list[tuple[str, str]]:
    """Reason and title of each line."""
    return [(item.reason, item.step.task.title if item.step else item.deal.title if item.deal else "") for item in day.items]


def task(title: str, by: User, at: datetime, deal: Deal | None = None, **fields: Any) -> Task:
    about = {"record": "deal", "record_id": deal.pk} if deal else {}
    return add_task(title=title, due_at=at, by=by, **about, **fields)


def planned(title: str, by: User, **fields: Any) -> Deal:
    """A deal that needs nobody: its next step lies ahead."""
    deal = make_deal(title, by=by, **fields)
    task(f"Later: {title}", by, NOW + timedelta(days=3), deal)
    return deal


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_day_is_in_order_and_says_why(anna: User, stages: list[Stage]) -> None:
    idle = make_deal("Idle", by=anna)
    rotten = planned("Rotten", anna)
    Deal.objects.filter(pk=rotten.pk).update(stage_entered_at=NOW - timedelta(days=11))
    planned("Late", anna, expected_close=NOW.date() - timedelta(days=1))
    planned("Fine", anna, expected_close=NOW.date())
    at_ten, yesterday = NOW.replace(hour=10), NOW - timedelta(days=1)
    task("Today", anna, at_ten, make_deal("Today's", by=anna))
    task("Overdue", anna, yesterday, make_deal("Overdue's", by=anna))
    task("Tonight", anna, NOW.replace(hour=23, minute=59))
    day = day_of(anna)
    assert told(day) == [
        ("overdue", "Overdue"), ("overdue", "Today"), ("today", "Tonight"), ("late", "Late"), ("rots", "Rotten"), ("idle", "Idle"),
    ]  # fmt: skip
    assert day.counts == {"overdue": 2, "today": 1, "late": 1, "rots": 1, "idle": 1}
    assert [item.step.is_late for item in day.items if item.step] == [True, True, False]
    assert [item.step.task.title for item in day.upcoming if item.step] == ["Later: Rotten", "Later: Late", "Later: Fine"]
    assert day.items[4].words == "11 d in this stage, limit 10 d"
    close_deal(deal_id=idle.pk, outcome="lost", lost_reason="No budget", by=anna)
    assert ("idle", "Idle") not in told(day_of(anna))


def test_a_deal_stands_there_once_for_its_strongest_reason(anna: User, stages: list[Stage]) -> None:
    deal = make_deal("All at once", by=anna, expected_close=NOW.date() - timedelta(days=9))
    Deal.objects.filter(pk=deal.pk).update(stage_entered_at=NOW - timedelta(days=90))
    assert told(day_of(anna)) == [("late", "All at once")]
    task("Second", anna, NOW.replace(hour=15), deal)
    task("First", anna, NOW.replace(hour=14), deal)
    day = day_of(anna)
    assert told(day) == [("today", "First")]
    assert day.items[0].others == 1
    assert day.total == 1
    task("Long ago", anna, NOW - timedelta(days=3), deal)
    assert told(day_of(anna)) == [("overdue", "Long ago")]


def test_every_task_of_a_deal_counts(anna: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal("Two calls", by=anna)
    for hours in (30, 50):
        task(f"Call {hours}", anna, NOW - timedelta(hours=hours), deal)
    day = day_of(anna)
    assert (day.total, day.work) == (1, {"overdue": 2})
    client.force_login(anna)
    assert client.get(reverse("my_day")).context["reasons"][0][2] == 2


def test_a_task_takes_its_record_along(anna: User, clara: User, denis: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal("Old", by=anna, expected_close=NOW.date() - timedelta(days=3))
    due = [NOW - timedelta(days=1), NOW.replace(hour=18), NOW + timedelta(days=2)]
    first, second, later = (task(f"Step {number}", anna, at, deal) for number, at in enumerate(due))
    hers = task("Clara's", clara, NOW, deal)
    client.force_login(anna)
    address = reverse("day_task", args=[first.pk])
    told = client.post(address, {"day": "tomorrow"}).context["told"]
    assert [Task.objects.get(pk=each.pk).due_at for each in (first, second, later, hers)] == [
        due[0] + timedelta(days=2), due[1] + timedelta(days=1), due[2], NOW,
    ]  # fmt: skip
    assert day_of(anna).items == []
    assert {item.deal for item in day_of(clara, only_own=False).items} == {deal}  # nobody else's day changes
    client.post(told.undo, told.fields)
    assert [Task.objects.get(pk=each.pk).due_at for each in (first, second, later)] == due
    assert [(item.reason, item.others) for item in day_of(anna).items] == [("overdue", 1)]
    for nonsense in ({"day": "never"}, {"back": "1"}, {"back": "x:y"}):
        assert client.post(address, nonsense).status_code == 422
    client.force_login(denis)
    assert client.post(address, {"day": "tomorrow"}).status_code == 404


def test_the_expected_close_is_moved_in_place(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    deal = planned("Late", anna, expected_close=NOW.date() - timedelta(days=3))
    address = reverse("deal_close_date", args=[deal.pk])
    client.force_login(anna)
    assert f'data-act="{address}" data-day="month_end"' in client.get(reverse("my_day")).content.decode()
    for day, moved in (
        ("tomorrow", "2026-11-26"),
        ("next_week", "2026-12-02"),
        ("month_end", "2026-11-30"),
        ("next_month_end", "2026-12-31"),
    ):
        told = client.post(address, {"day": day}).context["told"]
        assert str(Deal.objects.get().expected_close) == moved
        assert day_of(anna).items == []
        client.post(told.undo, told.fields)
    assert Deal.objects.get().expected_close == deal.expected_close
    assert client.post(address, {"day": "never"}).status_code == 422
    client.force_login(boris)
    assert client.post(address, {"day": "tomorrow"}).status_code == 404


def test_somebody_elses_task_bears_their_name(anna: User, clara: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal("Anna's", by=anna)
    task("Ask the boss", clara, NOW - timedelta(days=2), deal)
    client.force_login(anna)
    page = client.get(reverse("my_day")).content.decode()
    assert page.index("Ask the boss") < page.index("Clara Chen</span>")


def test_cut_lists_count_all_and_can_be_narrowed(anna: User, stages: list[Stage]) -> None:
    for number in range(7):
        make_deal(f"Idle {number}", by=anna)
    for number in range(4):
        task(f"Task {number}", anna, NOW - timedelta(days=2, hours=number))
    day = day_of(anna, shown=5)
    assert told(day) == [("overdue", f"Task {number}") for number in (3, 2, 1, 0)] + [("idle", "Idle 0")]
    assert (day.total, day.counts) == (11, {"overdue": 4, "idle": 7})
    only = day_of(anna, shown=5, reason="idle")
    assert told(only) == [("idle", f"Idle {number}") for number in range(5)]
    assert (only.total, only.counts) == (7, day.counts)


def test_whose_day_it_is(anna: User, boris: User, clara: User, denis: User, admin: User, stages: list[Stage]) -> None:
    for user in (anna, boris, denis):
        make_deal(f"Idle of {user.name}", by=user)
        task(f"Task of {user.name}", user, NOW, make_deal(f"Busy of {user.name}", by=user))
    own = [("today", "Task of Anna Arlova"), ("idle", "Idle of Anna Arlova")]
    assert told(day_of(anna)) == own
    assert told(day_of(clara)) == []
    team = day_of(clara, only_own=False)
    assert sorted(told(team)) == sorted([*own, ("today", "Task of Boris Belov"), ("idle", "Idle of Boris Belov")])
    assert {item.person.name for item in team.items if item.person} == {anna.name, boris.name}
    assert day_of(admin, only_own=False).total == 6
    assert day_of(anna, only_own=False).total == 2  # a rep of a closed team sees no more than this


def test_what_a_task_is_about_shows_only_to_those_who_see_it(
    anna: User, boris: User, clara: User, denis: User, stages: list[Stage]
) -> None:
    deal = make_deal("Given away", by=anna)
    task("Call them", anna, NOW, deal)
    task("Private matter", anna, NOW)
    company = save_client(model=Company, by=anna, name="Vektor")
    add_task(title="Send a card", due_at=NOW, by=anna, record="company", record_id=company.pk)
    assert {title for _reason, title in told(day_of(clara, only_own=False))} == {"Call them", "Send a card"}
    Deal.objects.filter(pk=deal.pk).update(owner=denis, team=denis.team)
    own = day_of(anna)
    assert {title for _reason, title in told(own)} == {"Call them", "Private matter", "Send a card"}
    assert [item.deal for item in own.items] == [None, None, None]
    assert {title for _reason, title in told(day_of(clara, only_own=False))} == {"Send a card"}
    # The new owner has to know that somebody else's step is due.
    [item] = day_of(denis).items
    assert (item.reason, item.deal, item.step.task.assignee) == ("today", deal, anna)  # type: ignore[union-attr]


def test_an_open_team_sees_its_days(anna: User, boris: User, north: Team, stages: list[Stage], client: Client) -> None:
    make_deal("Boris has it", by=boris)
    client.force_login(anna)
    assert "whose=team" not in client.get(reverse("my_day")).content.decode()
    Team.objects.update(is_open=True)
    assert client.get(reverse("my_day")).context["whose"] == "mine"
    assert "Boris has it" in client.get(reverse("my_day"), {"whose": "team"}).content.decode()


def wrote(subject: str, by: User, record: Any, *, hours: float = 2, **fields: Any) -> Message:
    """Somebody wrote to us about a record, so many hours ago."""
    about = {"record": record._meta.model_name, "record_id": record.pk}
    at = NOW - timedelta(hours=hours)
    return record_message(channel="email", direction="in", sender="a@b.example", subject=subject, at=at, by=by, **about, **fields)[0]


def test_an_inquiry_waits_until_somebody_answers(anna: User, stages: list[Stage]) -> None:
    vera = save_client(model=Contact, by=anna, name="Vera")
    task("Overdue", anna, NOW - timedelta(days=1))
    wrote("Price?", anna, vera, hours=5)
    wrote("Hello?", anna, vera, hours=1)
    day = day_of(anna)
    [first, second] = day.items
    assert (first.reason, first.title, first.client, first.others) == ("inquiry", "Price?", vera, 1)
    assert first.waits == 5 * 3600
    assert (second.reason, day.counts) == ("overdue", {"inquiry": 1, "overdue": 1})
    call = log_call(record="contact", record_id=vera.pk, by=anna, at=NOW)
    assert [item.reason for item in day_of(anna).items] == ["overdue"]
    delete_call(call_id=call.pk, by=anna)
    assert [item.reason for item in day_of(anna).items] == ["inquiry", "overdue"]
    record_message(channel="email", direction="out", record="contact", record_id=vera.pk, body="This much.", by=anna)
    assert [item.reason for item in day_of(anna).items] == ["overdue"]


def test_an_inquiry_answered_elsewhere(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    vera = save_client(model=Contact, by=anna, name="Vera")
    wrote("Price?", anna, vera)
    about = {"record": "contact", "record_id": vera.pk}
    client.force_login(boris)
    assert client.post(reverse("inquiry_answers"), about).status_code == 404
    client.force_login(anna)
    answer = client.post(reverse("inquiry_answers"), about)
    assert day_of(anna).items == []
    at = answer.context["told"].fields["at"]
    assert client.post(reverse("inquiry_answers_undo"), about | {"at": "rubbish"}).status_code == 422
    client.post(reverse("inquiry_answers_undo"), about | {"at": at})
    assert [item.title for item in day_of(anna).items] == ["Price?"]


def test_whose_inquiries_they_are(anna: User, boris: User, clara: User, denis: User, admin: User, stages: list[Stage]) -> None:
    vera = save_client(model=Contact, by=anna, name="Vera")
    nobodys = save_client(model=Contact, by=anna, name="New one")
    Contact.objects.filter(pk=nobodys.pk).update(owner=None)
    wrote("To Anna", anna, vera)
    wrote("To whoever is first", anna, nobodys)
    deal = make_deal("Tender", by=boris)
    wrote("To Boris", boris, deal)

    def titles(viewer: User, *, only_own: bool = True) -> set[str]:
        return {item.title for item in day_of(viewer, only_own=only_own).items if item.message}

    assert titles(anna) == {"To Anna", "To whoever is first"}
    assert titles(boris) == {"To Boris", "To whoever is first"}
    assert titles(denis) == titles(denis, only_own=False) == set()
    assert titles(clara, only_own=False) == titles(admin, only_own=False) == {"To Anna", "To Boris", "To whoever is first"}
    # The deal stands there once.
    assert [item.reason for item in day_of(boris).items] == ["inquiry", "inquiry"]


def test_whoever_writes_again_is_heard_though_put_off(anna: User, stages: list[Stage]) -> None:
    vera = save_client(model=Contact, by=anna, name="Vera")
    wrote("Price?", anna, vera)
    snooze(record="contact", record_id=vera.pk, until=NOW + timedelta(days=1), by=anna)
    assert day_of(anna).items == []
    wrote("Urgent!", anna, vera, hours=0)
    assert [item.title for item in day_of(anna).items] == ["Urgent!"]


def test_what_is_put_off_comes_back_in_its_time_and_only_for_who_put_it_off(anna: User, clara: User, stages: list[Stage]) -> None:
    deal = make_deal("Idle", by=anna)
    snooze(record="deal", record_id=deal.pk, until=NOW + timedelta(hours=3), by=anna)
    assert told(day_of(anna)) == []
    assert day_of(anna).counts == {}
    assert told(day_of(clara, only_own=False)) == [("idle", "Idle")]
    assert told(my_day(viewer=anna, only_own=True, now=NOW + timedelta(hours=3), zone=MOSCOW)) == [("idle", "Idle")]
    # A task about it that is due stands there all the same.
    task("Call", anna, NOW, deal)
    assert told(day_of(anna)) == [("today", "Call")]


def test_snoozing_by_the_page(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal("Idle", by=anna)
    fields = {"record": "deal", "record_id": deal.pk}
    client.force_login(boris)
    assert client.post(reverse("snoozes"), fields | {"day": "tomorrow"}).status_code == 404
    client.force_login(anna)
    assert client.post(reverse("snoozes"), fields | {"day": "never"}).status_code == 422
    answer = client.post(reverse("snoozes"), fields | {"day": "tomorrow"})
    assert f'data-undo="{reverse("snooze_undo")}"' in answer.content.decode()
    assert Snooze.objects.get().until == datetime(2026, 11, 26, tzinfo=MOSCOW)
    client.post(reverse("snoozes"), fields | {"day": "next_week"})
    assert Snooze.objects.get().until == datetime(2026, 12, 2, tzinfo=MOSCOW)
    assert "Idle" not in client.get("/").content.decode()
    client.post(reverse("snooze_undo"), fields)
    assert "Idle" in client.get("/").content.decode()


def test_it_costs_the_same_however_much_there_is(anna: User, boris: User, clara: User, admin: User, stages: list[Stage]) -> None:
    def happen() -> None:
        for user in (anna, boris):
            company = save_client(model=Company, by=user, name="Vektor")
            make_deal("Idle", by=user, company=company)
            task("Due", user, NOW, make_deal("Busy", by=user, company=company))
            task("Tomorrow", user, NOW + timedelta(days=1), make_deal("Busy", by=user))
            add_task(title="Card", due_at=NOW, by=user, record="company", record_id=company.pk)
            wrote("Price?", user, company)
            task("Somebody else's", user, NOW, make_deal("Shared", by=user), assignee=admin)

    happen()
    for viewer, only_own in ((anna, True), (clara, False), (admin, False)):
        costs = []
        for _again in range(2):
            with CaptureQueriesContext(connection) as queries:
                day_of(viewer, only_own=only_own)
            costs.append(len(queries))
            happen()
        assert costs[0] == costs[1] <= 11


def test_the_page_begins_with_the_days_that_one_leads(anna: User, clara: User, admin: User, stages: list[Stage], client: Client) -> None:
    make_deal("Idle", by=anna)
    for user, whose in ((anna, "mine"), (clara, "team"), (admin, "team")):
        client.force_login(user)
        answer = client.get("/")
        assert answer.context["whose"] == whose
        assert "Idle" in answer.content.decode()
    assert "Idle" not in client.get("/", {"whose": "mine"}).content.decode()
    for nonsense in ({"whose": "x"}, {"reason": "x"}, {"show": "x"}, {"show": "9" * 40}, {"reason": "\0"}):
        assert "Idle" in client.get("/", nonsense).content.decode()
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert len(queries) <= 16


def test_an_empty_day_is_a_good_one(anna: User, client: Client) -> None:
    client.force_login(anna)
    html = client.get("/").content.decode()
    assert f'href="{reverse("board")}"' in html.split('class="empty')[1]


def test_only_the_list_when_asked_for_it(anna: User, stages: list[Stage], client: Client) -> None:
    make_deal("Idle", by=anna)
    client.force_login(anna)
    html = client.get("/", headers={"X-Part": "list"}).content.decode()
    assert "Idle" in html
    assert "<html" not in html


class TestInTheBrowser:
    @pytest.fixture(autouse=True)
    def at_noon(self) -> None:
        """The browser's server has its own clock: now."""

    def test_a_day_is_worked_off(self, anna: User, stages: list[Stage], new_page: Callable[..., Page], language: str) -> None:
        now = timezone.now()
        busy = make_deal("Поставка", by=anna, company="Вектор")
        task("Позвонить", anna, now - timedelta(days=2), busy)
        idle = make_deal("Idle", by=anna)
        page = new_page(anna, language=language)
        page.goto("/")
        lines = page.locator("[data-my-day] [data-reason]")
        expect(lines).to_have_count(2)
        check_accessibility(page)
        page.get_by_role("checkbox").click()
        # The step is done, and the deal has none now.
        expect(page.locator(f'[data-deal-id="{busy.pk}"][data-reason="idle"]')).to_be_visible()
        page.locator(".note-toast button").first.click()
        expect(page.locator(f'[data-deal-id="{busy.pk}"][data-reason="overdue"]')).to_be_visible()
        page.locator('[data-reason="overdue"] [data-day="tomorrow"]').click()
        expect(page.locator("[data-my-day] section").first.locator("[data-reason]")).to_have_count(1)
        line = page.locator(f'[data-deal-id="{idle.pk}"]')
        line.locator("[data-reschedule]").click()
        line.locator("[name=title]").fill("Написать")
        line.locator("[name=due]").fill("через 3 дня")
        line.locator("[name=due]").press("Enter")
        expect(page.locator('[data-reason="idle"]')).to_have_count(0)
        assert Deal.objects.filter(next_step_on=None).count() == 0
        expect(page.locator(".empty")).to_be_visible()
        check_accessibility(page)

    def test_a_day_by_keyboard_alone(self, anna: User, stages: list[Stage], new_page: Callable[..., Page], language: str) -> None:
        now = timezone.now()
        busy = make_deal("Поставка", by=anna)
        task("Позвонить", anna, now - timedelta(days=2), busy)
        idle = make_deal("Станки", by=anna)
        page = new_page(anna, language=language)
        page.goto("/")
        press = page.keyboard.press
        focused = page.locator("[data-my-day] [data-reason]:focus")
        heading = page.locator("#drawer [data-deal-heading]")
        press("ArrowDown")
        expect(focused).to_have_attribute("data-deal-id", str(busy.pk))
        press("Enter")
        expect(heading).to_have_text("Поставка")
        check_accessibility(page)
        press("j")
        expect(heading).to_have_text("Станки")
        expect(focused).to_have_attribute("data-deal-id", str(idle.pk))
        press("Escape")
        expect(page.locator("#drawer")).to_be_hidden()
        expect(focused).to_have_attribute("data-deal-id", str(idle.pk))
        press("s")  # put off
        expect(page.locator(f'[data-deal-id="{idle.pk}"]')).to_have_count(0)
        expect(focused).to_have_attribute("data-deal-id", str(busy.pk))
        press("Control+z")
        expect(page.locator(f'[data-deal-id="{idle.pk}"]')).to_be_visible()
        with page.expect_response("**/calls/"):
            press("n")  # nobody picked up, which changes nothing here
        assert Call.objects.get().record_id == busy.pk
        press("d")  # done
        expect(page.locator(f'[data-deal-id="{busy.pk}"]')).to_have_attribute("data-reason", "idle")
        expect(focused).to_have_count(1)
        press("p")
        page.keyboard.type("Написать")
        press("Enter")
        expect(page.locator('[data-reason="planned"]')).to_have_count(1)
        assert Task.objects.filter(done_at=None).count() == 1

    def test_a_deal_opened_beside_the_day_is_closed_by_the_way_back(
        self, anna: User, stages: list[Stage], new_page: Callable[..., Page]
    ) -> None:
        deal = make_deal("Станки", by=anna)
        page = new_page(anna)
        page.goto("/")
        page.get_by_role("link", name="Станки").click()
        expect(page.locator("#drawer [data-deal-heading]")).to_be_focused()
        assert f"deal={deal.pk}" in page.url
        page.locator('#drawer [data-outcome="won"]').click()
        expect(page.locator('#drawer [data-outcome="reopened"]')).to_be_visible()
        expect(page.locator(f'[data-my-day] [data-deal-id="{deal.pk}"]')).to_have_count(0)
        page.go_back()
        expect(page.locator("#drawer")).to_be_hidden()
        page.reload()
        expect(page.locator(".empty")).to_be_visible()

    def test_a_colleagues_change_comes_in(self, anna: User, clara: User, stages: list[Stage], new_page: Callable[..., Page]) -> None:
        renewals = make_pipeline("Renewals").stages.order_by("position")[0]  # not the pipeline that a board opens with
        deal = make_deal("Vektor", by=anna, stage=renewals)
        page = new_page(clara)
        with page.expect_response("**/events/**"):
            page.goto("/")
        expect(page.locator(f'[data-deal-id="{deal.pk}"][data-reason="idle"]')).to_be_visible()
        page.locator('html[data-connection="live"]').wait_for(state="attached")
        task("Call", anna, timezone.now() - timedelta(days=1), deal)
        expect(page.locator(f'[data-deal-id="{deal.pk}"][data-reason="overdue"]')).to_be_visible(timeout=10_000)
        # An inquiry comes in while Clara is on a line, and she stays there; a deal that she begins from it opens beside the list.
        page.keyboard.press("j")
        contact = save_client(model=Contact, by=clara, name="Vera", company="Romashka")
        record_message(channel="chat", direction="in", record="contact", record_id=contact.pk, body="Price?", by=clara)
        expect(page.locator("[data-message]")).to_be_visible(timeout=10_000)
        expect(page.locator(f'[data-deal-id="{deal.pk}"][data-reason="overdue"]')).to_be_focused()
        page.keyboard.press("k")
        page.keyboard.press("a")
        expect(page.locator(".plan-dialog [name=title]")).to_have_value("Romashka")
        check_accessibility(page)
        page.keyboard.press("Enter")
        expect(page.locator("#drawer [data-deal-heading]")).to_have_text("Romashka")
        assert Deal.objects.get(title="Romashka").contact == contact

    def test_it_fits_a_phone(self, clara: User, anna: User, stages: list[Stage], new_page: Callable[..., Page], language: str) -> None:
        title = "Предварительная квалификация поставщиков оборудования"
        deal = make_deal(title, by=anna, amount=123_456_789, company="Научно-производственное объединение «Электроприборостроитель»")
        task(title, anna, timezone.now() - timedelta(days=2), deal)
        make_deal("Предварительнаяквалификация" * 3, by=anna)
        page = new_page(clara, language=language, width=390, height=800, touch=True)
        page.goto("/")
        expect(page.locator("[data-my-day] [data-reason]")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        check_accessibility(page)
