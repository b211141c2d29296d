"""The pages of the settings: what an admin does there, in both languages, and that nobody else finds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm import events
from crm.marks import mark_of
from crm.models import Event, ExchangeRate, Organisation, User
from crm.services.tasks import add_task
from pipeline.models import Deal, LostReason, Pipeline, Source, Stage
from pipeline.queries.board import board
from pipeline.queries.board_filters import Filters
from pipeline.services.stages import EDITABLE, add_stage, archive_stage, edit_stage, reorder_stages
from tests.factories import make_deal, make_pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(admin: User, client: Client) -> Client:
    """The admin's browser."""
    client.force_login(admin)
    return client


def toast(response: Any) -> tuple[str, str]:
    """What the page that follows says, and where its undo leads."""
    message = next(iter(response.context["messages"]))
    return str(message), message.extra_tags


def stage_form(**changes: Any) -> dict[str, Any]:
    return {"name": "Fresh", "colour": "teal", "probability": "25", "rot_days": "", "label_ru": "Свежая", "label_en": ""} | changes


def test_index_lists_every_page(office: Client) -> None:
    page = office.get("/settings/").content.decode()
    for address in ("pipelines", "sources", "lost-reasons", "organisation", "exchange-rates"):
        assert f'href="/settings/{address}/"' in page
        assert office.get(f"/settings/{address}/").status_code == 200


def test_others_see_no_way_in(anna: User, clara: User, admin: User, client: Client, sales: Pipeline) -> None:
    for person, sees in ((anna, False), (clara, False), (admin, True)):
        client.force_login(person)
        assert ('href="/settings/"' in client.get("/board/").content.decode()) == sees


