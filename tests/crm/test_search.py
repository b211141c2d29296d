"""Finding anything: by part of a name, a number, an address, misspelt or in the other layout, within one's rights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.folding import edits, fold, readings
from crm.models import Company, Contact, Role, SearchEntry, Task, Team, User
from crm.queries.hits import task_hits
from crm.queries.search import find, matching
from crm.services.clients import save_client
from crm.services.dictionary import learn_words
from crm.services.tasks import add_task
from crm.services.views import save_view
from crm.templatetags.search import marked
from pipeline.models import Deal, DealContact, Stage
from pipeline.services.bulk import copy_rows
from pipeline.services.deals import edit_deal
from pipeline.services.moves import move_deal
from pipeline.services.outcomes import close_deal
from tests.factories import make_deal, make_user

pytestmark = pytest.mark.django_db


def contact(name: str, *, by: User, **fields: Any) -> Contact:
    return save_client(model=Contact, by=by, name=name, **fields)


def company(name: str, *, by: User, **fields: Any) -> Company:
    return save_client(model=Company, by=by, name=name, **fields)


def names(text: str, viewer: User) -> list[str]:
    return [hit.title for hit in find(text=text, viewer=viewer).hits]


@pytest.mark.parametrize(
    "text",
    ["Ёлкин Пётр", "  «ООО Вектор»  ", "Müller & Søn", "IVAN.PETROV@Example.COM", "Санкт-Петербург", "a\u200bb\ufeffc", "Ло́ндон", "[x] (y) {z} \\ /",
     "№ 12", "ﬁne ½ Ⅳ", "日本 株式会社", "مرحبا", "и\u0306од", "tab\there", "“q” ‘w’ …", "", "' \" `"],
)  # fmt: skip
def test_database_folds_as_we_do(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_search_fold(%s)", [text])
        assert cursor.fetchone()[0] == fold(text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghbdtn", "привет"),
        ("руддщ", "hello"),
        ("bdfyjd", "иванов"),
        ("ivanov", "иванов"),
        ("Щукин", "shchukin"),
        ("Ёлка", "елка"),
        ("8 (916) 123-45-67", "9161234567"),
        ("+7 916 123", "7916123"),
        ("8 916 12", "91612"),
    ],
)
def test_what_is_typed_is_read_in_other_ways(typed: str, meant: str) -> None:
    assert meant in [reading.text for reading in readings(typed)]


def test_nothing_typed_reads_as_nothing() -> None:
    assert readings("") == readings(" «» ") == readings("\0") == []
    assert len(readings("ivan петров 12")) <= 5


@pytest.mark.parametrize(
    ("one", "other", "away"),
    [
        ("иванов", "иванов", 0),
        ("ивонов", "иванов", 1),
        ("вианов", "иванов", 1),
        ("иваноов", "иванов", 1),
        ("петров", "иванов", 3),
        ("", "a", 1),
    ],
)
def test_edits_are_counted(one: str, other: str, away: int) -> None:
    assert edits(one, other, 2) == away


def test_parts_of_a_name_find_it(anna: User) -> None:
    contact("Пётр Ёлкин", by=anna, email="petr@vektor.example", phone="+7 916 123-45-67")
    for text in (
        "петр",
        "Елкин",
        "ёлкин пётр",
        "елк",
        "лки",
        "vektor.ex",
        "petr@",
        "123-45",
        "8 916 123 45 67",
        "79161234567",
        "4567",
        "gtnh",
        "petr",
        "elkin",
    ):
        assert names(text, anna) == ["Пётр Ёлкин"], text
    assert names("елкин иван", anna) == names("99999", anna) == []


def test_misspelt_words_find_what_is_meant(anna: User) -> None:
    contact("Пётр Колокольников", by=anna)
    company("Вектор Плюс", by=anna)
    learn_words()
    for text in ("калакольников", "колокольнков", "колоколньиков", "пётр колокольнеков", "kolokolnikof"):
        assert names(text, anna) == ["Пётр Колокольников"], text
    assert names("вектар", anna) == ["Вектор Плюс"]
    assert names("абвгде", anna) == []


def test_the_better_fit_stands_first(anna: User) -> None:
    for name in ("Мария Иванова", "Иванов", "Сергей Иванов", "Иванов Пётр", "Приивановский"):
        contact(name, by=anna)
    assert names("иванов", anna) == ["Иванов", "Иванов Пётр", "Сергей Иванов", "Мария Иванова", "Приивановский"]


def test_own_and_open_records_come_before_their_equals(clara: User, anna: User, stages: list[Stage]) -> None:
    make_deal("Поставка труб", by=clara)
    make_deal("Поставка труб", by=anna)
    lost = make_deal("Поставка труб", by=clara)
    close_deal(deal_id=lost.pk, outcome="won", by=clara)
    found = find(text="поставка", viewer=clara).hits
    assert [hit.is_over for hit in found] == [False, False, True]
    assert Deal.objects.get(pk=found[0].pk).owner == clara


def test_a_deal_is_found_by_its_company_and_contact(anna: User, stages: list[Stage]) -> None:
    vektor = company("Вектор", by=anna)
    petr = contact("Пётр", by=anna, company=vektor)
    deal = make_deal("Поставка", by=anna, company=vektor, contact=petr)
    for text in ("вектор поставка", "петр вектор"):
        assert ("deal", deal.pk) in [(hit.kind, hit.pk) for hit in find(text=text, viewer=anna).hits], text
    save_client(model=Company, by=anna, pk=vektor.pk, name="Ромашка")
    assert set(names("ромашка", anna)) == {"Ромашка", "Поставка"}
    assert names("вектор", anna) == []


def test_everybody_finds_what_they_may_see_and_nothing_else(
    anna: User, boris: User, clara: User, denis: User, admin: User, stages: list[Stage]
) -> None:
    vektor = company("Вектор", by=anna)
    make_deal("Поставка Вектору", by=anna, company=vektor)
    add_task(title="Позвонить в Вектор", due_at=timezone.now(), by=anna, record="company", record_id=vektor.pk)
    all_three = {"Вектор", "Поставка Вектору", "Позвонить в Вектор"}
    assert {person.name: set(names("вектор", person)) for person in (anna, boris, clara, denis, admin)} == {
        "Anna Arlova": all_three,
        "Boris Belov": set(),
        "Clara Chen": all_three,
        "Denis Dunn": set(),
        "Ada Minova": all_three,
    }
    # Not even through a contact of his: it is found by its own words alone.
    contact("Пётр", by=denis)
    Contact.objects.filter(name="Пётр").update(company=vektor)
    assert names("вектор", denis) == []
    # A deal of his with it shows him the company, and the tasks about it.
    deal = make_deal("Другая", by=denis, company=vektor)
    assert set(names("вектор", denis)) == {"Вектор", "Другая", "Позвонить в Вектор"}
    edit_deal(deal_id=deal.pk, changes={"company": None}, by=denis)
    assert names("вектор", denis) == []
    Team.objects.filter(pk=anna.team_id).update(is_open=True)
    assert set(names("вектор", User.objects.get(pk=boris.pk))) == all_three


def test_records_without_owner_are_found_by_those_who_see_them(anna: User, clara: User, denis: User) -> None:
    free = company("Вектор", by=anna)
    Company.objects.filter(pk=free.pk).update(owner=None)
    assert [names("вектор", person) for person in (anna, clara, denis)] == [["Вектор"], ["Вектор"], []]
    Company.objects.filter(pk=free.pk).update(team=None)
    assert [names("вектор", person) for person in (anna, clara, denis)] == [[], ["Вектор"], []]


def test_entries_follow_every_door(anna: User, stages: list[Stage]) -> None:
    """Also those that go around the services."""
    copy_rows(Company, ["name", "website", "owner_id", "team_id", "created_at", "is_sample"], [
        (f"Завод {number}", "", anna.pk, anna.team_id, timezone.now(), "f") for number in range(3)
    ])  # fmt: skip
    assert names("завод", anna) == ["Завод 2", "Завод 1", "Завод 0"]
    Company.objects.filter(name="Завод 1").update(name="Фабрика")
    assert names("фабрика", anna) == ["Фабрика"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM crm_company WHERE name = 'Фабрика'")
    assert names("фабрика", anna) == []
    deal = make_deal("Станок", by=anna)
    Deal.objects.filter(pk=deal.pk).update(title="Пресс")
    assert (names("станок", anna), names("пресс", anna)) == ([], ["Пресс"])
    task = Task.objects.create(title="Созвон", due_at=timezone.now(), assignee=anna)
    assert names("созвон", anna) == ["Созвон"]
    task.delete()
    assert names("созвон", anna) == []


def test_a_move_writes_no_entry(anna: User, stages: list[Stage]) -> None:
    deal = make_deal("Станок", by=anna)
    with CaptureQueriesContext(connection):
        before = _entries_written()
        move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
        assert _entries_written() == before


def _entries_written() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables WHERE relname LIKE 'crm_search%%'")
        return int(cursor.fetchone()[0])


def test_number_of_queries_does_not_grow(anna: User, admin: User, stages: list[Stage], django_assert_num_queries: Any) -> None:
    for number in range(12):
        vektor = company(f"Вектор {number}", by=anna)
        make_deal(f"Поставка вектор {number}", by=anna, company=vektor, contact=contact(f"Вектор Петров {number}", by=anna, company=vektor))
        add_task(
            title=f"Вектор {number}",
            due_at=timezone.now() + timedelta(days=1),
            by=anna,
            record="deal",
            record_id=Deal.objects.latest("pk").pk,
        )
    learn_words()
    for viewer in (anna, admin):
        with django_assert_num_queries(
            9
        ):  # candidates, views; contacts with companies, companies, deals, tasks with what they are about, the zone
            found = find(text="вектор", viewer=viewer)
        assert [(group.kind.key, len(group.hits)) for group in found.groups] == [("contact", 5), ("company", 5), ("task", 4), ("deal", 6)]
    with django_assert_num_queries(11):  # and the dictionary, and once more
        find(text="виктор", viewer=anna)


def test_lists_are_narrowed_by_the_same_words(anna: User) -> None:
    petr = contact("Пётр Ёлкин", by=anna, phone="+7 916 123-45-67")
    contact("Иван", by=anna)
    for text in ("елкин", "9161234567", "tkrby"):
        assert list(matching("contact", text)) == [{"record_id": petr.pk}], text


def test_matches_are_marked() -> None:
    for text, typed, html in [
        ("Пётр Ёлкин", "елк", "Пётр <mark>Ёлк</mark>ин"),
        ("Пётр Ёлкин", "елкин пет", "<mark>Пёт</mark>р <mark>Ёлкин</mark>"),
        ("+7 916 123-45-67", "8 916 123", "+7 <mark>916</mark> <mark>123</mark>-45-67"),
        ("<b>x</b>", "b", "&lt;<mark>b</mark>&gt;x&lt;/b&gt;"),
        ("Привет", "ghbd", "<mark>Прив</mark>ет"),
        ("Nothing", "zzz", "Nothing"),
    ]:
        assert marked(text, readings(typed)) == html


def test_commands_are_found_in_both_languages(anna: User, admin: User) -> None:
    for text in ("new deal", "новая сделка", "сделка новая"):
        assert "New deal" in [str(action.title) for action in find(text=text, viewer=anna).actions], text
    assert "Pipelines and stages" not in [str(action.title) for action in find(text="pipelines", viewer=anna).actions]
    assert "Pipelines and stages" in [str(action.title) for action in find(text="pipelines", viewer=admin).actions]


def test_views_are_found_by_name_and_list(anna: User, boris: User) -> None:
    mine = save_view(kind="contact", name="Казань, без звонка", by=anna, filter={"field": "owner", "op": "is", "value": "me"})
    shared = save_view(kind="deal", name="Казань, крупные", by=boris, is_shared=True)
    save_view(kind="deal", name="Казань, мои", by=boris)
    found = {str(action.title): action.url for action in find(text="казань", viewer=anna).actions}
    assert found == {
        "Contacts: Казань, без звонка": f"/contacts/?view={mine.pk}",
        "Deals: Казань, крупные": f"/deals/?view={shared.pk}",
    }
    assert "Contacts: New this week" in [str(action.title) for action in find(text="контакты новые", viewer=anna).actions]


def test_page_shows_what_was_found_and_offers_what_was_not(client: Client, anna: User, denis: User) -> None:
    petr = contact("Пётр <b>Ёлкин</b>", by=anna)
    client.force_login(anna)
    page = client.get("/search/", {"q": "елкин"}).content.decode()
    assert f'href="/contacts/{petr.pk}/"' in page and "Пётр &lt;b&gt;<mark>Ёлкин</mark>" in page
    page = client.get("/search/", {"q": "Некто Новый"}).content.decode()
    assert "/contacts/new/?name=" in page and "/board/#new=" in page
    assert 'value="Некто Новый"' in client.get("/contacts/new/", {"name": "Некто Новый"}).content.decode()
    start = client.get("/search/", {"recent": f"contact:{petr.pk},deal:99,nonsense:1,contact:x"}).content.decode()
    assert f"/contacts/{petr.pk}/" in start and "New deal" in start
    client.force_login(denis)
    assert "Ёлкин" not in client.get("/search/", {"recent": f"contact:{petr.pk}"}).content.decode()


def test_api_gives_the_same(client: Client, anna: User, boris: User, stages: list[Stage]) -> None:
    deal = make_deal("Поставка труб", by=anna, company="Вектор")
    client.force_login(anna)
    found = client.get("/api/v1/search/", {"q": "труб"}).json()
    assert found == {
        "results": [{"kind": "deal", "id": deal.pk, "title": "Поставка труб", "second": "Вектор · €1,000", "url": f"/deals/{deal.pk}/"}]
    }
    client.force_login(boris)
    assert client.get("/api/v1/search/", {"q": "труб"}).json() == {"results": []}


def test_who_sees_what_is_kept_with_the_entry(anna: User, boris: User, clara: User, denis: User, stages: list[Stage]) -> None:
    """The marks of an entry are no more and no less than the rights to its record."""
    robot = make_user("Roma Rozin", role=Role.MANAGER)
    records = [
        company("Свой", by=anna),
        company("Чужой", by=denis),
        company("Ничей", by=anna, owner=None),
        company("Без команды", by=robot),
    ]
    Company.objects.filter(name="Ничей").update(owner=None)
    make_deal("Мост", by=denis, company=records[0])
    make_deal("Мост", by=boris, company=records[2])
    deal = make_deal("Мост", by=boris, company=records[3])
    deal.delete()
    people = [contact("Главный", by=denis), contact("Советник", by=denis), contact("Бывший", by=denis), contact("Ничья", by=denis)]
    bridge = make_deal("Мост", by=anna, contact=people[0])
    parts = [DealContact.objects.create(deal=bridge, contact=person) for person in people[1:3]]
    parts[1].delete()
    Deal.objects.filter(pk=bridge.pk).update(owner=boris)
    for viewer in (anna, boris, clara, denis, robot):
        for model in (Company, Contact):
            kind = model._meta.model_name
            seen = set(model.objects.visible_to(viewer).values_list("pk", flat=True))
            assert set(SearchEntry.objects.filter(kind=kind).seen_by(viewer).values_list("record_id", flat=True)) == seen, (viewer, kind)
            walks = [set(model.objects.filter(walk).values_list("pk", flat=True)) for walk in model.objects.all().walks(viewer)]
            assert set().union(*walks) == seen, (viewer, kind)


def test_a_tasks_day_is_that_of_its_reader(anna: User) -> None:
    User.objects.filter(pk=anna.pk).update(time_zone="Asia/Tokyo")
    anna.refresh_from_db()
    task = add_task(title="Call", due_at=datetime(2027, 3, 10, 21, 30, tzinfo=UTC), by=anna)
    assert "11" in task_hits([task.pk], anna)[0].second
