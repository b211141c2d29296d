"""Deleted and brought back: everything about a record goes along, and the way back leads to the letter where it began."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import Http404
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import files
from crm.errors import Forbidden, Refused
from crm.models import (
    Attachment,
    Call,
    Company,
    Contact,
    Event,
    ExternalId,
    Letter,
    Meeting,
    Message,
    Note,
    Notification,
    Reminder,
    ReminderState,
    Removal,
    RemovedLink,
    RemovedRow,
    Snooze,
    Task,
    User,
)
from crm.services.attachments import add_file, sweep_files
from crm.services.clients import save_client
from crm.services.meetings import plan_meeting
from crm.services.merges import merge_clients, unmerge_clients
from crm.services.reminders import fire_due_reminders
from crm.services.removals import forget_old_removals, remove_record, restore_record
from crm.services.tasks import add_task
from pipeline.models import (
    Competitor,
    ContactRole,
    Deal,
    LostReason,
    Product,
    Quote,
    QuoteFile,
    Stage,
    StageTally,
    StageVisit,
)
from pipeline.services.checklists import add_checklist_item, tick_item
from pipeline.services.competitors import add_rival
from pipeline.services.deal_people import put_person
from pipeline.services.line_items import add_item
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal, reopen_deal
from pipeline.services.quotes import create_quote
from pipeline.services.sights import mark_seen
from pipeline.services.stages import archive_stage, reorder_stages
from tests.factories import make_deal
from tests.pipeline.invariants import check_invariants

pytestmark = pytest.mark.django_db

# What tells of the way itself, and a column's changes, which are summed.
TOLD = {"crm_removal", "crm_removedrow", "crm_removedlink", "crm_searchnews", "django_session", "pipeline_stagetally"}
KINDS = {"company": Company, "contact": Contact, "deal": Deal}


def tables() -> dict[str, list[Any]]:
    """Every row of every table as the database writes it, and the sums of each column."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table not in TOLD:
                where = "WHERE type NOT LIKE '%%.deleted' AND type NOT LIKE '%%.restored'" if model is Event else ""
                cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t {where} ORDER BY 1')
                found[table] = cursor.fetchall()
        kind = "stage_id, owner_id, team_id, currency, next_step_on"
        cursor.execute(
            f"SELECT {kind}, sum(deals), sum(amount) FROM pipeline_stagetally GROUP BY {kind} HAVING sum(deals) <> 0 ORDER BY {kind}"
        )
        found["sums"] = cursor.fetchall()
    return found


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


ABOUT = ["note", "call", "message", "task", "meeting", "guest", "file", "snooze", "number", "notice"]
PARTS = ["moved", "back", "won", "lost", "reopened", "items", "quote", "rival", "people", "tick", "seen"]


def say_about(kind: str, record: Any, about: set[str], by: User) -> None:
    now, at = timezone.now(), {"record": kind, "record_id": record.pk}
    if "note" in about:
        Note.objects.create(body="Ёж «в тумане»", author=by, **at)
    if "call" in about:
        Call.objects.create(direction="out", outcome="reached", at=now, author=by, **at)
    if "message" in about:
        Message.objects.create(channel="chat", direction="in", body="?", at=now, **at)
    if "task" in about:
        first = add_task(title="Call", due_at=now + timedelta(days=1), remind=5, by=by, **at)
        again = Task.objects.create(title="Again", due_at=now + timedelta(days=2), assignee=by, created_by=by, previous=first, **at)
        # Of nothing, but it follows one that is.
        Task.objects.create(title="Own", due_at=now, assignee=by, created_by=by, previous=again)
        Snooze.objects.create(user=by, until=now, record="task", record_id=first.pk)
    if "meeting" in about:
        plan_meeting(title="Demo", starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, hours=1), by=by, **at)
    if "file" in about:
        Attachment.objects.create(name="f", size=1, content_type="text/plain", sha256="0" * 64, uploaded_by=by, **at)
    if "snooze" in about:
        Snooze.objects.create(user=by, until=now, **at)
    if "number" in about:
        ExternalId.objects.create(system="hubspot", key=str(record.pk), **at)
    if "notice" in about:
        told = Notification.objects.create(user=by, kind="x", key=f"{kind}{record.pk}", at=now, **at)
        Letter.objects.create(notification=told, message_id=f"<{kind}{record.pk}@x>")


