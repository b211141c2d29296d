"""Records that may be the same: found by themselves, shown to whoever may change both, merged from the page and taken apart."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from crm import events, jobs
from crm.errors import Forbidden
from crm.models import Company, Contact, DuplicatePair, Event, Job, Merge, User
from crm.queries.duplicates import pairs_for, sides
from crm.queries.likeness import CROWD, names_alike
from crm.services.clients import save_client
from crm.services.dictionary import learn_words
from crm.services.duplicates import look_again, start_search
from crm.services.merges import dismiss_pair, merge_clients, unmerge_clients
from crm.services.notes import add_note
from pipeline.models import Stage
from tests.crm.importing.test_imports import bring_in
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


def contact_of(by: User, name: str, **values: Any) -> Contact:
    saved: Contact = save_client(model=Contact, by=by, name=name, **values)
    return saved


def hear() -> None:
    """What a worker does with the events that wait."""
    events.dispatch_all(Event.objects.undispatched())


def pairs() -> list[tuple[int, int, list[str], str]]:
    return list(DuplicatePair.objects.order_by("a", "b").values_list("a", "b", "reasons", "state"))


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Пётр Иванов", "иванов петр", "name"),
        ("ООО «Вектор»", "Вектор", "name"),
        ("Пётр Иванов", "Пётр Ивонов", "similar"),
        ("И. Петров", "Иван Петров", "similar"),
        ("Иван Петров", "Анна Петрова", ""),
        ("Склад 1", "Склад 2", ""),
        ("Анна", "Инна", ""),
        ("", "", ""),
    ],
)
def test_names_are_alike_in_any_order_and_with_a_typo(one: str, other: str, likeness: str) -> None:
    assert names_alike(one, other) == names_alike(other, one) == likeness


def test_what_two_share_is_found_after_a_change_and_forgotten_when_it_ends(anna: User, boris: User) -> None:
    one = contact_of(anna, "Alena Kim", emails=[{"address": "x@y.example"}, {"address": "kim@y.example"}])
    other = contact_of(boris, "Somebody Else", emails=[{"address": "KIM@y.example"}], phones=[{"number": "8 912 345-67-89"}])
    third = contact_of(boris, "Whoever", phone="+79123456789")
    hear()
    found = [(one.pk, other.pk, ["email"], "open"), (other.pk, third.pk, ["phone"], "open")]
    assert pairs() == found
    for record in (one, other, third):
        look_again(kind="contact", pk=record.pk)
    assert pairs() == found
    save_client(model=Contact, by=boris, pk=third.pk, phone="+79120000000")
    hear()
    assert pairs() == found[:1]


def test_a_misspelt_name_counts_with_the_same_company(anna: User) -> None:
    vektor = save_client(model=Company, by=anna, name="Вектор")
    one = contact_of(anna, "Пётр Иванов", company=vektor)
    contact_of(anna, "Пётр Ивонов")
    learn_words()
    typo = contact_of(anna, "Пётр Ивонов", company=vektor)
    hear()
    assert (one.pk, typo.pk, ["similar", "company"], "open") in pairs()
    assert not DuplicatePair.objects.filter(a=one.pk).exclude(b=typo.pk).exists()


def test_what_a_crowd_shares_makes_no_pairs(anna: User) -> None:
    Contact.objects.bulk_create(
        Contact(name=f"Person {number}", owner=anna, phones=[{"number": "+79123456789", "label": ""}]) for number in range(CROWD + 1)
    )
    last = contact_of(anna, "Quite Another", phone="+79123456789")
    assert look_again(kind="contact", pk=last.pk) == 0


def test_a_dismissed_pair_stays_dismissed_and_a_merged_one_closes(anna: User) -> None:
    one, other, third = (contact_of(anna, "Alena Kim", email="kim@y.example") for _ in range(3))
    hear()
    assert len(pairs()) == 3
    dismiss_pair(pair_id=DuplicatePair.objects.get(a=one.pk, b=other.pk).pk, by=anna)
    look_again(kind="contact", pk=one.pk)
    merge = merge_clients(kind="contact", kept_id=one.pk, gone_id=third.pk, by=anna)
    hear()
    decided = [(one.pk, other.pk, "dismissed"), (one.pk, third.pk, "merged")]
    assert [(a, b, state) for a, b, _reasons, state in pairs()] == decided
    unmerge_clients(merge_id=merge.pk, by=anna)
    hear()
    assert [state for *_rest, state in pairs()] == ["dismissed", "dismissed", "open"]


def test_the_whole_base_is_looked_through_chunk_by_chunk(anna: User, clara: User, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.JOBS_BREATH = 0
    monkeypatch.setattr("crm.services.duplicates.CHUNK", 2)
    Contact.objects.bulk_create(Contact(name=f"C{n}", owner=anna, emails=[{"address": f"{n // 2}@y.example"}]) for n in range(6))
    Company.objects.bulk_create(Company(name="Вектор", owner=anna) for _n in range(2))
    with pytest.raises(Forbidden):
        start_search(by=anna)
    job = start_search(by=clara)
    assert start_search(by=clara) == job
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 8, 8)
    assert DuplicatePair.objects.filter(kind="contact").count() == 3
    assert DuplicatePair.objects.filter(kind="company").count() == 1
    assert Job.objects.count() == 1


def test_what_an_import_brings_is_looked_through_once_at_its_end(anna: User, settings: Any) -> None:
    settings.JOBS_BREATH = 0
    bring_in("Name,Email\nAnna Belova,a@b.example\nBelova Anna,c@d.example\n", anna, automation="yes")
    events.dispatch_all(Event.objects.undispatched())
    assert not DuplicatePair.objects.exists()
    jobs.run_waiting()
    assert DuplicatePair.objects.count() == 1


def test_a_pair_is_shown_to_whoever_may_change_both(anna: User, boris: User, clara: User, client: Client) -> None:
    contact_of(anna, "Alena Kim", email="kim@y.example")
    contact_of(boris, "Alena Kim", email="kim@y.example")
    hear()
    [pair] = DuplicatePair.objects.all()
    for user, status in ((anna, 404), (boris, 404), (clara, 200)):
        client.force_login(user)
        assert len(pairs_for("contact", user).rows) == (status == 200)
        assert ("Alena Kim" in client.get(reverse("duplicates")).content.decode()) == (status == 200)
        assert client.get(reverse("duplicate_pair", args=[pair.pk])).status_code == status
        assert client.post(reverse("duplicate_dismissal", args=[pair.pk])).status_code == (302 if status == 200 else status)
    pair.refresh_from_db()
    assert pair.state == "dismissed"
    client.post(reverse("duplicate_restoration", args=[pair.pk]))
    pair.refresh_from_db()
    assert pair.state == "open"


def test_pages_of_pairs_go_on_by_key(anna: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any) -> None:
    monkeypatch.setattr("crm.queries.duplicates.PAGE", 2)
    for number in range(5):
        for _twice in range(2):
            contact_of(anna, f"Quite{number} Someone{number}", email=f"{number}@y.example")
    hear()
    seen, after = [], ""
    while True:
        with django_assert_num_queries(2):
            page = pairs_for("contact", anna, after)
        seen += [shown.pair.pk for shown in page.rows]
        if not (after := page.next):
            break
    assert sorted(seen) == list(DuplicatePair.objects.order_by("pk").values_list("pk", flat=True))
    assert len(seen) == 5


def test_two_are_made_one_as_chosen_and_taken_apart_from_the_page(anna: User, client: Client) -> None:
    one = contact_of(anna, "Alena Kim", email="kim@y.example", position="CEO")
    other = contact_of(anna, "Alyona Kim", emails=[{"address": "kim@y.example"}, {"address": "k@y.example"}], position="Director")
    hear()
    client.force_login(anna)
    address = reverse("duplicate_pair", args=[DuplicatePair.objects.get().pk])
    html = client.get(address).content.decode()
    assert 'name="pick.position" value="b" checked' in html  # the fuller one is proposed
    answer = client.post(address, {"keep": "b", "pick.name": "a", "pick.position": "b", "pick.nonsense": "x"})
    assert answer.headers["Location"] == reverse("contact", args=[other.pk])
    other.refresh_from_db()
    assert (other.name, other.position) == ("Alena Kim", "Director")
    assert client.get(address).status_code == 404
    undoing = reverse("merge_undoing", args=[Merge.objects.get().pk])
    assert undoing in client.get(reverse("contact", args=[other.pk])).content.decode()
    client.post(undoing)
    assert set(Contact.objects.values_list("pk", "name")) == {(one.pk, "Alena Kim"), (other.pk, "Alyona Kim")}


def test_what_one_may_not_see_is_not_counted(anna: User, denis: User, stages: list[Stage]) -> None:
    one, other = contact_of(anna, "Alena Kim"), contact_of(anna, "Alyona Kim")
    make_deal("Secret", by=denis, contact=other)
    make_deal("Ours", by=anna, contact=one)
    add_note(record="contact", record_id=other.pk, body="A note", by=anna)
    told = {side.record.pk: [(str(label), number) for label, number in side.about] for side in sides("contact", [one, other], anna)}
    assert told == {one.pk: [("Deals", 1)], other.pk: [("Notes", 1)]}


def test_the_api_lists_pairs_of_which_one_may_change_both(anna: User, boris: User, clara: User, django_assert_num_queries: Any) -> None:
    one, other = contact_of(anna, "Alena Kim", email="kim@y.example"), contact_of(anna, "Kim Alena", email="kim@y.example")
    contact_of(boris, "Somebody", email="kim@y.example")
    company = [save_client(model=Company, by=anna, name=name) for name in ("ООО «Вектор»", "Вектор")]
    hear()
    api = APIClient()
    api.force_authenticate(anna)
    with django_assert_num_queries(1):
        found = api.get("/api/v1/duplicates/?kind=contact").json()["results"]
    assert [(pair["records"], pair["reasons"], pair["state"]) for pair in found] == [([one.pk, other.pk], ["email", "name"], "open")]
    assert len(api.get("/api/v1/duplicates/").json()["results"]) == 2
    assert [pair["records"] for pair in api.get("/api/v1/duplicates/?kind=company").json()["results"]] == [[each.pk for each in company]]
    address = f"/api/v1/duplicates/{found[0]['id']}/"
    assert api.post(f"{address}dismiss/").json()["state"] == "dismissed"
    assert api.get("/api/v1/duplicates/?kind=contact").json()["results"] == []
    assert [pair["id"] for pair in api.get("/api/v1/duplicates/?state=dismissed").json()["results"]] == [found[0]["id"]]
    assert api.post(f"{address}restore/").json()["state"] == "open"
    assert api.get("/api/v1/duplicates/?state=nonsense").status_code == 400
    api.force_authenticate(boris)
    assert api.get("/api/v1/duplicates/").json()["results"] == []
    for answer in (api.get(address), api.post(f"{address}dismiss/")):
        assert answer.status_code == 404
    api.force_authenticate(clara)
    assert len(api.get("/api/v1/duplicates/?kind=contact").json()["results"]) == 3
