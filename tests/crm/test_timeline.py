"""One timeline: merged by time, paged without loss, filtered, and only of what its reader sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm import timeline
from crm.models import Attachment, Call, Company, Contact, Event, Meeting, Message, Note, User
from crm.services.calls import log_call
from crm.services.clients import save_client
from crm.services.meetings import cancel_meeting, close_meeting, plan_meeting
from crm.services.messages import record_message
from crm.services.notes import add_note
from crm.services.tasks import add_task, finish_task
from crm.timeline import Key, Subject
from pipeline.models import Deal, LostReason, Stage
from pipeline.services.deals import edit_deal
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal, reopen_deal
from tests.accessibility import check_accessibility
from tests.factories import make_deal

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def write(record: str, record_id: int, at: datetime, author: User | None = None) -> None:
    """One of everything that is said, at the same instant."""
    about: dict[str, Any] = {"record": record, "record_id": record_id}
    Note.objects.create(body="A note", created_at=at, author=author, **about)
    Call.objects.create(body="A call", at=at, author=author, **about)
    Meeting.objects.create(title="A meeting", starts_at=at, ends_at=at + timedelta(hours=1), zone="UTC", created_by=author, **about)
    Message.objects.create(body="A message", sender="ivan@vektor.example", at=at, **about)
    Attachment.objects.create(name="offer.pdf", size=1, content_type="application/pdf", sha256="0" * 64, at=at, **about)
    Event.objects.create(type=f"{record}.edited", payload={"changes": {"title": ["a", "b"]}}, at=at, actor=author, **about)
    Event.objects.create(type="task.added", payload={"title": "A task"}, at=at, actor=author, **about)


def pages(subjects: list[Subject], *, limit: int, **asked: Any) -> list[str]:
    """All keys of a timeline, read page by page."""
    keys: list[str] = []
    before = None
    while True:
        page = timeline.read(subjects, before=before, limit=limit, **asked)
        keys += [str(entry.key) for entry in page.entries]
        if not page.next:
            return keys
        before = Key.read(page.next)
        assert before is not None


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 100])
def test_pages_neither_lose_nor_repeat_where_much_happened_at_one_instant(anna: User, stages: list[Stage], limit: int) -> None:
    deal = make_deal(by=anna)
    other = make_deal(by=anna)
    for at in (THEN, THEN, THEN + timedelta(microseconds=1), THEN + timedelta(days=1)):
        write("deal", deal.pk, at)
        write("deal", other.pk, at)
    subjects = [Subject("deal", deal.pk), Subject("deal", other.pk)]
    keys = pages(subjects, limit=limit)
    assert len(keys) == len(set(keys)) == 2 * (4 * 7 + 1)
    assert keys == [str(entry.key) for entry in timeline.read(subjects, limit=300).entries]
    instants = [int(key.split("-")[0]) for key in keys]
    assert instants == sorted(instants, reverse=True)


def test_everything_that_happened_to_a_deal_is_told_once(anna: User, boris: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal("Racks", by=anna)
    add_note(record="deal", record_id=deal.pk, body="Likes tea", by=anna)
    finish_task(task_id=add_task(title="Ring up", due_at=timezone.now(), by=anna, record="deal", record_id=deal.pk).pk, by=anna)
    edit_deal(deal_id=deal.pk, changes={"title": "Shelves"}, by=anna)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    reason = LostReason.objects.create(name="Price")
    close_deal(deal_id=deal.pk, outcome="lost", lost_reason=reason.pk, by=anna)
    reopen_deal(deal_id=deal.pk, by=anna)
    edit_deal(deal_id=deal.pk, changes={"owner": boris}, by=anna)
    page = timeline.read([Subject("deal", deal.pk)])
    assert [entry.kind for entry in page.entries] == [
        "deal.edited", "reopened", "lost", "moved", "deal.edited", "task.done", "task.added", "note", "created",
    ]  # fmt: skip
    assert [entry.more["changes"] for entry in page.entries if entry.source.key == "change"] == [
        [("owner", "Anna Arlova", "Boris Belov")],
        [("title", "Racks", "Shelves")],
    ]
    client.force_login(boris)
    words = client.get(reverse("deal", args=[deal.pk])).content.decode()
    for said in (
        "Likes tea",
        "Task done: Ring up",
        "title Racks → Shelves",
        "Moved to “Qualified”",
        "Lost: Price",
        "Reopened in “Qualified”",
    ):
        assert said in words, said


def test_a_companys_timeline_is_that_of_its_people_and_deals_as_far_as_one_sees(
    anna: User, boris: User, denis: User, stages: list[Stage], client: Client
) -> None:
    company = save_client(model=Company, by=anna, name="Vektor")
    person = save_client(model=Contact, by=anna, name="Petr", company=company)
    stranger = save_client(model=Contact, by=anna, name="Fremd", company=company)
    Contact.objects.filter(pk=stranger.pk).update(owner=denis, team=denis.team)
    own = make_deal("Racks", by=anna, company=company, contact=person)
    hidden = make_deal("Hidden", by=boris, company=company)
    for record, row in (("company", company), ("contact", person), ("contact", stranger), ("deal", own), ("deal", hidden)):
        Note.objects.create(record=record, record_id=row.pk, body=f"About {row}", author=anna)
    client.force_login(anna)

    def told(name: str, row: Any) -> set[str]:
        return set(re.findall(r"About (\w+)", client.get(reverse(name, args=[row.pk])).content.decode()))

    assert told("company", company) == {"Vektor", "Petr", "Racks"}
    assert told("contact", person) == {"Petr", "Racks"}
    assert told("deal", own) == {"Racks"}
    page = client.get(reverse("company", args=[company.pk])).content.decode()
    assert f'<a href="/deals/{own.pk}/">Racks</a></p>' in re.sub(r"\s+</p>", "</p>", page)
    assert "Hidden" not in page
    assert "Fremd" not in page


def test_meetings_are_told_with_who_came_and_what_came_of_it(
    anna: User, boris: User, clara: User, stages: list[Stage], client: Client
) -> None:
    deal = make_deal("Racks", by=anna)
    now = timezone.now()

    def plan(title: str, at: datetime, **more: Any) -> Meeting:
        return plan_meeting(title=title, starts_at=at, ends_at=at + timedelta(hours=1), by=anna, record="deal", record_id=deal.pk, **more)

    held = plan("Demo", now - timedelta(days=2), colleagues=[anna, boris])
    close_meeting(meeting_id=held.pk, outcome="held", note="They want a trial", by=anna)
    close_meeting(meeting_id=plan("Lunch", now - timedelta(days=1)).pk, outcome="no_show", by=anna)
    cancel_meeting(meeting_id=plan("Talk", now + timedelta(days=1)).pk, by=anna)
    plan("Signing", now + timedelta(days=2))
    page = timeline.read([Subject("deal", deal.pk)], kinds=["meeting"])
    assert [(entry.row.title, entry.kind) for entry in page.entries] == [
        ("Signing", "meeting-coming"), ("Talk", "meeting-cancelled"), ("Lunch", "meeting-missed"), ("Demo", "meeting"),
    ]  # fmt: skip
    client.force_login(clara)
    words = client.get(f"/deals/{deal.pk}/?kind=meeting").content.decode()
    assert (
        f'<a href="/meetings/{held.pk}/" data-plan>Demo</a> · <span class="entry-outcome">Held</span> · Anna Arlova, Boris Belov' in words
    )
    assert "They want a trial" in words
    # What lies ahead is no news, however lately one looked.
    assert not re.search(r"kind-meeting-coming[^\"]* is-new", words)


def test_chips_narrow_it_down_and_stay_in_the_address(anna: User, stages: list[Stage], client: Client) -> None:
    company = save_client(model=Company, by=anna, name="Vektor")
    write("company", company.pk, THEN, anna)
    client.force_login(anna)

    def shown(query: str) -> list[str]:
        answer = client.get(f"/companies/{company.pk}/{query}")
        return [entry.source.key for entry in answer.context["timeline"].page.entries]

    assert shown("?kind=call") == ["call"]
    assert shown("?kind=note&kind=message") == ["message", "note"]
    assert shown("?kind=nonsense") == shown("")
    assert len(shown("")) == 8  # the seven, and that it was added
    page = client.get(f"/companies/{company.pk}/?kind=call").content.decode()
    assert f'href="/companies/{company.pk}/"' in page
    assert f'href="/companies/{company.pk}/?kind=call&amp;kind=note"' in page or "kind=note&amp;kind=call" in page
    assert 'aria-current="true"' in page


def test_show_earlier_goes_on_where_the_page_ended(anna: User, stages: list[Stage], client: Client) -> None:
    company = save_client(model=Company, by=anna, name="Vektor")
    for number in range(timeline.SHOWN + 5):
        Note.objects.create(record="company", record_id=company.pk, body=f"Note {number:02}", created_at=THEN + timedelta(hours=number))
    client.force_login(anna)
    first = client.get(f"/companies/{company.pk}/?kind=note").content.decode()
    assert re.findall(r"Note (\d\d)", first) == [f"{number:02}" for number in range(34, 4, -1)]
    found = re.search(r'hx-get="([^"]+before[^"]+)"', first)
    assert found
    rest = client.get(found[1].replace("&amp;", "&")).content.decode()
    assert re.findall(r"Note (\d\d)", rest) == ["04", "03", "02", "01", "00"]
    assert "data-timeline" not in rest
    assert "Show earlier" not in rest
    again = client.get(reverse("timeline", args=["company", company.pk]), {"kind": "note", "shown": "35"}).content.decode()
    assert len(re.findall(r"Note (\d\d)", again)) == 35


@pytest.mark.parametrize(
    "before", ["", "x", "1-note", "1-note-2-3", "9" * 19 + "-note-1", "-99999999999999999-note-1", "1-x\0-1", "٣-note-1"]
)
def test_nonsense_in_the_address_begins_at_the_start(anna: User, stages: list[Stage], client: Client, before: str) -> None:
    deal = make_deal(by=anna)
    client.force_login(anna)
    assert client.get(reverse("timeline", args=["deal", deal.pk]), {"before": before, "shown": before}).status_code == 200


def test_the_timeline_of_what_one_does_not_see_is_not_found(boris: User, anna: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal(by=anna)
    client.force_login(boris)
    for record, number in (("deal", deal.pk), ("deal", 10**9), ("user", anna.pk), ("task", 1)):
        assert client.get(reverse("timeline", args=[record, number])).status_code == 404
    client.logout()
    assert client.get(reverse("timeline", args=["deal", deal.pk])).status_code == 302


def test_another_company_is_named_to_those_who_see_it(anna: User, denis: User, stages: list[Stage], client: Client) -> None:
    known, hidden = (save_client(model=Company, by=user, name=f"Firm of {user.name}") for user in (anna, denis))
    contact = save_client(model=Contact, by=anna, name="Vera", company=known)
    for company in (hidden, None, known):
        save_client(model=Contact, by=anna, pk=contact.pk, company=company)
    client.force_login(anna)
    page = client.get(reverse("contact", args=[contact.pk])).content.decode()
    assert "Firm of Anna Arlova → …" in page
    assert "– → Firm of Anna Arlova" in page
    assert hidden.name not in page


def test_a_message_that_came_in_is_not_signed_by_whose_key_brought_it(anna: User, client: Client) -> None:
    contact = save_client(model=Contact, by=anna, name="Vera")
    record_message(channel="chat", direction="in", record="contact", record_id=contact.pk, sender="Vera", body="Price?", by=anna)
    client.force_login(anna)
    assert "taken in by Anna Arlova" in client.get(reverse("contact", args=[contact.pk])).content.decode()


def test_it_costs_one_query_a_kind_however_many_records_and_entries(anna: User, stages: list[Stage]) -> None:
    def cost(company: Company) -> int:
        with CaptureQueriesContext(connection) as told:
            subjects = timeline.subjects_of("company", company.pk, anna)
            timeline.read(subjects)
        return len(told)

    company = save_client(model=Company, by=anna, name="Vektor")
    person = save_client(model=Contact, by=anna, name="Petr", company=company)
    deal = make_deal(by=anna, company=company)
    write("contact", person.pk, THEN)
    write("deal", deal.pk, THEN)
    first = cost(company)
    for number in range(12):
        person = save_client(model=Contact, by=anna, name=f"Petr {number}", company=company)
        write("contact", person.pk, THEN + timedelta(hours=number), anna)
        write("deal", make_deal(by=anna, company=company).pk, THEN, anna)
    # People, deals, one for each source, and one for who comes to meetings.
    assert cost(company) == first == 3 + len(timeline.sources())
    Deal.objects.all().update(company=None)
    assert cost(company) == first - 1  # no deal, no moves


# In the browser


def test_what_a_colleague_says_arrives_by_itself_on_the_page_and_in_the_drawer(
    anna: User, clara: User, stages: list[Stage], new_page: Callable[..., Page]
) -> None:
    company = save_client(model=Company, by=anna, name="Vektor")
    deal = make_deal("Racks", by=anna, company=company)
    page, board = new_page(anna), new_page(anna)
    page.goto(f"/companies/{company.pk}/")
    board.goto(f"/board/?deal={deal.pk}")
    for shown in (page, board):
        expect(shown.locator("html[data-connection=live]")).to_have_count(1)
    expect(board.locator("#drawer [data-timeline]")).to_be_visible()
    with page.expect_request("**/timeline/company/**"):
        log_call(record="company", record_id=company.pk, body="They want shelves", by=clara)
    expect(page.locator("[data-timeline]")).to_contain_text("They want shelves")
    with board.expect_response(lambda answer: f"record=deal-{deal.pk}" in answer.url or "timeline" in answer.url):
        add_note(record="deal", record_id=deal.pk, body="Twelve of them", by=clara)
    expect(board.locator("#drawer [data-timeline]")).to_contain_text("Twelve of them")


def test_a_day_of_notes_and_calls_needs_no_mouse(anna: User, boris: User, stages: list[Stage], new_page: Callable[..., Page]) -> None:
    company = save_client(model=Company, by=anna, name="Vektor")
    page = new_page(anna)
    page.goto(f"/companies/{company.pk}/")
    page.keyboard.press("n")
    page.keyboard.type("Ask @bor")
    expect(page.locator("[role=option]")).to_have_text("Boris Belov")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry-note .mention")).to_have_text("@Boris Belov")
    expect(page.locator(".note-toast").last).to_contain_text("Boris Belov")  # he does not see it, and she is told
    page.keyboard.press("n")
    page.keyboard.press("Escape")  # out of the field, where the letters are keys
    page.keyboard.press("c")
    page.keyboard.type("Two weeks")
    page.locator(".call-form [name=when]").fill("tomorrow")
    page.keyboard.press("Enter")
    expect(page.locator(".call-form .field-error")).to_be_visible()
    expect(page.locator(".call-form [name=words]")).to_have_value("Two weeks")
    check_accessibility(page)
    page.locator(".call-form [name=when]").fill("")
    page.locator(".call-form [name=minutes]").press("Control+Enter")
    expect(page.locator(".entry-call")).to_contain_text("Two weeks")
    page.locator("h1").click()
    page.keyboard.press("Shift+C")
    expect(page.locator(".kind-call-missed")).to_have_count(1)
    page.locator(".note-toast").last.locator("button").first.click()
    expect(page.locator(".kind-call-missed")).to_have_count(0)
    check_accessibility(page)


def test_a_changed_time_is_told_by_the_readers_clock(anna: User, client: Client) -> None:
    User.objects.filter(pk=anna.pk).update(time_zone="Asia/Tokyo")
    contact = save_client(model=Contact, by=anna, name="Vera")
    Event.objects.create(
        type="contact.edited",
        record="contact",
        record_id=contact.pk,
        payload={"changes": {"consent_at": [None, "2026-03-10T21:30:00+00:00"]}},
    )
    client.force_login(anna)
    page = client.get(reverse("timeline", args=["contact", contact.pk])).content.decode().replace("\u00a0", " ")
    assert "11 Mar" in page and "10 Mar" not in page
