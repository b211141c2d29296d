"""Removing the demo's data: all of it goes, nothing real does, and nobody but an admin can."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from crm.demo import DEMO_LOGINS, DEMO_PASSWORD
from crm.errors import Forbidden
from crm.models import Company, Contact, Event, Meeting, Note, Organisation, Reminder, Removal, Role, Task, Team, User
from crm.services.notes import add_note
from crm.services.removals import remove_record, restore_record
from pipeline.models import (
    ChecklistTick,
    Competitor,
    Deal,
    DealTerms,
    LineItem,
    Pipeline,
    Product,
    Quote,
    QuoteCounter,
    Stage,
    StageVisit,
)
from pipeline.queries.sample_data import count_sample_data
from pipeline.services.competitors import add_rival
from pipeline.services.deals import create_deal
from pipeline.services.demo import Filled
from pipeline.services.line_items import add_item
from pipeline.services.outcomes import close_deal
from pipeline.services.quotes import create_quote
from pipeline.services.sample_data import remove_sample_data
from tests.factories import make_user
from tests.pipeline.invariants import check_invariants

LINE = "You are looking at invented data."


@pytest.fixture
def ada(demo: Filled, db: None) -> User:
    return User.objects.get(email="admin@demo.example")


def test_all_of_it_goes_and_the_frame_stays(ada: User) -> None:
    stages, teams = Stage.objects.count(), Team.objects.count()
    told = count_sample_data(viewer=ada)
    assert told.deals > 400 and told.notes > 100 and told.tasks > 100 and told.kept == 0
    assert (told.products, told.quotes) == (22, 2)
    assert remove_sample_data(by=ada) == told
    for model in (
        Deal,
        StageVisit,
        DealTerms,
        Company,
        Contact,
        Note,
        Task,
        Meeting,
        Reminder,
        Product,
        LineItem,
        Competitor,
        Quote,
        QuoteCounter,
        ChecklistTick,
    ):
        assert not model.objects.exists(), model
    assert set(Event.objects.values_list("type", flat=True)) == {"history.recorded", "sample_data.removed"}
    assert (Stage.objects.count(), Team.objects.count(), Pipeline.objects.count()) == (stages, teams, 2)
    assert not Organisation.current().has_sample_data
    check_invariants()


def test_only_the_acting_admin_still_gets_in(ada: User, client: Client) -> None:
    boss = make_user("Real Boss", role=Role.ADMIN)
    remove_sample_data(by=ada)
    assert set(User.objects.active()) == {ada, boss}
    for login in DEMO_LOGINS[:-1]:
        assert not User.objects.get(email=login.email).has_usable_password()
    remove_sample_data(by=boss)
    assert set(User.objects.active()) == {boss}


def test_real_deals_and_the_clients_they_name_stay(ada: User) -> None:
    contact = Contact.objects.select_related("company").first()
    assert contact and contact.company
    stage = Stage.objects.order_by("pipeline__position", "position")[0]
    real = create_deal(title="A real one", stage=stage.pk, by=ada, amount=Decimal(500), contact=contact)
    note = add_note(record="deal", record_id=real.pk, body="Worth keeping", by=ada)
    own = Company.objects.create(name="Own company", owner=ada)
    assert count_sample_data(viewer=ada).kept == 2
    remove_sample_data(by=ada)
    assert list(Deal.objects.all()) == [real] and list(Note.objects.filter(record="deal")) == [note]
    assert set(Company.objects.all()) == {own, contact.company} and list(Contact.objects.all()) == [contact]
    assert not Contact.objects.filter(is_sample=True).exists() and not Company.objects.filter(is_sample=True).exists()
    real.refresh_from_db()
    assert real.contact == contact
    check_invariants()


def test_what_was_invented_and_deleted_never_comes_back(ada: User) -> None:
    stage = Stage.objects.order_by("pipeline__position", "position")[0]
    contact = Contact.objects.filter(is_sample=True)[0]
    real = create_deal(title="A real one", stage=stage.pk, by=ada, contact=contact)
    for kind, record in (("deal", Deal.objects.open().filter(is_sample=True)[0]), ("contact", contact), ("deal", real)):
        remove_record(kind=kind, record_id=record.pk, by=ada)
    remove_sample_data(by=ada)
    [kept] = Removal.objects.all()
    restore_record(removal_id=kept.pk, by=ada)
    assert list(Deal.objects.values_list("title", "contact")) == [("A real one", None)]
    check_invariants()


def test_a_real_line_stays_without_its_product_and_real_quotes_keep_their_numbers(ada: User) -> None:
    stage = Stage.objects.order_by("pipeline__position", "position")[0]
    real = create_deal(title="A real one", stage=stage.pk, by=ada)
    line = add_item(deal_id=real.pk, values={"product": Product.objects.all()[0]}, by=ada)
    add_rival(deal_id=real.pk, competitor="third shelf", by=ada)
    quote = create_quote(deal_id=real.pk, language="en", by=ada)
    remove_sample_data(by=ada)
    was, line = line, LineItem.objects.get()
    assert (line.product, line.name, line.total) == (None, was.name, was.total)
    assert [competitor.name for competitor in Competitor.objects.all()] == ["Third Shelf"]
    assert Quote.objects.get() == quote and QuoteCounter.objects.get(year=quote.year).last == quote.number
    check_invariants()


def test_sample_deals_that_were_worked_on_go_too(ada: User) -> None:
    deal = Deal.objects.open().in_pipeline(Pipeline.objects.get(name="Sales"))[0]
    close_deal(deal_id=deal.pk, outcome="won", by=ada)
    add_note(record="deal", record_id=deal.pk, body="Tried it out", by=ada)
    remove_sample_data(by=ada)
    assert not Deal.objects.exists() and not Note.objects.exists()


def test_twice_changes_nothing(ada: User) -> None:
    remove_sample_data(by=ada)
    again = remove_sample_data(by=ada)
    assert (again.deals, again.companies, again.people) == (0, 0, 0)


def test_nobody_but_an_admin_removes_it(ada: User, client: Client) -> None:
    for name in ("anna", "clara"):
        person = User.objects.get(email=f"{name}@demo.example")
        with pytest.raises(Forbidden):
            remove_sample_data(by=person)
        client.force_login(person)
        assert client.get(reverse("sample_data")).status_code == 404
        assert client.post(reverse("sample_data")).status_code == 404
        assert LINE not in client.get("/profile/").content.decode()
    assert Deal.objects.count() > 400


def test_page_says_what_is_lost_and_one_press_loses_it(ada: User, client: Client) -> None:
    client.force_login(ada)
    assert LINE in client.get("/profile/").content.decode()
    page = client.get(reverse("sample_data")).content.decode()
    assert f"<strong>{Deal.objects.count()}</strong> deals" in page and f"<strong>{Note.objects.count()}</strong> notes" in page
    answer = client.post(reverse("sample_data"))
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_change_password"))
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Choose one of your own" in page and LINE not in page
    assert not Deal.objects.exists()
    assert client.get(reverse("sample_data")).headers["Location"] == reverse("settings")


def test_whoever_has_a_password_of_their_own_goes_to_work(ada: User, client: Client) -> None:
    client.force_login(make_user("Real Boss", role=Role.ADMIN))
    assert client.post(reverse("sample_data")).headers["Location"] == "/"
    assert not User.objects.get(pk=ada.pk).is_active and not User.objects.get(pk=ada.pk).check_password(DEMO_PASSWORD)


def test_the_press_needs_the_security_token(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert client.post(reverse("sample_data")).status_code == 403
    assert Deal.objects.exists()


def test_command_asks_for_an_admin(ada: User) -> None:
    with pytest.raises(CommandError):
        call_command("remove_demo", by="anna@demo.example")
    call_command("remove_demo", by=ada.email, stdout=io.StringIO())
    assert not Deal.objects.exists()