def test_stage_is_added_renamed_and_taken_back(office: Client, sales: Pipeline, stages: list[Stage]) -> None:
    response = office.post(f"/settings/pipelines/{sales.pk}/stages/", stage_form(before=stages[1].pk), follow=True)
    fresh = sales.stages.get(name="Fresh")
    assert [stage.name for stage in sales.stages.all()][:2] == ["New", "Fresh"]
    assert (fresh.labels, fresh.rot_days, fresh.colour, fresh.probability) == ({"ru": "Свежая"}, None, "teal", 25)
    words, undo = toast(response)
    assert words == "“Fresh” added"
    office.post(f"/settings/stages/{fresh.pk}/", stage_form(name="Fresher", mark=mark_of(fresh, EDITABLE)))
    assert Stage.objects.get(pk=fresh.pk).name == "Fresher"
    office.post(undo)
    assert Stage.objects.get(pk=fresh.pk).archived_at


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "Qualified"}, "already"),
        ({"name": "x" * 81}, "80"),
        ({"probability": "101"}, "100"),
        ({"probability": "much"}, "whole number"),
        ({"rot_days": "0"}, "1"),
        ({"colour": "mauve"}, "mauve"),
        ({"name": "a\0b"}, "Null"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(office: Client, stages: list[Stage], changes: dict[str, str], said: str) -> None:
    response = office.post(f"/settings/stages/{stages[0].pk}/", stage_form(**changes))
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page and 'role="alert"' in page and "Свежая" in page
    assert Stage.objects.get(pk=stages[0].pk).name == "New"


def test_second_admin_is_told_and_loses_nothing(office: Client, admin: User, stages: list[Stage]) -> None:
    mark = mark_of(stages[0], EDITABLE)
    edit_stage(stage_id=stages[0].pk, changes={"probability": 77}, by=admin)
    response = office.post(f"/settings/stages/{stages[0].pk}/", stage_form(mark=mark))
    page = response.content.decode()
    assert response.status_code == 412
    assert "Win probability, % is now “77”" in page and 'value="Fresh"' in page
    again = response.context["form"]["mark"].value()
    assert office.post(f"/settings/stages/{stages[0].pk}/", stage_form(mark=again)).status_code == 302
    assert Stage.objects.get(pk=stages[0].pk).probability == 25


def test_order_by_buttons_and_back_by_undo(office: Client, sales: Pipeline, stages: list[Stage]) -> None:
    was = ",".join(str(stage.pk) for stage in stages)
    response = office.post(f"/settings/pipelines/{sales.pk}/order/", {"was": was, "up": str(stages[2].pk)}, follow=True)
    assert [stage.name for stage in sales.stages.all()] == ["New", "Proposal", "Qualified", "Negotiation"]
    words, undo = toast(response)
    assert words == "New order saved"
    assert office.post(undo).status_code == 302
    assert [stage.name for stage in sales.stages.all()] == ["New", "Qualified", "Proposal", "Negotiation"]
    response = office.post(
        f"/settings/pipelines/{sales.pk}/order/", {"was": was[::-1], "order": was}, headers={"X-Requested-With": "fetch"}
    )
    assert response.status_code == 412 and b"data-reason" in response.content


def test_archive_asks_where_the_deals_go(office: Client, anna: User, sales: Pipeline, stages: list[Stage]) -> None:
    deals = [make_deal(f"deal {number}", by=anna, stage=stages[1]) for number in range(3)]
    address = f"/settings/stages/{stages[1].pk}/archive/"
    response = office.post(address)
    assert response.status_code == 422 and "3 open deals stand in “Qualified”" in response.content.decode()
    assert str(stages[1].pk) not in dict(response.context["form"].fields["move_to"].choices)
    assert office.post(address, {"move_to": "999"}).status_code == 422
    response = office.post(address, {"move_to": str(stages[2].pk)}, follow=True)
    assert toast(response) == ("3 deals moved, “Qualified” is archived", f"/settings/stages/{stages[1].pk}/restoration/")
    assert set(Deal.objects.values_list("stage", flat=True)) == {stages[2].pk} and len(deals) == 3
    page = office.get(f"/settings/pipelines/{sales.pk}/").content.decode()
    assert "1 archived stage" in page
    assert office.post(f"/settings/stages/{stages[1].pk}/restoration/").status_code == 302
    assert not Stage.objects.get(pk=stages[1].pk).archived_at


def test_long_history_is_told_before_it_is_reordered(
    office: Client, sales: Pipeline, stages: list[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/settings/pipelines/{sales.pk}/"
    assert "The history is long" not in office.get(address).content.decode()
    monkeypatch.setattr("pipeline.views.stages.stays_estimate", lambda: 5_000_000)
    assert "takes up to 6 minutes" in office.get(address).content.decode()


@pytest.mark.parametrize("code", ["en", "ru"])
def test_first_pipeline_begins_with_a_starting_set(office: Client, code: str) -> None:
    office.cookies[settings.LANGUAGE_COOKIE_NAME] = code
    assert 'href="/settings/pipelines/new/"' in office.get("/board/").content.decode()
    assert 'href="/settings/pipelines/new/"' in office.get("/analytics/").content.decode()
    form = office.get("/settings/pipelines/new/").context["form"]
    offered = form["stages"].value()
    response = office.post(
        "/settings/pipelines/new/", {"name": "Direct", "currency": "eur", "stages": f"{offered}\n\nSupport"}, follow=True
    )
    pipeline = Pipeline.objects.get()
    assert (pipeline.name, pipeline.currency, response.status_code) == ("Direct", "EUR", 200)
    shaped = list(pipeline.stages.all())
    assert [stage.name for stage in shaped] == [*offered.split("\n"), "Support"]
    assert [stage.probability for stage in shaped] == [14, 29, 43, 57, 71, 86]
    assert all(set(stage.labels) == {"en", "ru"} for stage in shaped[:-1]) and shaped[-1].labels == {}
    assert "data-stage-id" in office.get("/board/").content.decode()


def test_others_are_told_to_ask(client: Client, anna: User) -> None:
    client.force_login(anna)
    page = client.get("/board/").content.decode()
    assert "Ask an admin" in page and "/settings/" not in page


@pytest.mark.parametrize("stages", ["", "One\none", "x" * 81, "\n".join(f"S{n}" for n in range(31))])
def test_impossible_starting_sets_are_refused(office: Client, stages: str) -> None:
    response = office.post("/settings/pipelines/new/", {"name": "Direct", "currency": "EUR", "stages": stages})
    assert response.status_code == 422
    assert "Direct" in response.content.decode() and not Pipeline.objects.exists()


def test_pipeline_is_renamed_ordered_and_archived(office: Client, anna: User, sales: Pipeline, stages: list[Stage]) -> None:
    partners = make_pipeline("Partners", stages=("Lead",), position=1)
    for position, name in enumerate(("Zulu", "Alpha", "Mike"), start=2):
        make_pipeline(name, stages=("Lead",), position=position)
    office.post("/settings/pipelines/order/", {"was": office.get("/settings/pipelines/").context["order"], "down": str(sales.pk)})
    assert [pipeline.name for pipeline in Pipeline.objects.all()] == ["Partners", "Sales", "Zulu", "Alpha", "Mike"]
    listed = office.get("/settings/pipelines/").context["live"]
    assert [pipeline.name for pipeline in listed] == ["Partners", "Sales", "Zulu", "Alpha", "Mike"]
    Pipeline.objects.filter(position__gt=1).update(archived_at=timezone.now())
    assert office.post(f"/settings/pipelines/{sales.pk}/edit/", {"name": "partners", "currency": "EUR"}).status_code == 422
    assert office.post(f"/settings/pipelines/{sales.pk}/edit/", {"name": "Direct", "currency": "US"}).status_code == 422
    assert office.post(f"/settings/pipelines/{sales.pk}/edit/", {"name": "Direct", "currency": "USD"}).status_code == 302
    assert Pipeline.objects.get(pk=sales.pk).currency == "USD"
    deal = make_deal(by=anna, stage=stages[0])
    assert "1 open deal stands in" in office.post(f"/settings/pipelines/{sales.pk}/archive/").content.decode()
    Deal.objects.filter(pk=deal.pk).delete()
    office.post(f"/settings/pipelines/{sales.pk}/archive/")
    assert list(Pipeline.objects.live()) == [partners]
    client = Client()
    client.force_login(anna)
    refused = client.post(f"/board/{sales.pk}/deals/", {"title": "New", "stage": stages[0].pk})
    assert refused.status_code == 422 and not Deal.objects.exists()
    office.post(f"/settings/pipelines/{sales.pk}/restoration/")
    assert Pipeline.objects.live().count() == 2


@pytest.mark.parametrize(("folder", "model"), [("sources", Source), ("lost-reasons", LostReason)])
def test_lists_that_deals_choose_from(office: Client, folder: str, model: type[Source] | type[LostReason]) -> None:
    address = f"/settings/{folder}/"
    office.post(address, {"name": "Fair", "label_ru": "Выставка"})
    entry = model.objects.get()
    assert (entry.name, entry.labels) == ("Fair", {"ru": "Выставка"})
    response = office.post(address, {"name": "fair"})
    assert response.status_code == 422 and "in the list already" in response.content.decode()
    assert office.post(f"{address}{entry.pk}/", {"name": "Trade fair"}).status_code == 302
    assert office.post(f"{address}{entry.pk}/", {"name": "Fairs", "mark": "old"}).status_code == 412
    assert model.objects.get().name == "Trade fair"
    _words, undo = toast(office.post(f"{address}{entry.pk}/archive/", follow=True))
    assert not model.objects.live().exists()
    assert "Bring it back instead" in office.post(address, {"name": "Trade fair"}).content.decode()
    office.post(undo)
    assert model.objects.live().get() == entry


def test_organisation_is_set_and_checked(office: Client) -> None:
    values = {"name": "Acme", "time_zone": "Asia/Omsk", "country": "KZ", "currency": "kzt", "language": "ru"}
    assert office.post("/settings/organisation/", values).status_code == 302
    set_to = Organisation.current()
    assert (set_to.name, set_to.time_zone, set_to.currency, set_to.language) == ("Acme", "Asia/Omsk", "KZT", "ru")
    for wrong in ({"time_zone": "Mars/Base"}, {"currency": "₽"}, {"language": "de"}, {"country": "XX"}, {"name": ""}):
        response = office.post("/settings/organisation/", values | wrong)
        assert response.status_code == 422
    assert office.post("/settings/organisation/", values | {"mark": "old"}).status_code == 412
    ExchangeRate.objects.create(currency="USD", since=date(2026, 1, 1), rate=500)
    response = office.post("/settings/organisation/", values | {"currency": "EUR"})
    assert response.status_code == 422 and "counted in KZT" in response.content.decode()


def test_organisation_speaks_to_browsers_of_other_languages(client: Client) -> None:
    Organisation.objects.update_or_create(id=1, defaults={"language": "ru"})
    assert '<html lang="ru"' in client.get("/accounts/login/", headers={"Accept-Language": "fr-FR,fr;q=0.9"}).content.decode()
    assert '<html lang="en"' in client.get("/accounts/login/", headers={"Accept-Language": "fr,en;q=0.5"}).content.decode()


def test_change_of_time_zone_moves_the_days_of_next_steps(office: Client, anna: User, stages: list[Stage]) -> None:
    User.objects.filter(pk=anna.pk).update(time_zone="Europe/Moscow")  # of people without a zone of their own the tasks move along
    deal = make_deal(by=anna)
    evening = timezone.now().replace(hour=22, minute=30) + timedelta(days=3)
    add_task(title="Call", due_at=evening, by=anna, record="deal", record_id=deal.pk)
    deal.refresh_from_db()
    assert deal.next_step_on == evening.date() + timedelta(days=1)  # Moscow is three hours ahead
    office.post("/settings/organisation/", {"name": "Acme", "time_zone": "UTC", "country": "RU", "currency": "RUB", "language": "en"})
    events.dispatch(Event.objects.get(type="organisation.edited").pk)
    deal.refresh_from_db()
    assert deal.next_step_on == evening.date()


def test_rates_are_dated_and_can_be_taken_back(office: Client) -> None:
    address = "/settings/exchange-rates/"
    rate = {"currency": "usd", "since": "2026-03-01", "rate": "92,5"}
    _words, forget = toast(office.post(address, rate, follow=True))
    assert ExchangeRate.objects.get().rate == Decimal("92.5")
    _words, undo = toast(office.post(address, rate | {"rate": "93"}, follow=True))
    assert ExchangeRate.objects.get().rate == Decimal(93)
    office.post(undo)
    assert ExchangeRate.objects.get().rate == Decimal("92.5")
    office.post(forget)
    assert not ExchangeRate.objects.exists()
    for wrong in (
        {"rate": "0"},
        {"rate": "-5"},
        {"rate": "NaN"},
        {"since": "soon"},
        {"currency": "RUB"},
        {"currency": "dollar"},
        {"rate": "9" * 19},
    ):
        response = office.post(address, rate | wrong)
        assert response.status_code == 422, wrong
        assert "2026-03-01" in response.content.decode() or wrong.get("since")
    assert not ExchangeRate.objects.exists()


def test_markup_in_names_stays_text(office: Client, admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    markup = "<img src=x onerror=alert(1)>\"'"
    edit_stage(stage_id=stages[0].pk, changes={"name": markup, "labels": {"ru": markup}}, by=admin)
    for model in (Source, LostReason):
        model.objects.create(name=markup)
    office.post(f"/settings/pipelines/{sales.pk}/edit/", {"name": markup, "currency": "EUR", "label_ru": markup})
    office.post("/settings/organisation/", {"name": markup, "time_zone": "UTC", "country": "RU", "currency": "EUR", "language": "en"})
    make_deal(markup, by=admin, stage=stages[0], company=markup)
    deal = Deal.objects.get()
    addresses = [
        *(
            "/board/",
            "/board/lost-reasons/",
            f"/board/{sales.pk}/columns/",
            f"/deals/{deal.pk}/",
            "/analytics/",
            "/contacts/",
            "/companies/",
        ),
        *("/settings/", "/settings/pipelines/", f"/settings/pipelines/{sales.pk}/", f"/settings/pipelines/{sales.pk}/edit/"),
        *(
            f"/settings/stages/{stages[0].pk}/",
            f"/settings/stages/{stages[0].pk}/archive/",
            "/settings/sources/",
            "/settings/lost-reasons/",
        ),
        *("/settings/organisation/", f"/companies/{deal.company_id}/", "/help/figures/", "/nowhere/"),
    ]
    for address in addresses:
        for code in ("en", "ru"):
            office.cookies[settings.LANGUAGE_COOKIE_NAME] = code
            page = office.get(address).content.decode()
            assert "<img src=x" not in page, address
            assert "&lt;img src=x" in page or address in ("/contacts/", "/board/lost-reasons/", "/companies/", "/analytics/"), address


def test_board_costs_no_more_for_archived_stages(admin: User, sales: Pipeline, stages: list[Stage]) -> None:
    archive_stage(stage_id=stages[1].pk, by=admin)
    shown = board(pipeline=sales, viewer=admin, filters=Filters(), today=timezone.now().date(), now=timezone.now(), base_currency="EUR")
    assert [column.stage.name for column in shown.columns] == ["New", "Proposal", "Negotiation"]


@pytest.mark.django_db(transaction=True)
class TestInTheBrowser:
    """Ordering by mouse and keyboard, and what an open board makes of it."""

    def test_order_by_keyboard_says_where_the_stage_stands(self, new_page: Callable[..., Page], admin: User, stages: list[Stage]) -> None:
        page = new_page(admin)
        page.goto(f"/settings/pipelines/{stages[0].pipeline_id}/")
        button = page.get_by_role("button", name="“Qualified” one place down")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-order-say]")).to_have_text("“Qualified”: place 3 of 4")
        expect(button).to_be_focused()
        # Each order that has been saved is said, so a second one that waits for it has an undo of its own.
        toasts = page.locator(".note-toast")
        expect(toasts).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator("[data-order-say]")).to_have_text("“Qualified”: place 4 of 4")
        expect(page.get_by_role("button", name="“Qualified” one place up")).to_be_focused()
        expect(toasts).to_have_count(2)
        expect(toasts.last).to_contain_text("New order saved")
        assert [stage.name for stage in Stage.objects.order_by("position")] == ["New", "Proposal", "Negotiation", "Qualified"]
        toasts.last.get_by_role("button", name="Undo").click()
        expect(page.locator(".row-name")).to_have_text(["New", "Proposal", "Qualified", "Negotiation"])
        expect(toasts.last).to_contain_text("Back in the former order")
        assert [stage.name for stage in Stage.objects.order_by("position")] == ["New", "Proposal", "Qualified", "Negotiation"]

    def test_order_by_dragging(self, new_page: Callable[..., Page], admin: User, stages: list[Stage]) -> None:
        page = new_page(admin)
        page.goto(f"/settings/pipelines/{stages[0].pipeline_id}/")
        handles = page.locator("[data-order-handle]")
        start, end = handles.nth(0).bounding_box(), handles.nth(2).bounding_box()
        assert start and end
        page.mouse.move(start["x"] + 8, start["y"] + 8)
        page.mouse.down()
        page.mouse.move(start["x"] + 8, start["y"] + 40, steps=5)
        page.mouse.move(end["x"] + 8, end["y"] + 20, steps=10)
        page.mouse.up()
        expect(page.locator(".row-name")).to_have_text(["Qualified", "Proposal", "New", "Negotiation"])
        expect(page.locator(".note-toast").last).to_contain_text("New order saved")
        assert [stage.name for stage in Stage.objects.order_by("position")] == ["Qualified", "Proposal", "New", "Negotiation"]

    def test_list_that_is_out_of_date_is_read_again(
        self, new_page: Callable[..., Page], admin: User, sales: Pipeline, stages: list[Stage]
    ) -> None:
        page = new_page(admin)
        page.goto(f"/settings/pipelines/{sales.pk}/")
        add_stage(pipeline_id=sales.pk, name="Contract", by=admin)
        page.get_by_role("button", name="“Qualified” one place down").click()
        expect(page.locator(".row-name")).to_have_text(["New", "Qualified", "Proposal", "Negotiation", "Contract"])
        expect(page.locator(".note-toast")).to_have_count(1)
        expect(page.locator(".note-toast")).to_contain_text("Somebody else has changed the stages")

    def test_open_board_follows(self, new_page: Callable[..., Page], anna: User, admin: User, sales: Pipeline, stages: list[Stage]) -> None:
        make_deal("Vektor", by=anna, stage=stages[0])
        page = new_page(anna)
        page.goto("/board/")
        heads = page.locator("[data-stage-id] h2")
        expect(page.locator("html")).to_have_attribute("data-connection", "live")
        edit_stage(stage_id=stages[0].pk, changes={"name": "Fresh", "colour": "pink"}, by=admin)
        expect(heads).to_have_text(["Fresh", "Qualified", "Proposal", "Negotiation"])
        expect(page.locator(f'[data-stage-id="{stages[0].pk}"]')).to_have_class("col hue-pink")
        reorder_stages(pipeline_id=sales.pk, order=[stage.pk for stage in stages[::-1]], by=admin)
        expect(heads).to_have_text(["Negotiation", "Proposal", "Qualified", "Fresh"])
        add_stage(pipeline_id=sales.pk, name="Contract", by=admin)
        expect(heads).to_have_text(["Negotiation", "Proposal", "Qualified", "Fresh", "Contract"])
        archive_stage(stage_id=stages[1].pk, by=admin)
        expect(heads).to_have_text(["Negotiation", "Proposal", "Fresh", "Contract"])
        expect(page.locator("[data-deal-id]")).to_contain_text("Vektor")
