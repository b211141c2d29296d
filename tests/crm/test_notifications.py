"""What people are told: once, in their own bell, with their own rights."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect

from crm import notices
from crm.models import Company, Letter, Notification, User
from crm.queries.notifications import bell_of, notifications_of
from crm.services.notifications import notify
from pipeline.models import Stage
from tests.accessibility import check_accessibility
from tests.browser import Stack
from tests.crm.test_streams import heard, stream
from tests.factories import make_deal
from tests.pipeline.test_api import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    """A kind of notification that says what it is given."""
    notices.register(notices.Notice("test", "bell", lambda words: words.get("text", "Told")))
    yield
    notices._notices.pop("test")


def tell(user: User, text: str, **options: object) -> Notification | None:
    return notify(user=user, kind="test", key=text, text=text, **options)


def test_the_same_key_tells_the_same_person_once(anna: User, boris: User) -> None:
    assert tell(anna, "Hello", by_mail=True) is not None
    assert tell(anna, "Hello", by_mail=True) is None
    assert tell(boris, "Hello") is not None
    assert [(told.user, told.key) for told in Notification.objects.order_by("id")] == [(anna, "Hello"), (boris, "Hello")]
    assert Letter.objects.count() == 1


def test_what_is_rolled_back_was_never_told(anna: User) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(anna, "Hello")
        1 / 0  # noqa: B018
    assert not Notification.objects.exists()


def test_whoever_has_left_is_told_nothing_and_whoever_wants_no_mail_gets_none(anna: User, boris: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    User.objects.filter(pk=boris.pk).update(gets_mail=False)
    assert tell(User.objects.get(pk=anna.pk), "Hello") is None
    assert tell(User.objects.get(pk=boris.pk), "Hello", by_mail=True) is not None
    assert not Letter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_tell_once(anna: User) -> None:
    def one(_turn: int) -> bool:
        try:
            return tell(anna, "Hello") is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(one, range(12))) == [False] * 11 + [True]


def test_the_bell_counts_the_unread_and_stops_at_a_hundred(anna: User, boris: User, client: Client) -> None:
    for turn in range(3):
        tell(anna, f"Told {turn}")
    tell(boris, "Not hers")
    client.force_login(anna)
    page = client.get(reverse("notifications")).content.decode()
    assert "Told 2" in page
    assert "Not hers" not in page
    assert bell_of(anna).count == 3
    first = Notification.objects.filter(user=anna).earliest("id")
    client.post(reverse("notification_read", args=[first.pk]))
    assert bell_of(anna).count == 2
    assert "Told 0" not in client.get(reverse("notifications"), {"show": "unread"}).content.decode()
    client.post(reverse("notification_unread", args=[first.pk]))
    Notification.objects.bulk_create([Notification(user=anna, kind="test", key=str(turn)) for turn in range(200)])
    with CaptureQueriesContext(connection) as queries:
        assert bell_of(anna).label == "99+"
    assert len(queries) == 1


def test_reading_all_is_undone_for_those_alone(anna: User, client: Client) -> None:
    tell(anna, "Old")
    client.force_login(anna)
    client.post(reverse("notification_read", args=[Notification.objects.get().pk]))
    tell(anna, "New")
    answer = client.post(reverse("notifications_read"), headers={"HX-Request": "true"})
    assert bell_of(anna).count == 0
    undo = answer.headers["HX-Trigger"].split('"undo": "')[1].split('"')[0]
    client.post(undo)
    assert list(Notification.objects.unread().values_list("key", flat=True)) == ["New"]


def test_what_is_out_of_sight_says_nothing(anna: User, boris: User, denis: User, stages: list[Stage], client: Client) -> None:
    deal = make_deal("Theirs", by=anna)
    tell(boris, "Anna mentioned you: secret price", record="deal", record_id=deal.pk)
    tell(boris, "About nothing")
    client.force_login(boris)
    page = client.get(reverse("notifications")).content.decode()
    assert "secret price" not in page
    assert "About nothing" in page
    assert "secret price" not in client.get(reverse("notifications_bell")).content.decode()
    answer = client_of(boris).get("/api/v1/notifications/").json()["results"]
    assert {(told["text"], told["is_gone"], told["url"]) for told in answer} == {("", True, ""), ("About nothing", False, "")}
    tell(anna, "Somebody won your deal", record="deal", record_id=deal.pk)
    client.force_login(anna)
    assert f'href="{reverse("deal", args=[deal.pk])}"' in client.get(reverse("notifications")).content.decode()
    assert client_of(denis).get("/api/v1/notifications/").json()["results"] == []


def test_the_page_costs_the_same_however_much_there_is(anna: User, stages: list[Stage], client: Client) -> None:
    company, deal = Company.objects.create(name="Vektor", owner=anna, team=anna.team), make_deal(by=anna)
    client.force_login(anna)
    costs = []
    for size in (1, 60):
        for turn in range(size):
            tell(anna, f"{size} company {turn}", record="company", record_id=company.pk)
            tell(anna, f"{size} deal {turn}", record="deal", record_id=deal.pk)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("notifications")).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 8
    seen: list[int] = []
    while page := notifications_of(anna, before=seen[-1] if seen else None, limit=50):
        seen += [told.row.pk for told in page]
    assert seen == list(Notification.objects.order_by("-id").values_list("pk", flat=True))


def test_the_api_reads_one_and_all(anna: User) -> None:
    for text in ("One", "Two", "Three"):
        tell(anna, text)
    api = client_of(anna)
    first = api.get("/api/v1/notifications/?unread=true").json()["results"][0]
    assert first["text"] == "One"
    assert api.post(f"/api/v1/notifications/{first['id']}/read/").json()["read_at"] is not None
    assert [told["text"] for told in api.get("/api/v1/notifications/?unread=true").json()["results"]] == ["Two", "Three"]
    assert api.post("/api/v1/notifications/read/").json() == {"read": 2}
    assert api.get("/api/v1/notifications/?unread=maybe").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_own_stream_says_that_there_is_news_and_nothing_of_others(
    live_stack: Stack, anna: User, boris: User, stages: list[Stage]
) -> None:
    with stream(live_stack, stages[0].pipeline_id, anna) as response:
        events = heard(response)
        assert next(events)[0] == "hello"
        tell(boris, "Not hers")
        tell(anna, "Hers")
        assert next(events) == ("told", {})


@pytest.mark.django_db(transaction=True)
def test_news_arrive_while_one_looks(new_page: object, live_stack: Stack, anna: User, stages: list[Stage]) -> None:
    deal = make_deal("Vektor", by=anna)
    page: Page = new_page(anna)  # type: ignore[operator]
    page.goto("/contacts/")
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    expect(page.locator(".side [data-bell]")).to_be_hidden()
    notify(user=anna, kind="task.assigned", key="x", record="deal", record_id=deal.pk, by="Clara Chen", title="Call Vektor")
    expect(page.locator(".side [data-bell]")).to_have_text("1")
    toast = page.locator(".note-toast")
    expect(toast).to_contain_text("Clara Chen gave you a task: Call Vektor")
    toast.get_by_role("button", name="Open").click()
    expect(page).to_have_url(f"{live_stack.url}/deals/{deal.pk}/")
    expect(page.locator(".side [data-bell]")).to_be_hidden()
    page.goto("/notifications/")
    check_accessibility(page)
    page.get_by_role("button", name="Mark as unread").click()
    expect(page.locator(".side [data-bell]")).to_have_text("1")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".side [data-bell]")).to_be_hidden()