def sell(deal: Deal, parts: set[str], contact: Contact, by: User, stages: list[Stage]) -> None:
    if "moved" in parts:
        move_deal(deal_id=deal.pk, to_stage=stages[2].pk, by=by)
    if "back" in parts:
        move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=by)
    if "items" in parts:
        product = Product.objects.create(name="Set-up", price=10, currency="EUR")
        add_item(deal_id=deal.pk, values={"product": product, "name": "Set-up", "price": Decimal("10.10"), "quantity": Decimal(2)}, by=by)
    if "quote" in parts and deal.items.exists():
        quote = create_quote(deal_id=deal.pk, language="en", by=by)
        QuoteFile.objects.create(quote=quote, content=bytes(range(256)), size=256, sha256="1" * 64)
    if "rival" in parts:
        add_rival(deal_id=deal.pk, competitor="Rival", by=by)
    if "people" in parts:
        put_person(deal_id=deal.pk, contact=contact, role=ContactRole.objects.first(), by=by)
    if "tick" in parts:
        item = add_checklist_item(pipeline_id=deal.pipeline_id, values={"name": "Ask"}, by=by)
        tick_item(deal_id=deal.pk, item_id=item.pk, by=by)
    if "seen" in parts:
        mark_seen(deal_id=deal.pk, at=timezone.now(), by=by)
    if "won" in parts:
        close_deal(deal_id=deal.pk, outcome="won", by=by)
    elif "lost" in parts or "reopened" in parts:
        close_deal(deal_id=deal.pk, outcome="lost", lost_reason="Price", lost_to="Rival", by=by)
        if "reopened" in parts:
            reopen_deal(deal_id=deal.pk, by=by)


