"""Who is there already like what is being typed: shown as far as one sees them, at a cost that doesn't grow."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from crm.errors import Forbidden
from crm.models import Company, Contact, DuplicatePair, User
from crm.queries.known import Likely, Typed, likely, likely_companies
from crm.queries.likeness import CROWD
from crm.services.clients import save_client
from crm.services.dictionary import learn_words
from crm.services.duplicates import open_pair
from crm.services.merges import dismiss_pair
from pipeline.models import Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def contact_of(by: User, name: str, **values: Any) -> Contact:
    saved: Contact = save_client(model=Contact, by=by, name=name, **values)
    return saved


def company_of(by: User, name: str, **values: Any) -> Company:
    saved: Company = save_client(model=Company, by=by, name=name, **values)
    return saved


def typed(query: str) -> Typed:
    return Typed.read(QueryDict(query), "RU")


def told(found: Likely) -> list[tuple[str, list[str]]]:
    return [(known.record.name, known.reasons) for known in found.known]


@pytest.mark.parametrize(
    ("name", "likeness"),
    [
        ("алена ким", "name"),
        ("Ким Алёна", "name"),
        ("Алёна Кимм", ""),
        ("Алена Ким-", "name"),
        ("Alyona Kim", ""),
        ("Alena Kim", "similar"),
    ],
)
def test_a_name_is_known_in_any_case_order_and_alphabet(anna: User, name: str, likeness: str) -> None:
    contact_of(anna, "Алёна Ким")
    learn_words()
    assert told(likely("contact", typed(f"name={name}"), viewer=anna)) == ([("Алёна Ким", [likeness])] if likeness else [])


@pytest.mark.parametrize(
    ("there", "name"),
    [
        ("Пётр Иванов", "Пётр Ивонов"),
        ("Пётр Иванов", "Петр Ивановв"),
        ("Yulia Smirnova", "Юлия Смирнова"),
        ("Julia Smirnova", "Юлия Смирнова"),
        ("Юлия Смирнова", "Yulia Smirnova"),
        ("Юлия Смирнова", "Julia Smirnova"),
        ("Евгений Орлов", "Evgeny Orlov"),
        ("Evgeny Orlov", "Евгений Орлов"),
        ("Dmitry Volkov", "Dmitriy Volkov"),
    ],
)
def test_a_misspelt_or_respelt_name_is_known(anna: User, there: str, name: str) -> None:
    contact_of(anna, there)
    learn_words()
    assert told(likely("contact", typed(f"name={name}"), viewer=anna)) == [(there, ["similar"])]


def test_nearly_the_same_name_counts_at_the_same_company_or_where_none_is_known(anna: User) -> None:
    there = contact_of(anna, "Пётр Иванов", company=company_of(anna, "ООО «Вектор»"))
    learn_words()
    assert told(likely("contact", typed("name=Пётр Ивонов"), viewer=anna)) == [(there.name, ["similar"])]
    assert told(likely("contact", typed("name=Пётр Ивонов&company=вектор"), viewer=anna)) == [(there.name, ["similar", "company"])]
    assert not likely("contact", typed("name=Пётр Ивонов&company=Ромашка"), viewer=anna)
    # The very name is told of at any company.
    assert told(likely("contact", typed("name=Петр Иванов&company=Ромашка"), viewer=anna)) == [(there.name, ["name"])]


def test_any_address_and_any_number_however_it_is_written(anna: User) -> None:
    there = contact_of(anna, "Alena Kim", emails=["a@y.example", "kim@y.example"], phones=["8 495 123-45-67", "8 912 345-67-89"])
    found = likely("contact", typed("email=x@y.example&email=KIM@y.example&phone=+7 (912) 345 67 89"), viewer=anna)
    assert told(found) == [(there.name, ["email", "phone"])]
    assert not likely("contact", typed("email=kim&phone=912"), viewer=anna)
    assert not likely("contact", typed("email=a@y.example&name=Alena Kim"), viewer=anna, but=there.pk)
    assert not likely("contact", typed("name=%00&email=%00&phone=%00"), viewer=anna)


def test_of_others_only_the_very_address_is_told_and_no_name(
    anna: User, boris: User, clara: User, admin: User, stages: list[Stage]
) -> None:
    hidden = contact_of(boris, "Secret Namesake", email="secret@y.example", phone="+79123456789")
    learn_words()
    assert not likely("contact", typed("name=Secret Namesake"), viewer=anna)
    assert not likely("contact", typed("name=Secret Namesaek"), viewer=anna)
    found = likely("contact", typed("name=Secret Namesake&email=secret@y.example&phone=89123456789"), viewer=anna)
    assert (found.known, found.hidden) == ([], ["email", "phone"])
    for boss in (clara, admin):
        found = likely("contact", typed("email=secret@y.example"), viewer=boss)
        assert (told(found), found.hidden) == ([(hidden.name, ["email"])], [])
    # Seen through a deal means seen, but not theirs to merge.
    make_deal(by=anna, contact=hidden)
    found = likely("contact", typed("email=secret@y.example"), viewer=anna)
    assert [known.may_change for known in found.known] == [False]
    assert not found.hidden


def test_what_many_nearly_share_says_nothing_and_namesakes_are_few(anna: User) -> None:
    for _ in range(CROWD + 1):
        contact_of(anna, "Ivan Petrova")
    learn_words()
    assert not likely("contact", typed("name=Ivan Petrov"), viewer=anna)
    there = [contact_of(anna, "Ivan Petrov") for _ in range(7)]
    found = likely("contact", typed("name=Ivan Petrov"), viewer=anna)
    assert [known.record for known in found.known] == there[:5]


def test_it_costs_the_same_however_many_there_are(anna: User, boris: User, django_assert_num_queries: Any) -> None:
    asked = typed("name=Пётр Ивонов&company=Вектор&email=a@y.example&email=b@y.example&phone=89123456789")
    contact_of(boris, "Hidden", email="b@y.example")
    for _ in range(3):
        contact_of(anna, "Пётр Иванов", company=company_of(anna, "Вектор"), email="a@y.example")
        learn_words()
        with django_assert_num_queries(5):
            assert likely("contact", asked, viewer=anna).known
        with django_assert_num_queries(3):
            assert likely("company", typed("name=Вектар"), viewer=anna).known
    with django_assert_num_queries(0):
        assert not likely("contact", typed("position=CEO"), viewer=anna)


def test_a_company_is_meant_where_none_is_called_so(anna: User, boris: User) -> None:
    company_of(anna, "ООО «Вектор»")
    company_of(boris, "Вектор Плюс")
    learn_words()
    assert told(likely_companies("вектор", viewer=anna)) == [("ООО «Вектор»", ["name"])]
    assert not likely_companies("ооо «вектор»", viewer=anna)
    assert not likely_companies("Вектор Плюс", viewer=anna)
    assert not likely_companies("", viewer=anna)


# Pages


def test_what_is_there_is_told_once_and_never_blocks(anna: User, boris: User, client: Client) -> None:
    there = contact_of(anna, "Алёна Ким", email="alena@example.com", phone="+7 912 345-67-89", company=company_of(anna, "Вектор"))
    client.force_login(anna)
    for filled, asked in (
        ({"name": "алена ким"}, {"name": "алена ким"}),
        ({"name": "B", "emails.5.address": "ALENA@example.com"}, {"email": ["x@example.com", "ALENA@example.com"]}),
        ({"name": "C", "phones.0.number": "89123456789"}, {"phone": "89123456789"}),
    ):
        answer = client.post(reverse("new_contact"), {**filled, "owner": anna.pk})
        assert answer.status_code == 422
        shown = client.get(reverse("contact_duplicates"), asked).content.decode()
        for html in (answer.content.decode(), shown):
            assert reverse("contact", args=[there.pk]) in html
            assert f'name="warned" value="{there.pk}"' in html
            assert "Вектор" in html
            assert anna.name in html
    # Told while typing, it is added at once.
    assert client.post(reverse("new_contact"), {"name": "Алёна Ким", "owner": anna.pk, "warned": there.pk}).status_code == 302
    # A name that is only alike never stands in the way.
    learn_words()
    assert "similar name" in client.get(reverse("contact_duplicates"), {"name": "Алина Ким"}).content.decode()
    assert client.post(reverse("new_contact"), {"name": "Алина Ким", "owner": anna.pk}).status_code == 302


def test_the_form_tells_of_others_without_their_name(anna: User, boris: User, client: Client) -> None:
    contact_of(boris, "Secret Namesake", email="secret@y.example")
    client.force_login(anna)
    html = client.get(reverse("contact_duplicates"), {"name": "Secret Namesake", "email": "secret@y.example"}).content.decode()
    assert "Somebody else&#x27;s client has this e-mail" in html or "Somebody else's client has this e-mail" in html
    assert "Secret" not in html
    assert boris.name not in html
    assert client.get(reverse("contact_duplicates"), {"name": "Secret Namesake"}).content.decode().strip() == ""
    filled = {"name": "Newcomer", "emails.0.address": "secret@y.example", "owner": anna.pk}
    assert client.post(reverse("new_contact"), filled).status_code == 422
    assert client.post(reverse("new_contact"), filled | {"warned": "email"}).status_code == 302


def test_a_contacts_company_of_nearly_that_name_can_be_used(anna: User, client: Client) -> None:
    company_of(anna, "Вектор")
    learn_words()
    client.force_login(anna)
    html = client.get(reverse("contact_duplicates"), {"name": "Somebody", "company": "Вектар"}).content.decode()
    assert 'data-use="Вектор"' in html
    assert "data-use" not in client.get(reverse("contact_duplicates"), {"name": "Somebody", "company": "вектор"}).content.decode()


def test_the_board_names_companies_that_a_line_may_mean(anna: User, denis: User, stages: list[Stage], client: Client) -> None:
    company_of(anna, "Вектор")
    learn_words()
    address = reverse("board_likely", args=[stages[0].pipeline_id])
    client.force_login(anna)
    html = client.get(address, {"line": "Насосы @ Вектар 300k"}).content.decode()
    assert 'data-use="Вектор" data-typed="Вектар"' in html
    for line in ("Насосы @ Вектор 300k", "Вектар 300k", ""):
        assert client.get(address, {"line": line}).content.decode().strip() == ""
    client.force_login(denis)
    assert client.get(address, {"line": "Насосы @ Вектар"}).content.decode().strip() == ""


def edit(client: Client, pk: int, field: str, value: str) -> str:
    answer = client.post(reverse("contact_fields", args=[pk]), {"field": field, "value": value})
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_edit_in_place_tells_of_what_has_become_alike(anna: User, boris: User, client: Client) -> None:
    there = contact_of(anna, "Алёна Ким", email="alena@y.example", phone="+79123456789")
    contact_of(boris, "Secret", email="secret@y.example")
    mine = contact_of(anna, "Somebody", email="old@y.example")
    client.force_login(anna)
    link = reverse("contact", args=[there.pk])
    assert link in edit(client, mine.pk, "emails", '[{"address": "old@y.example"}, {"address": "ALENA@y.example"}]')
    assert link not in edit(client, mine.pk, "emails", '[{"address": "alena@y.example"}]')  # not new any more
    html = edit(client, mine.pk, "phones", '[{"number": "8 912 345-67-89"}]')
    assert f'<input type="hidden" name="other" value="{there.pk}">' in html
    assert link in edit(client, mine.pk, "name", "ким алена")
    assert link not in edit(client, mine.pk, "position", "CEO")
    html = edit(client, mine.pk, "emails", '[{"address": "secret@y.example"}]')
    assert "Somebody else" in html
    assert "Secret" not in html


def test_two_that_somebody_takes_for_the_same_go_side_by_side(anna: User, boris: User, client: Client) -> None:
    one, other = contact_of(anna, "Алёна Ким"), contact_of(anna, "Ким Алена", phone="+79123456789")
    foreign = contact_of(boris, "Secret")
    client.force_login(anna)
    answer = client.post(reverse("duplicate_pairs"), {"kind": "contact", "one": other.pk, "other": one.pk})
    pair = DuplicatePair.objects.get()
    assert (pair.a, pair.b, pair.reasons, pair.state) == (one.pk, other.pk, ["name"], "open")
    assert answer.headers["Location"] == reverse("duplicate_pair", args=[pair.pk])
    dismiss_pair(pair_id=pair.pk, by=anna)
    assert open_pair(kind="contact", one=one.pk, other=other.pk, by=anna).pk == pair.pk
    assert DuplicatePair.objects.get().state == "open"
    for other_pk in (foreign.pk, one.pk, 0):
        answer = client.post(reverse("duplicate_pairs"), {"kind": "contact", "one": one.pk, "other": other_pk})
        assert answer.status_code == 404
    assert client.post(reverse("duplicate_pairs"), {"kind": "task", "one": one.pk, "other": other.pk}).status_code == 404


def test_only_who_may_change_both_pairs_them(anna: User, boris: User, stages: list[Stage]) -> None:
    one, other = contact_of(anna, "Алёна Ким"), contact_of(boris, "Алена Ким")
    make_deal(by=anna, contact=other)
    with pytest.raises(Forbidden):
        open_pair(kind="contact", one=one.pk, other=other.pk, by=anna)
    assert not DuplicatePair.objects.exists()
