"""Tags among the settings: renamed, put together and deleted everywhere, and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from crm import jobs
from crm.errors import Forbidden, Refused
from crm.filtering.tags import names_tag, replace_tag
from crm.models import Company, Contact, Event, Job, SavedView, Tag, TagChange, User
from crm.queries.tags import alike_tags, count_tagged, counted_tags
from crm.services.clients import save_client
from crm.services.tag_changes import delete_tag, edit_tag, merge_tags, undo_tag_change
from pipeline.models import Deal, Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def records(anna: User, stages: list[Stage]) -> tuple[Contact, Company, Deal]:
    contact = save_client(model=Contact, by=anna, name="Ivan", tags=["VIP", "hot", "late"])
    company = save_client(model=Company, by=anna, name="Vektor", tags=["late", "hot"])
    return contact, company, make_deal(by=anna, tags=["hot"])


def tags_of(*records: Any) -> list[list[str]]:
    for record in records:
        record.refresh_from_db()
    return [record.tags for record in records]


def tag(name: str) -> Tag:
    return Tag.objects.get(name=name)


def asking(*names: str) -> dict[str, Any]:
    return {
        "all": [{"field": "tags", "op": "has_any", "value": list(names)}, {"any": [{"field": "name", "op": "contains", "value": "hot"}]}]
    }


def view_of(user: User, *names: str) -> SavedView:
    return SavedView.objects.create(kind="contact", name="Some", owner=user, filter=asking(*names))


def test_a_tag_in_a_filter_is_replaced_once_and_words_alike_are_left() -> None:
    assert replace_tag(asking("hot", "late"), "hot", "late") == asking("late")
    assert replace_tag(asking("hot"), "cold", "late") == asking("hot")
    assert replace_tag({"field": "tags", "op": "empty"}, "hot", "late") == {"field": "tags", "op": "empty"}
    assert names_tag({"any": [asking("hot")]}, "hot")
    assert not names_tag(asking(), "hot")


def test_a_new_name_is_on_every_record_in_its_place_and_in_views(admin: User, anna: User, records: tuple[Contact, Company, Deal]) -> None:
    view, other = view_of(anna, "hot", "VIP"), view_of(anna, "late")
    _tag, change = edit_tag(tag_id=tag("hot").pk, name=" #warm ", colour="pink", by=admin)
    assert tags_of(*records) == [["VIP", "warm", "late"], ["late", "warm"], ["warm"]]
    assert tag("warm").colour == "pink"
    assert not Tag.objects.filter(name="hot").exists()
    for each, names in ((view, ("warm", "VIP")), (other, ("late",))):
        each.refresh_from_db()
        assert each.filter == asking(*names)
    assert change is not None
    assert change.finished_at
    assert change.counts == {"contact": 1, "company": 1, "deal": 1}
    assert sorted(Event.objects.filter(record="tag").values_list("type", flat=True)) == ["tag.coloured", "tag.renamed"]
    undo_tag_change(change_id=change.pk, by=admin)
    assert tags_of(*records) == [["VIP", "hot", "late"], ["late", "hot"], ["hot"]]
    view.refresh_from_db()
    assert view.filter == asking("hot", "VIP")
    with pytest.raises(Refused):
        undo_tag_change(change_id=change.pk, by=admin)


def test_the_same_name_in_another_case_is_no_other_tag(admin: User, records: tuple[Contact, Company, Deal]) -> None:
    edit_tag(tag_id=tag("hot").pk, name="Hot", by=admin)
    assert tags_of(*records)[0] == ["VIP", "Hot", "late"]
    with pytest.raises(Refused, match="Merge the two"):
        edit_tag(tag_id=tag("Hot").pk, name="LATE", by=admin)
    for name in ("", " # ", "x" * 41):
        with pytest.raises(Refused):
            edit_tag(tag_id=tag("Hot").pk, name=name, by=admin)
    with pytest.raises(Refused):
        edit_tag(tag_id=tag("Hot").pk, colour="mauve", by=admin)
    assert tags_of(*records)[0] == ["VIP", "Hot", "late"]


def test_two_become_one_and_two_again(admin: User, anna: User, records: tuple[Contact, Company, Deal]) -> None:
    before = tags_of(*records)
    view = view_of(anna, "hot", "late")
    change = merge_tags(tag_id=tag("hot").pk, into_id=tag("late").pk, by=admin)
    assert tags_of(*records) == [["VIP", "late"], ["late"], ["late"]]
    view.refresh_from_db()
    assert view.filter == asking("late")
    # What somebody does meanwhile stays.
    contact, company, deal = records
    save_client(model=Contact, by=anna, pk=contact.pk, tags=["late", "new", "VIP"])
    Deal.objects.filter(pk=deal.pk).update(tags=["new"])
    undo_tag_change(change_id=change.pk, by=admin)
    assert tags_of(contact, company, deal) == [["late", "new", "VIP", "hot"], before[1], ["new"]]
    view.refresh_from_db()
    assert view.filter == asking("hot", "late")
    assert not TagChange.objects.get().rows.exists()
    with pytest.raises(Refused):
        merge_tags(tag_id=tag("hot").pk, into_id=tag("hot").pk, by=admin)


def test_merge_and_undo_give_every_record_back_to_the_letter(admin: User, anna: User) -> None:
    lists = [["a"], ["b"], ["a", "b"], ["b", "a"], ["x", "a", "y", "b", "z"], ["b", "x", "a"], [], ["x"]]
    contacts = [save_client(model=Contact, by=anna, name=f"C{number}", tags=tags) for number, tags in enumerate(lists)]
    merged = [["b"], ["b"], ["b"], ["b"], ["x", "b", "y", "z"], ["b", "x"], [], ["x"]]
    change = merge_tags(tag_id=tag("a").pk, into_id=tag("b").pk, by=admin)
    assert tags_of(*contacts) == merged
    undo_tag_change(change_id=change.pk, by=admin)
    assert tags_of(*contacts) == lists
    change = delete_tag(tag_id=tag("a").pk, by=admin)
    assert tags_of(*contacts) == [[each for each in tags if each != "a"] for tags in lists]
    undo_tag_change(change_id=change.pk, by=admin)
    assert tags_of(*contacts) == lists


def test_a_deleted_tag_comes_back_with_its_colour(admin: User, anna: User, records: tuple[Contact, Company, Deal]) -> None:
    edit_tag(tag_id=tag("hot").pk, colour="orange", by=admin)
    view = view_of(anna, "hot")
    change = delete_tag(tag_id=tag("hot").pk, by=admin)
    assert tags_of(*records) == [["VIP", "late"], ["late"], []]
    undo_tag_change(change_id=change.pk, by=admin)
    assert tags_of(*records) == [["VIP", "hot", "late"], ["late", "hot"], ["hot"]]
    assert tag("hot").colour == "orange"
    view.refresh_from_db()
    assert view.filter == asking("hot")


def test_many_follow_in_the_background_chunk_by_chunk(
    admin: User, anna: User, monkeypatch: pytest.MonkeyPatch, records: tuple[Contact, Company, Deal]
) -> None:
    monkeypatch.setattr("crm.services.tag_changes.AT_ONCE", 2)
    monkeypatch.setattr("crm.services.tag_changes.CHUNK", 2)
    for number in range(4):
        save_client(model=Contact, by=anna, name=f"C{number}", tags=["hot"])
    change = merge_tags(tag_id=tag("hot").pk, into_id=tag("late").pk, by=admin)
    assert not change.finished_at
    assert Contact.objects.tagged("hot").count() == 5
    with pytest.raises(Refused, match="just now"):
        delete_tag(tag_id=tag("VIP").pk, by=admin)
    job = jobs.claim()
    assert job is not None
    jobs.run_chunk(job)
    assert Contact.objects.tagged("hot").count() == 3
    jobs.run(job)
    assert tags_of(*records) == [["VIP", "late"], ["late"], ["late"]]
    change.refresh_from_db()
    assert (change.counts, bool(change.finished_at)) == ({"contact": 5, "company": 1, "deal": 1}, True)
    assert (Job.objects.get().done, Job.objects.get().total, Job.objects.get().state) == (7, 7, "done")
    undo_tag_change(change_id=change.pk, by=admin)
    jobs.run_waiting()
    assert tags_of(*records) == [["VIP", "hot", "late"], ["late", "hot"], ["hot"]]
    assert Contact.objects.tagged("hot").count() == 5
    assert not Contact.objects.tagged("late").exclude(pk=records[0].pk).exists()


def test_only_admins_change_tags(clara: User, anna: User, records: tuple[Contact, Company, Deal]) -> None:
    hot, late = tag("hot").pk, tag("late").pk
    for user in (clara, anna):
        for act in (
            lambda by: edit_tag(tag_id=hot, name="x", by=by),
            lambda by: merge_tags(tag_id=hot, into_id=late, by=by),
            lambda by: delete_tag(tag_id=hot, by=by),
        ):
            with pytest.raises(Forbidden):
                act(user)
    assert tags_of(*records)[0] == ["VIP", "hot", "late"]


def test_they_are_counted_up_to_a_thousand_in_one_query(
    anna: User, records: tuple[Contact, Company, Deal], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        page = counted_tags()
    assert [(row.tag.name, row.total) for row in page.rows] == [("hot", 3), ("late", 2), ("VIP", 1)]
    monkeypatch.setattr("crm.queries.tags.MANY", 2)
    for number in range(4):
        save_client(model=Contact, by=anna, name=f"C{number}", tags=["hot"])
    with django_assert_num_queries(1):
        assert count_tagged(["hot", "nonsense '; --"]) == {
            "hot": {"contact": 2, "company": 1, "deal": 1},
            "nonsense '; --": {"contact": 0, "company": 0, "deal": 0},
        }
    monkeypatch.setattr("crm.queries.tags.PAGE", 2)
    first = counted_tags()
    assert [row.tag.name for row in first.rows] == ["hot", "late"]
    assert [row.tag.name for row in counted_tags(after=first.next).rows] == ["VIP"]
    assert [row.tag.name for row in counted_tags(text="LAT").rows] == ["late"]


def test_tags_that_differ_by_habit_stand_side_by_side() -> None:
    Tag.objects.bulk_create([Tag(name=name) for name in ("Тёплый", "теплый", "Cafe", "Café", "Other", "…")])
    assert [[each.name for each in tags] for tags in alike_tags()] == [["Cafe", "Café"], ["теплый", "Тёплый"]]


# Pages and API


def test_the_pages_of_an_admin(admin: User, client: Client, records: tuple[Contact, Company, Deal]) -> None:
    client.force_login(admin)
    html = client.get(reverse("settings_tags")).content.decode()
    assert html.count("data-tag=") == 3
    assert "Contacts: 1" in html
    hot = reverse("tag", args=[tag("hot").pk])
    assert client.get(hot).status_code == 200
    assert client.post(hot, {"name": "late", "colour": "pink"}).status_code == 422
    assert client.post(hot, {"name": "warm", "colour": "pink"}).status_code == 302
    html = client.get(reverse("settings_tags")).content.decode()
    change = TagChange.objects.get()
    assert reverse("tag_change_undoing", args=[change.pk]) in html
    client.post(reverse("tag_change_undoing", args=[change.pk]))
    client.post(reverse("tag_merge", args=[tag("hot").pk]), {"into": "LATE"})
    assert tags_of(records[2]) == [["late"]]
    assert client.post(reverse("tag_merge", args=[tag("late").pk]), {"into": "nobody's"}).status_code == 422
    client.post(reverse("tag_deletion", args=[tag("late").pk]))
    assert tags_of(*records) == [["VIP"], [], []]
    assert client.get(reverse("settings_tags"), {"q": "nothing like it", "after": "nonsense"}).status_code == 200


def test_those_that_look_like_one_are_made_one(admin: User, anna: User, client: Client) -> None:
    contact = save_client(model=Contact, by=anna, name="Ivan", tags=["Тёплый", "теплый"])
    client.force_login(admin)
    assert "Тёплый" in client.get(reverse("settings_tags")).content.decode()
    ids = [tag("Тёплый").pk, tag("теплый").pk]
    client.post(reverse("tags_union"), {"tag": ids, "keep": ids[0]})
    assert tags_of(contact) == [["Тёплый"]]


def test_the_api_lists_for_all_and_changes_for_admins(admin: User, anna: User, records: tuple[Contact, Company, Deal]) -> None:
    api = APIClient()
    api.force_authenticate(anna)
    found = api.get("/api/v1/tags/?q=HOT").json()["results"]
    assert found == [{"id": tag("hot").pk, "name": "hot", "colour": "slate"}]
    address = f"/api/v1/tags/{tag('hot').pk}/"
    merge = {"into": tag("late").pk}
    for refused in (
        api.patch(address, {"name": "x"}, format="json"),
        api.delete(address),
        api.post(f"{address}merge/", merge, format="json"),
    ):
        assert refused.status_code == 403
    api.force_authenticate(admin)
    assert api.patch(address, {"name": "warm"}, format="json").json()["name"] == "warm"
    change = api.post(f"{address}merge/", merge, format="json").json()
    assert (change["into"], change["finished"], change["counts"]) == ("late", True, {"contact": 1, "company": 1, "deal": 1})
    assert api.post(f"/api/v1/tag-changes/{change['id']}/undo/").json()["finished"] is True
    assert tags_of(*records) == [["VIP", "warm", "late"], ["late", "warm"], ["warm"]]
    gone = api.delete(f"/api/v1/tags/{tag('warm').pk}/").json()
    assert (gone["into"], gone["name"]) == ("", "warm")
    assert api.delete(address).status_code == 404