def make_world(about: dict[str, set[str]], parts: set[str], by: User, stages: list[Stage]) -> dict[str, Any]:
    """A deal with its company and contact, who works there; a second person sits in their meeting."""
    company = save_client(model=Company, by=by, name="Вектор", website="https://a.example", custom={})
    contact = save_client(model=Contact, by=by, name="Пётр", company=company, emails=["a@b.example"], tags=["vip"])
    deal = make_deal("A deal", by=by, stage=stages[0], company=company, contact=contact, amount=Decimal("1000.50"))
    other = save_client(model=Contact, by=by, name="Anna", company=company)
    make_deal("Beside it", by=by, stage=stages[0], company=company, contact=other)
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE crm_company SET custom = '{"n": 1.10000000000000000001, "z": 2.50}' WHERE id = %s""", [company.pk])
    world = {"company": company, "contact": contact, "deal": deal}
    for kind, record in world.items():
        say_about(kind, record, about[kind], by)
        if "guest" in about[kind]:
            now = timezone.now()
            at = {"record": kind, "record_id": record.pk}
            plan_meeting(title="All", starts_at=now, ends_at=now + timedelta(hours=1), by=by, contacts=[contact, other], **at)
    sell(deal, parts, contact, by, stages)
    return world


ABOUTS = st.fixed_dictionaries({kind: st.sets(st.sampled_from(ABOUT)) for kind in KINDS})
EVERYTHING = {kind: set(ABOUT) for kind in KINDS}
NOTHING: dict[str, set[str]] = {kind: set() for kind in KINDS}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    about=ABOUTS,
    parts=st.sets(st.sampled_from(PARTS)),
    gone=st.lists(st.sampled_from(sorted(KINDS)), unique=True, min_size=1),
    order=st.permutations(sorted(KINDS)),
)
def test_deleted_and_brought_back_is_the_identity(
    about: dict[str, set[str]], parts: set[str], gone: list[str], order: list[str], admin: User, stages: list[Stage]
) -> None:
    """Also of several that point to one another, in whatever order they go and come back."""
    with taken_back():
        world = make_world(about, parts, admin, stages)
        before = tables()
        removals = {kind: remove_record(kind=kind, record_id=world[kind].pk, by=admin) for kind in gone}
        check_invariants()
        for kind in gone:
            assert not KINDS[kind].objects.filter(pk=world[kind].pk).exists()
            for model in (Note, Call, Message, Task, Meeting, Attachment, Snooze, ExternalId, Notification):
                assert not model.objects.filter(record=kind, record_id=world[kind].pk).exists(), model
        for kind in order:
            if kind in removals:
                restore_record(removal_id=removals[kind].pk, by=admin)
        check_invariants()
        assert tables() == before
        assert not RemovedRow.objects.exists() and not RemovedLink.objects.exists()


def test_what_only_points_to_it_stays(anna: User, stages: list[Stage]) -> None:
    world = make_world(NOTHING, set(), anna, stages)
    company = remove_record(kind="company", record_id=world["company"].pk, by=anna)
    assert Deal.objects.filter(company=None).count() == 2 and Contact.objects.filter(company=None).count() == 2
    elsewhere = save_client(model=Company, by=anna, name="Elsewhere")
    save_client(model=Contact, by=anna, pk=world["contact"].pk, company=elsewhere)
    restore_record(removal_id=company.pk, by=anna)
    world["contact"].refresh_from_db()
    assert world["contact"].company == elsewhere, "what was pointed elsewhere meanwhile stays so"
    assert Deal.objects.filter(company=world["company"]).count() == 2
    assert [(event.type, event.payload["removal"]) for event in Event.objects.filter(type__in=["company.deleted", "company.restored"])] == [
        ("company.restored", company.pk),
        ("company.deleted", company.pk),
    ]


def test_twice_is_told_politely(anna: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Пётр")
    removal = remove_record(kind="contact", record_id=contact.pk, by=anna)
    with pytest.raises(Http404):
        remove_record(kind="contact", record_id=contact.pk, by=anna)
    restore_record(removal_id=removal.pk, by=anna)
    with pytest.raises(Refused, match="“Пётр” is back already"):
        restore_record(removal_id=removal.pk, by=anna)
    again = remove_record(kind="contact", record_id=contact.pk, by=anna)
    assert again.pk != removal.pk
    with pytest.raises(Http404):
        remove_record(kind="quote", record_id=1, by=anna)


def test_who_may_not_see_or_change_it_may_not_delete_it(anna: User, boris: User, clara: User, denis: User, stages: list[Stage]) -> None:
    his = save_client(model=Company, by=denis, name="His")
    with pytest.raises(Http404):
        remove_record(kind="company", record_id=his.pk, by=anna)
    deal = make_deal(by=anna, company=his)  # now she sees it
    with pytest.raises(Forbidden):
        remove_record(kind="company", record_id=his.pk, by=anna)
    removal = remove_record(kind="deal", record_id=deal.pk, by=anna)
    for stranger in (boris, denis):
        with pytest.raises(Http404):
            restore_record(removal_id=removal.pk, by=stranger)
    restore_record(removal_id=removal.pk, by=clara)
    assert Deal.objects.get() == deal


def test_closed_deals_are_for_those_who_lead(anna: User, clara: User, denis: User, admin: User, stages: list[Stage]) -> None:
    """Figures rest on them."""
    won = make_deal(by=anna)
    close_deal(deal_id=won.pk, outcome="won", by=anna)
    with pytest.raises(Forbidden):
        remove_record(kind="deal", record_id=won.pk, by=anna)
    removal = remove_record(kind="deal", record_id=won.pk, by=clara)
    with pytest.raises(Forbidden):
        restore_record(removal_id=removal.pk, by=anna)
    restore_record(removal_id=removal.pk, by=admin)
    lost = make_deal(by=denis)
    close_deal(deal_id=lost.pk, outcome="lost", lost_reason="Price", by=denis)
    with pytest.raises(Http404):
        remove_record(kind="deal", record_id=lost.pk, by=clara)
    assert remove_record(kind="deal", record_id=lost.pk, by=admin).is_led


def test_a_place_that_is_taken_is_beside_it(anna: User, stages: list[Stage]) -> None:
    first, second, third = (make_deal(title, by=anna) for title in "ABC")
    removal = remove_record(kind="deal", record_id=second.pk, by=anna)
    move_deal(deal_id=first.pk, to_stage=stages[0].pk, before=third.pk, by=anna)
    Deal.objects.filter(pk=third.pk).update(rank=second.rank)
    restore_record(removal_id=removal.pk, by=anna)
    check_invariants()
    column = list(Deal.objects.open().order_by("rank").values_list("title", flat=True))
    assert column[column.index("C") + 1] == "B"


def test_the_gap_is_made_when_there_is_none(anna: User, stages: list[Stage]) -> None:
    gone, taken, below = (make_deal(title, by=anna) for title in "ABC")
    removal = remove_record(kind="deal", record_id=gone.pk, by=anna)
    Deal.objects.filter(pk=taken.pk).update(rank=gone.rank)
    Deal.objects.filter(pk=below.pk).update(rank=gone.rank + Decimal("0.000000000000000000001"))
    restore_record(removal_id=removal.pk, by=anna)
    check_invariants()
    assert list(Deal.objects.open().order_by("rank").values_list("title", flat=True)) == ["B", "A", "C"]


def test_history_follows_todays_order_of_stages(anna: User, admin: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    for stage in (stages[1], stages[2]):
        move_deal(deal_id=deal.pk, to_stage=stage.pk, by=anna)
    removal = remove_record(kind="deal", record_id=deal.pk, by=anna)
    reorder_stages(pipeline_id=stages[0].pipeline_id, order=[stages[place].pk for place in (0, 2, 1, 3)], by=admin)
    restore_record(removal_id=removal.pk, by=anna)
    check_invariants()
    assert list(StageVisit.objects.order_by("seq").values_list("is_front", flat=True)) == [True, True, False]


def test_a_deal_whose_stage_is_gone_says_so(anna: User, admin: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, stage=stages[3])
    removal = remove_record(kind="deal", record_id=deal.pk, by=anna)
    archive_stage(stage_id=stages[3].pk, by=admin)
    with pytest.raises(Refused, match="“Negotiation”, which is archived"):
        restore_record(removal_id=removal.pk, by=anna)
    Stage.objects.filter(pk=stages[3].pk).delete()
    with pytest.raises(Refused, match="stage it stood in is gone"):
        restore_record(removal_id=removal.pk, by=anna)
    assert not Deal.objects.exists() and Removal.objects.standing().count() == 1


def test_what_is_gone_for_good_is_pointed_to_no_longer(anna: User, denis: User, admin: User, stages: list[Stage]) -> None:
    deal = make_deal(by=denis, company=(company := save_client(model=Company, by=denis, name="A")))
    say_about("deal", deal, {"snooze", "task"}, denis)
    close_deal(deal_id=deal.pk, outcome="lost", lost_reason="Price", by=denis)
    removal = remove_record(kind="deal", record_id=deal.pk, by=admin)
    Company.objects.filter(pk=company.pk).delete()
    Event.objects.all().delete()
    LostReason.objects.all().delete()
    User.objects.filter(pk=denis.pk).delete()
    restore_record(removal_id=removal.pk, by=admin)
    deal.refresh_from_db()
    assert (deal.company, deal.owner, deal.lost_reason, deal.team_id) == (None, None, None, denis.team_id)
    assert Task.objects.filter(assignee=None, created_by=None).count() == 3
    assert not Snooze.objects.exists(), "a snooze of nobody's is none"
    check_invariants()


def test_an_import_meanwhile_keeps_its_numbers(anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna)
    Deal.objects.filter(pk=deal.pk).update(import_key="7")
    ExternalId.objects.create(system="hubspot", key="7", record="deal", record_id=deal.pk)
    removal = remove_record(kind="deal", record_id=deal.pk, by=anna)
    again = make_deal(by=anna)
    Deal.objects.filter(pk=again.pk).update(import_key="7")
    ExternalId.objects.create(system="hubspot", key="7", record="deal", record_id=again.pk)
    restore_record(removal_id=removal.pk, by=anna)
    assert list(Deal.objects.order_by("pk").values_list("import_key", flat=True)) == [None, "7"]
    assert ExternalId.objects.get().record_id == again.pk
    check_invariants()


def test_a_merge_waits_for_the_one_that_was_kept(anna: User, boris: User) -> None:
    company = save_client(model=Company, by=anna, name="Вектор")
    kept, gone = (save_client(model=Contact, by=anna, name=name, company=company) for name in ("Пётр", "Петр"))
    merge = merge_clients(kind="contact", kept_id=kept.pk, gone_id=gone.pk, by=anna)
    removal = remove_record(kind="contact", record_id=kept.pk, by=anna)
    with pytest.raises(Refused, match="“Пётр” has been deleted"):
        unmerge_clients(merge_id=merge.pk, by=anna)
    with pytest.raises(Http404):
        unmerge_clients(merge_id=merge.pk, by=boris)
    restore_record(removal_id=removal.pk, by=anna)
    theirs = remove_record(kind="company", record_id=company.pk, by=anna)
    unmerge_clients(merge_id=merge.pk, by=anna)
    assert Contact.objects.get(pk=gone.pk).company is None
    restore_record(removal_id=theirs.pk, by=anna)
    assert Contact.objects.filter(company=company).count() == 2


def test_what_was_merged_meanwhile_is_found_where_it_went(anna: User, stages: list[Stage]) -> None:
    world = make_world(NOTHING, {"people"}, anna, stages)
    company, twin = save_client(model=Company, by=anna, name="Вектор ООО"), save_client(model=Contact, by=anna, name="Петр")
    removal = remove_record(kind="deal", record_id=world["deal"].pk, by=anna)
    merge_clients(kind="company", kept_id=company.pk, gone_id=world["company"].pk, by=anna)
    merge_clients(kind="contact", kept_id=twin.pk, gone_id=world["contact"].pk, by=anna)
    kept = remove_record(kind="contact", record_id=twin.pk, by=anna)
    restore_record(removal_id=removal.pk, by=anna)
    deal = Deal.objects.get(pk=world["deal"].pk)
    assert (deal.company, deal.contact, deal.people.count()) == (company, None, 0)
    restore_record(removal_id=kept.pk, by=anna)
    deal.refresh_from_db()
    assert (deal.contact, [part.contact for part in deal.people.all()]) == (twin, [twin])


def test_reminders_are_silent_meanwhile_and_late_afterwards(anna: User) -> None:
    contact = save_client(model=Contact, by=anna, name="Пётр")
    due = timezone.now() + timedelta(minutes=30)
    add_task(title="Call", due_at=due, remind=5, record="contact", record_id=contact.pk, by=anna)
    removal = remove_record(kind="contact", record_id=contact.pk, by=anna)
    assert fire_due_reminders(now=due) == 0 and not Notification.objects.exists()
    restore_record(removal_id=removal.pk, by=anna)
    assert fire_due_reminders(now=due + timedelta(hours=1)) == 1
    reminder = Reminder.objects.get()
    assert (reminder.state, reminder.is_late) == (ReminderState.FIRED, True)


def test_files_stay_as_long_as_they_may_come_back(anna: User, settings: Any, tmp_path: Any) -> None:
    settings.FILES_DIR = tmp_path
    contact = save_client(model=Contact, by=anna, name="Пётр")
    upload = SimpleUploadedFile("a.txt", b"words")
    kept = add_file(record="contact", record_id=contact.pk, name="a.txt", chunks=upload.chunks(), by=anna)
    place = files.path_of(kept.sha256)
    long_ago = (timezone.now() - timedelta(days=40)).timestamp()
    os.utime(place, (long_ago, long_ago))
    removal = remove_record(kind="contact", record_id=contact.pk, by=anna)
    forget_old_removals()
    assert sweep_files() == 0 and place.exists()
    restore_record(removal_id=removal.pk, by=anna)
    assert Attachment.objects.get() == kept
    remove_record(kind="contact", record_id=contact.pk, by=anna)
    Removal.objects.update(at=timezone.now() - timedelta(days=31))
    forget_old_removals()
    assert not Removal.objects.exists() and not RemovedRow.objects.exists()
    assert sweep_files() == 1 and not place.exists()


def test_columns_add_up_without_it(anna: User, stages: list[Stage]) -> None:
    deals = [make_deal(by=anna, amount=100) for _each in range(3)]
    remove_record(kind="deal", record_id=deals[1].pk, by=anna)
    assert sum(tally.deals for tally in StageTally.objects.all()) == 2
    assert sum(tally.amount for tally in StageTally.objects.all()) == 200
    assert Quote.objects.count() == 0 and Competitor.objects.count() == 0


def test_old_address_is_not_found_while_it_is_gone(client: Client, admin: User, stages: list[Stage]) -> None:
    world = make_world(EVERYTHING, set(PARTS) - {"won", "lost"}, admin, stages)
    client.force_login(admin)
    removals = [remove_record(kind=kind, record_id=record.pk, by=admin) for kind, record in world.items()]
    addresses = [f"/companies/{world['company'].pk}/", f"/contacts/{world['contact'].pk}/", f"/deals/{world['deal'].pk}/"]
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    for removal in removals:
        restore_record(removal_id=removal.pk, by=admin)
    for address in addresses:
        page = client.get(address)
        assert page.status_code == 200
        assert "Brought back" in page.content.decode() and "Deleted" in page.content.decode()
