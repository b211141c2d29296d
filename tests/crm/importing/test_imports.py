"""Importing companies and contacts: found again, filled in, refused line by line, and taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from crm import jobs
from crm.errors import Refused
from crm.importing.reader import read_rows
from crm.models import Company, Contact, Event, ExternalId, ImportBatch, ImportedRow, Note, Tag, User
from crm.queries.imports import preview
from crm.services.clients import save_client
from crm.services.imports import add_history, add_import, choose, forget_drafts, read_again, revert_import, start_import
from crm.services.meetings import plan_meeting
from crm.services.merges import merge_clients

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_breath(settings: Any) -> None:
    settings.JOBS_BREATH = 0


def upload(text: str | bytes, by: User, name: str = "file.csv", kind: str = "") -> ImportBatch:
    return add_import(file=SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode()), by=by, kind=kind)


def bring_in(
    text: str | bytes, by: User, *, kind: str = "", duplicates: str = "fill", automation: str = "no", **options: Any
) -> ImportBatch:
    """Upload, start, and let the worker finish."""
    batch = upload(text, by, kind=kind)
    choose(batch=batch, mapping=batch.mapping, options=options, duplicates=duplicates, automation=automation, by=by)
    start_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.job is not None and batch.job.error == ""
    return batch


def take_back(batch: ImportBatch, by: User) -> ImportBatch:
    revert_import(batch_id=batch.pk, by=by)
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.revert_job is not None and (batch.state, batch.revert_job.error) == ("reverted", "")
    return batch


def outcomes(batch: ImportBatch, *actions: str) -> list[tuple[int, str, str]]:
    rows = ImportedRow.objects.filter(batch=batch)
    return [(row.line, row.record, row.action) for row in (rows.filter(action__in=actions) if actions else rows)]


def reasons(batch: ImportBatch) -> dict[int, list[str]]:
    return {row.line: row.reasons for row in ImportedRow.objects.filter(batch=batch) if row.reasons}


PEOPLE = """Имя;Фамилия;Компания;Должность;Рабочий e-mail;Мобильный телефон;Теги;Комментарий;ID
Анна;Кузнецова;Вектор;Директор; Anna@Vektor.example ;8 (916) 123-45-67;vip, Новый;Звонить утром;17
Олег;Ёлкин;вектор;;oleg@vektor.example;'+7 495 111-22-33;VIP;;18
;;Без имени;;;;;;19
Пётр;Петров;;;petr@@broken;123;;;20
"""


def test_people_come_in_with_their_companies(anna: User) -> None:
    batch = bring_in(PEOPLE.replace("Рабочий e-mail", "Рабочий email"), anna)
    assert batch.kind == "contact" and batch.state == "done"
    first, second = Contact.objects.order_by("id")
    assert (first.name, first.position, first.email, first.phone) == ("Анна Кузнецова", "Директор", "anna@vektor.example", "+79161234567")
    assert first.emails == [{"address": "anna@vektor.example", "label": "work"}]
    assert first.phones == [{"number": "+79161234567", "label": "mobile"}]
    assert (first.owner, first.team, first.tags) == (anna, anna.team, ["vip", "Новый"])
    assert first.company == second.company == Company.objects.get(name="Вектор") and second.tags == ["vip"]
    assert (second.phone, Note.objects.get().text) == ("+74951112233", "Звонить утром")
    assert set(ExternalId.objects.values_list("key", "record_id")) == {("17", first.pk), ("18", second.pk)}
    assert outcomes(batch, "refused") == [(4, "", "refused"), (5, "", "refused")]
    assert reasons(batch)[4] == ["The row names nobody."]
    assert reasons(batch)[5][0].startswith("Рабочий email: “petr@@broken”")
    assert batch.counts == {
        "created.tag": 2,
        "created.company": 1,
        "created.contact": 2,
        "created.note": 1,
        "refused.contact": 2,
    }
    told = Event.objects.filter(record="contact").order_by("id")
    assert [(event.type, event.actor, event.payload["import"], event.payload["automation"]) for event in told] == [
        ("contact.created", anna, batch.pk, "no"),
        ("contact.created", anna, batch.pk, "no"),
    ]
    assert all(event.dispatched_at for event in told)  # automation doesn't hear of it


def test_automation_hears_of_it_where_that_was_chosen(anna: User) -> None:
    for choice in ("yes", "simulate"):
        bring_in(f"Name,Email\nA,{choice}@b.example\n", anna, automation=choice)
    told = Event.objects.filter(type="contact.created").order_by("id")
    assert [(event.payload["automation"], event.dispatched_at) for event in told] == [("yes", None), ("simulate", None)]


@pytest.mark.parametrize(
    ("duplicates", "position", "emails", "action"),
    [
        ("fill", "Boss", ["a@b.example", "new@b.example"], "updated"),
        ("update", "Clerk", ["new@b.example", "a@b.example"], "updated"),
        ("skip", "Boss", ["a@b.example"], "skipped"),
        ("add", "Boss", ["a@b.example"], "created"),
    ],
)
def test_who_is_there_already(anna: User, duplicates: str, position: str, emails: list[str], action: str) -> None:
    there = save_client(model=Contact, by=anna, name="Ann", position="Boss", emails=["a@b.example"])
    batch = bring_in("Name,Job title,Email,City\nAnn,Clerk,new@b.example; A@B.example,Tver\n", anna, duplicates=duplicates)
    there.refresh_from_db()
    assert (there.position, [row["address"] for row in there.emails]) == (position, emails)
    assert outcomes(batch)[0][2] == action and Contact.objects.count() == (2 if action == "created" else 1)
    take_back(batch, anna)
    there.refresh_from_db()
    assert (there.position, [row["address"] for row in there.emails], there.city) == ("Boss", ["a@b.example"], "")
    assert Contact.objects.count() == 1


def test_a_shared_phone_alone_makes_nobody_the_same(anna: User) -> None:
    bring_in("Name,Phone\nAnn,+7 495 111-22-33\nBob,+7 495 111-22-33\nann,8 495 1112233\n", anna)
    assert sorted(Contact.objects.values_list("name", flat=True)) == ["Ann", "Bob"]


def test_one_person_in_two_rows_is_one(anna: User) -> None:
    batch = bring_in("Name,Email,City\nAnn,a@b.example,\nAnn B,A@b.example,Tver\n", anna, duplicates="update")
    [contact] = Contact.objects.all()
    assert (contact.name, contact.city) == ("Ann B", "Tver")
    assert [action for _line, _record, action in outcomes(batch)] == ["created", "updated"]
    take_back(batch, anna)
    assert not Contact.objects.exists()


def test_an_opt_out_is_a_refusal_and_nothing_else_is_consent(anna: User) -> None:
    bring_in("Name,Email,Unsubscribed from all email\nA,a@b.example,true\nB,b@b.example,false\nC,c@b.example,\n", anna)
    assert list(Contact.objects.order_by("name").values_list("consent", flat=True)) == ["refused", "unknown", "unknown"]
    Contact.objects.filter(name="B").update(consent="refused")
    bring_in("Name,Email,Unsubscribed from all email\nB,b@b.example,false\n", anna, duplicates="update")
    assert Contact.objects.get(name="B").consent == "refused"


def test_what_one_may_not_see_is_no_duplicate_and_what_one_may_not_change_stays(anna: User, denis: User, clara: User) -> None:
    foreign = save_client(model=Contact, by=denis, name="Ann", emails=["a@b.example"])
    bring_in("Name,Email,City\nAnn,a@b.example,Tver\n", anna, duplicates="update")
    foreign.refresh_from_db()
    assert (foreign.city, Contact.objects.count()) == ("", 2)


def test_a_rep_imports_for_herself_a_manager_for_the_team(anna: User, boris: User, clara: User, denis: User, admin: User) -> None:
    text = "Name,Owner\nA,Boris Belov\nB,Denis Dunn\nC,Nobody Knows\nD,\n"
    bring_in(text, anna)
    assert set(Contact.objects.values_list("owner__name", flat=True)) == {"Anna Arlova"}
    Contact.objects.all().delete()
    bring_in(text, clara)
    assert list(Contact.objects.order_by("name").values_list("owner__name", flat=True)) == [
        "Boris Belov",
        "Clara Chen",
        "Clara Chen",
        "Clara Chen",
    ]
    Contact.objects.all().delete()
    batch = bring_in(text, admin, owners={"Boris Belov": anna.pk})
    named = list(Contact.objects.order_by("name").values_list("owner__name", flat=True))
    assert named == ["Anna Arlova", "Denis Dunn", "Nobody Knows", "Ada Minova"]
    gone = User.objects.get(name="Nobody Knows")
    assert (gone.is_active, gone.has_usable_password()) == (False, False)
    take_back(batch, admin)
    assert not User.objects.filter(name="Nobody Knows").exists()


def test_what_was_worked_on_since_stays_and_is_told(anna: User) -> None:
    batch = bring_in("Name,Email,Company,Tags\nA,a@b.example,Vektor,x\nB,b@b.example,Vektor,y\n", anna)
    worked_on = Contact.objects.get(name="B")
    save_client(model=Contact, by=anna, pk=worked_on.pk, position="Boss")
    take_back(batch, anna)
    assert [contact.name for contact in Contact.objects.all()] == ["B"]
    assert Company.objects.filter(name="Vektor").exists() and set(Tag.objects.values_list("name", flat=True)) == {"y"}
    kept = {row.record: row.kept for row in ImportedRow.objects.filter(batch=batch).exclude(kept=[])}
    assert kept["contact"] == ["It stays, because somebody has worked on it since."]
    assert kept["company"] == ["It stays, because something else refers to it."]
    assert batch.counts["kept"] == 3


def test_a_field_that_changed_since_stays(anna: User) -> None:
    there = save_client(model=Contact, by=anna, name="Ann", emails=["a@b.example"])
    batch = bring_in("Name,Email,Job title,City\nAnn,a@b.example,Clerk,Tver\n", anna)
    save_client(model=Contact, by=anna, pk=there.pk, position="Boss")
    take_back(batch, anna)
    there.refresh_from_db()
    assert (there.position, there.city) == ("Boss", "")
    [row] = ImportedRow.objects.filter(batch=batch).exclude(kept=[])
    assert row.kept == ["“position” stays, because it has changed since."]


def test_companies(anna: User) -> None:
    text = "Название компании;Сайт;Город;Телефон\nООО «Ромашка»;romashka.example;Тверь;8 (4822) 12-34-56\nооо «ромашка»;;;\n"
    batch = bring_in(text, anna)
    [company] = Company.objects.all()
    assert (batch.kind, company.name, company.city, company.phone) == ("company", "ООО «Ромашка»", "Тверь", "+74822123456")
    assert company.website == "https://romashka.example"


def kept_of(batch: ImportBatch) -> list[list[str]]:
    return list(ImportedRow.objects.filter(batch=batch).exclude(kept=[]).values_list("kept", flat=True))


def test_a_company_that_is_gone_is_not_given_back(anna: User) -> None:
    old, other = (save_client(model=Company, by=anna, name=name) for name in ("Old", "Other"))
    there = save_client(model=Contact, by=anna, name="Ann", emails=["a@b.example"], company=old)
    batch = bring_in("Name,Email,Company,City\nAnn,a@b.example,Newco,Tver\n", anna, kind="contact", duplicates="update")
    there.refresh_from_db()
    assert there.company is not None and there.company.name == "Newco"
    merge_clients(kind="company", kept_id=other.pk, gone_id=old.pk, by=anna)
    take_back(batch, anna)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    there.refresh_from_db()
    assert (there.company.name, there.city) == ("Newco", "")
    assert ["“company” stays, because what stood there is gone."] in kept_of(batch)
    assert Company.objects.filter(name="Newco").exists()


def test_a_guest_of_a_meeting_stays(anna: User) -> None:
    batch = bring_in("Name,Email\nIvan,ivan@x.example\nOlga,olga@x.example\n", anna, kind="contact")
    starts_at = timezone.now() + timedelta(days=1)
    guest = Contact.objects.get(name="Ivan")
    talk = plan_meeting(title="Talk", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), by=anna, contacts=[guest])
    take_back(batch, anna)
    assert list(talk.contacts.all()) == [guest] == list(Contact.objects.all())
    assert kept_of(batch) == [["It stays, because something else refers to it."]]


def test_the_journal_tells_of_what_was_taken_back(anna: User) -> None:
    there = save_client(model=Contact, by=anna, name="Ivan", emails=["ivan@x.example"], tags=["old"])
    text = "Name,Email,Job title,Tags\nIvan,ivan@x.example,Boss,new\nOlga,olga@x.example,,\n"
    batch = bring_in(text, anna, kind="contact", automation="yes")
    came = Contact.objects.get(name="Olga").pk
    before = Event.objects.latest("id").pk
    take_back(batch, anna)
    told = Event.objects.filter(record="contact", pk__gt=before).order_by("id")
    assert [(event.type, event.record_id, event.actor, event.payload) for event in told] == [
        ("contact.removed", came, anna, {"import": batch.pk}),
        (
            "contact.edited",
            there.pk,
            anna,
            {"import": batch.pk, "changes": {"position": ["Boss", ""], "tags": [["old", "new"], ["old"]]}},
        ),
    ]
    assert all(event.dispatched_at for event in told)
    there.refresh_from_db()
    assert (there.position, there.tags) == ("", ["old"])


def test_a_tag_that_was_put_on_since_stays(anna: User) -> None:
    there = save_client(model=Contact, by=anna, name="Ivan", emails=["ivan@x.example"], tags=["old"])
    batch = bring_in("Name,Email,Tags\nIvan,ivan@x.example,new\n", anna, kind="contact")
    save_client(model=Contact, by=anna, pk=there.pk, tags=["old", "new", "mine"])
    take_back(batch, anna)
    there.refresh_from_db()
    assert (there.tags, list(Tag.objects.filter(name="new"))) == (["old", "mine"], [])


def test_who_chooses_too_late_begins_nothing_anew(anna: User) -> None:
    batch = upload("Name,Email\nAnna,a@b.example\n", anna)
    stale = ImportBatch.objects.get(pk=batch.pk)
    start_import(batch_id=batch.pk, by=anna)
    with pytest.raises(Refused, match="begun already"):
        choose(batch=stale, by=anna, mapping=stale.mapping, options={}, duplicates="add", automation="no")
    with pytest.raises(Refused, match="begun already"):
        read_again(batch=stale, header=False)
    with pytest.raises(Refused, match="begun already"):
        add_history(batch=stale, file=SimpleUploadedFile("h.csv", b"Deal,Stage,Date\n1,New,2026-01-01\n"))
    batch.refresh_from_db()
    assert (batch.state, batch.job is None) == ("running", False)
    jobs.run_waiting()
    assert Contact.objects.count() == 1


def test_who_chooses_for_columns_that_are_others_by_now_is_told(anna: User) -> None:
    batch = upload("Name,Email\nAnna,a@b.example\n", anna)
    stale = ImportBatch.objects.get(pk=batch.pk)
    read_again(batch=batch, header=False)
    with pytest.raises(Refused, match="Open the page again"):
        choose(batch=stale, by=anna, mapping=stale.mapping, options={}, duplicates="add", automation="no")


def test_a_file_that_can_not_be_read_in_another_way_stays_as_it_was(anna: User) -> None:
    batch = upload("Anna,a@b.example\n", anna, kind="contact")
    assert (batch.rows, batch.format["has_header"]) == (1, False)
    with pytest.raises(Refused, match="nothing below it"):
        read_again(batch=batch, header=True)
    assert [row.cells for row, _place in read_rows(batch.table)] == [["Anna", "a@b.example"]]


def test_files_go_when_nobody_needs_them_any_more(anna: User) -> None:
    forgotten, begun, done, broken = (upload(f"Name\n{name}\n", anna, kind="contact") for name in "ABCD")
    for batch in (done, broken):
        start_import(batch_id=batch.pk, by=anna)
        jobs.run_waiting()
    start_import(batch_id=begun.pk, by=anna)
    ImportBatch.objects.filter(pk=broken.pk).update(state="running", finished_at=None)
    forget_drafts()
    assert all(batch.place.is_dir() for batch in (forgotten, begun, done, broken))
    old = timezone.now() - timedelta(days=8)
    ImportBatch.objects.update(created_at=old)
    ImportBatch.objects.filter(pk=done.pk).update(finished_at=old)
    forget_drafts()
    assert [batch.place.is_dir() for batch in (forgotten, begun, done, broken)] == [False, True, False, False]
    assert not ImportBatch.objects.filter(pk=forgotten.pk).exists() and ImportBatch.objects.count() == 3


def test_a_shared_mailbox_alone_makes_nobody_the_same(anna: User) -> None:
    text = "Name,Email,Phone\nIvan Ivanov,office@acme.example,+79160000001\nPetr Petrov,office@acme.example,+79160000002\n"
    bring_in(text, anna, kind="contact")
    bring_in(text, anna, kind="contact", duplicates="update")
    assert sorted(Contact.objects.values_list("name", flat=True)) == ["Ivan Ivanov", "Petr Petrov"]
    batch = upload("Name,Email\nOlga Orlova,office@acme.example\nIvanov Ivan,office@acme.example\n,office@acme.example\n", anna)
    olga, ivan, nameless = preview(batch, anna).rows
    assert (olga.found, olga.doubt[:13]) == (None, "“Ivan Ivanov”") and "record of its own" in olga.doubt
    assert (ivan.found.name, ivan.doubt, nameless.found.name) == ("Ivan Ivanov", "", "Ivan Ivanov")


def test_whom_one_may_not_see_is_in_no_doubt(anna: User, denis: User) -> None:
    save_client(model=Contact, by=denis, name="Ivan Ivanov", emails=["office@acme.example"])
    [row] = preview(upload("Name,Email\nOlga Orlova,office@acme.example\n", anna), anna).rows
    assert (row.found, row.doubt) == (None, "")


def test_numbers_of_unknown_files_are_not_one_numbering(anna: User) -> None:
    first = "ID,Name,Email\n1,Ivan Ivanov,ivan@a.example\n2,Olga Orlova,olga@a.example\n"
    second = "ID,Name,Email\n1,Petr Petrov,petr@b.example\n2,Max Mayer,max@b.example\n"
    for text in (first, second, second, first):
        bring_in(text, anna, kind="contact", duplicates="update")
    assert sorted(Contact.objects.values_list("name", flat=True)) == ["Ivan Ivanov", "Max Mayer", "Olga Orlova", "Petr Petrov"]
    bring_in("ID,Name,Email\n1,Ivan Smirnov,ivan@a.example\n2,Olga Orlova,new@a.example\n", anna, kind="contact", duplicates="update")
    assert sorted(Contact.objects.values_list("name", flat=True)) == ["Ivan Smirnov", "Max Mayer", "Olga Orlova", "Petr Petrov"]


def test_a_note_keeps_every_word(anna: User) -> None:
    bring_in('Name,Note\nIvan,"Call Ivan <ivan@x.example> re price a<b now\nsecond line"\n', anna, kind="contact")
    assert Note.objects.get().text == "Call Ivan <ivan@x.example> re price a<b now\nsecond line"
