"""Defining fields: added, renamed, put in order, archived; their options likewise; by admins alone, two at once losing nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.utils.translation import override

from crm.errors import Changed, Forbidden, Refused
from crm.marks import mark_of
from crm.models import CustomField, Event, User
from crm.queries.custom_fields import MAX_COUNTED, count_choosers, fields_of
from crm.services import custom_fields as services
from crm.services.custom_fields import (
    EDITABLE,
    add_field,
    add_option,
    archive_field,
    edit_field,
    edit_option,
    remove_option,
    reorder_fields,
    reorder_options,
    restore_field,
    restore_option,
)
from pipeline.models import Deal, Stage
from pipeline.services.deals import edit_deal
from tests.factories import make_deal


def make_choice(by: User, type: str = "choice", **more: Any) -> CustomField:
    return add_field(kind="deal", type=type, labels={"en": "Level"}, options=["Gold", "Silver"], by=by, **more)


def keys(field: CustomField) -> list[str]:
    return [option["key"] for option in CustomField.objects.get(pk=field.pk).live_options]


@pytest.mark.django_db
def test_a_field_gets_a_key_and_the_last_place(admin: User) -> None:
    with override("ru"):
        first = add_field(kind="deal", type="choice", labels={"ru": " Уровень  щедрости "}, options=["Высокий", "Ёж"], by=admin)
    second = add_field(kind="deal", type="text", labels={"en": "7 seas", "ru": "Семь морей"}, by=admin, is_required=True)
    other = add_field(kind="contact", type="text", labels={"en": "7 seas"}, by=admin)
    assert [(field.key, field.position) for field in (first, second, other)] == [
        ("uroven_schedrosti", 0),
        ("field_7_seas", 1),
        ("field_7_seas", 0),
    ]
    assert first.options == [{"key": "vysokii", "labels": {"ru": "Высокий"}}, {"key": "ezh", "labels": {"ru": "Ёж"}}]
    assert (first.label, [field.pk for field in fields_of("deal")]) == ("Уровень щедрости", [first.pk, second.pk])
    with override("en"):
        assert (first.label, second.label) == ("Уровень щедрости", "7 seas")
    assert Event.objects.filter(type="custom_field.added", record="custom_field").count() == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "rocket"},
        {"type": "colour"},
        {"labels": {}},
        {"labels": {"en": "  "}},
        {"labels": {"de": "Größe"}},
        {"labels": "Size"},
        {"labels": {"en": 7}},
        {"labels": {"en": "x" * 81}},
        {"key": "Size"},
        {"key": "9"},
        {"key": "budget"},
        {"labels": {"ru": "бюджет"}},
        {"options": ["a"]},
        {"type": "choice"},
        {"type": "choice", "options": ["a", "A"]},
        {"type": "choice", "options": [" "]},
        {"type": "choice", "options": [{"de": "a"}]},
        {"type": "choice", "options": [str(n) for n in range(201)]},
    ],
)
@pytest.mark.django_db
def test_nonsense_makes_no_field(admin: User, asked: dict[str, Any]) -> None:
    add_field(kind="deal", type="money", key="budget", labels={"en": "Budget", "ru": "Бюджет"}, by=admin)
    with pytest.raises(Refused):
        add_field(**{"kind": "deal", "type": "text", "labels": {"en": "Size"}, "by": admin} | asked)
    assert CustomField.objects.count() == 1


@pytest.mark.django_db
def test_only_admins_shape_fields(admin: User, anna: User, clara: User) -> None:
    field = make_choice(admin)
    for person in (anna, clara):
        for act in (
            lambda by: add_field(kind="deal", type="text", labels={"en": "x"}, by=by),
            lambda by: edit_field(field_id=field.pk, changes={"is_required": True}, by=by),
            lambda by: archive_field(field_id=field.pk, by=by),
            lambda by: restore_field(field_id=field.pk, by=by),
            lambda by: reorder_fields(kind="deal", order=[field.pk], was=[field.pk], by=by),
            lambda by: add_option(field_id=field.pk, labels={"en": "x"}, by=by),
            lambda by: edit_option(field_id=field.pk, key="gold", labels={"en": "x"}, by=by),
            lambda by: remove_option(field_id=field.pk, key="gold", by=by),
            lambda by: restore_option(field_id=field.pk, key="gold", by=by),
            lambda by: reorder_options(field_id=field.pk, order=["silver", "gold"], was=["gold", "silver"], by=by),
        ):
            with pytest.raises(Forbidden):
                act(person)
    assert CustomField.objects.count() == 1 and Event.objects.count() == 1


@pytest.mark.django_db
def test_renaming_asks_what_the_admin_saw(admin: User) -> None:
    field = make_choice(admin)
    mark = mark_of(field, EDITABLE)
    edit_field(field_id=field.pk, changes={"labels": {"en": "Rank"}}, by=admin, mark=mark)
    with pytest.raises(Changed) as stale:
        edit_field(field_id=field.pk, changes={"labels": {"en": "Class"}}, by=admin, mark=mark)
    assert stale.value.current["labels"] == {"en": "Rank"}
    edit_field(field_id=field.pk, changes={"is_required": True}, by=admin)
    field.refresh_from_db()
    assert (field.labels, field.is_required, field.key) == ({"en": "Rank"}, True, "level")
    with pytest.raises(Http404):
        edit_field(field_id=0, changes={}, by=admin)


@pytest.mark.django_db
def test_a_name_stands_once(admin: User) -> None:
    field = make_choice(admin)
    other = add_field(kind="deal", type="text", labels={"en": "Size"}, by=admin)
    with pytest.raises(Refused):
        edit_field(field_id=other.pk, changes={"labels": {"en": "level"}}, by=admin)
    archive_field(field_id=field.pk, by=admin)
    with pytest.raises(Refused, match="Bring it back"):
        add_field(kind="deal", type="text", labels={"en": "Level"}, by=admin)


@pytest.mark.django_db
def test_an_archived_field_keeps_its_values_and_comes_back(admin: User, anna: User, stages: list[Stage]) -> None:
    field = make_choice(admin)
    deal = make_deal(by=anna, custom={"level": "gold"})
    archive_field(field_id=field.pk, by=admin)
    archive_field(field_id=field.pk, by=admin)
    assert fields_of("deal") == []
    with pytest.raises(Refused):
        edit_deal(deal_id=deal.pk, changes={"custom": {"level": "silver"}}, by=anna)
    edit_deal(deal_id=deal.pk, changes={"title": "Other", "custom": {"level": "gold"}}, by=anna)
    restore_field(field_id=field.pk, by=admin)
    assert [found.pk for found in fields_of("deal")] == [field.pk]
    assert Deal.objects.get().custom == {"level": "gold"}
    assert Event.objects.filter(type="custom_field.archived").count() == 1


@pytest.mark.django_db
def test_order_is_refused_when_it_is_not_what_was_seen(admin: User) -> None:
    one, two, three = (add_field(kind="deal", type="text", labels={"en": name}, by=admin).pk for name in ("One", "Two", "Three"))
    reorder_fields(kind="deal", order=[three, one, two], was=[one, two, three], by=admin)
    assert [field.pk for field in fields_of("deal")] == [three, one, two]
    with pytest.raises(Changed):
        reorder_fields(kind="deal", order=[two, one, three], was=[one, two, three], by=admin)
    with pytest.raises(Refused):
        reorder_fields(kind="deal", order=[one, two], was=[three, one, two], by=admin)
    with pytest.raises(Changed):
        reorder_fields(kind="contact", order=[one], was=[one], by=admin)


@pytest.mark.django_db
def test_options_are_renamed_removed_and_brought_back(admin: User, anna: User, stages: list[Stage]) -> None:
    field = make_choice(admin)
    deal = make_deal(by=anna, custom={"level": "gold"})
    edit_option(field_id=field.pk, key="gold", labels={"en": "Golden", "ru": "Золотой"}, was={"en": "Gold"}, by=admin)
    with pytest.raises(Changed):
        edit_option(field_id=field.pk, key="gold", labels={"en": "Yellow"}, was={"en": "Gold"}, by=admin)
    add_option(field_id=field.pk, labels={"en": "Gold"}, by=admin)
    assert keys(field) == ["gold", "silver", "gold_2"]
    reorder_options(field_id=field.pk, order=["gold_2", "silver", "gold"], was=["gold", "silver", "gold_2"], by=admin)
    remove_option(field_id=field.pk, key="gold", by=admin)
    assert keys(field) == ["gold_2", "silver"]
    with pytest.raises(Refused, match="Bring it back"):
        add_option(field_id=field.pk, labels={"ru": "золотой"}, by=admin)
    assert Deal.objects.get().custom == {"level": "gold"}  # nothing that was chosen is lost
    restore_option(field_id=field.pk, key="gold", by=admin)
    assert keys(field) == ["gold_2", "silver", "gold"]
    for key in ("gold_2", "silver"):
        remove_option(field_id=field.pk, key=key, by=admin)
    with pytest.raises(Refused):
        remove_option(field_id=field.pk, key="gold", by=admin)
    with pytest.raises(Http404):
        remove_option(field_id=field.pk, key="iron", by=admin)
    with pytest.raises(Refused):
        add_option(field_id=add_field(kind="deal", type="text", labels={"en": "Size"}, by=admin).pk, labels={"en": "x"}, by=admin)
    assert edit_deal(deal_id=deal.pk, changes={"custom": {"level": None}}, by=anna).custom == {}


@pytest.mark.parametrize("type", ["choice", "choices"])
@pytest.mark.django_db
def test_choosers_are_counted_up_to_a_limit(
    admin: User, anna: User, stages: list[Stage], monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any, type: str
) -> None:
    field = make_choice(admin, type)
    for chosen in ("gold", "gold", "silver", None):
        make_deal(by=anna, custom={"level": [chosen] if type == "choices" and chosen else chosen})
    with django_assert_num_queries(1):
        assert count_choosers(field, "gold", admin) == 2
    monkeypatch.setattr("crm.queries.custom_fields.MAX_COUNTED", 1)
    assert count_choosers(field, "gold", admin) == 2
    assert MAX_COUNTED == 1000
    Deal.objects.filter(custom__level="silver").delete()
    assert count_choosers(field, "iron", admin) == 0


@pytest.mark.django_db(transaction=True)
def test_many_admins_at_once_lose_nothing(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    field = make_choice(admin)

    def work(turn: int) -> None:
        try:
            add_option(field_id=field.pk, labels={"en": f"Level {turn}"}, by=admin)
            add_field(kind="deal", type="text", labels={"en": f"Field {turn}"}, by=admin)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(12)))
    assert sorted(keys(field)) == sorted(["gold", "silver", *(f"level_{turn}" for turn in range(12))])
    assert sorted(found.position for found in fields_of("deal")) == list(range(13))
    assert services.MAX_FIELDS == 100


@pytest.mark.parametrize(("kind", "name"), [("contact", "имя"), ("contact", "Phone"), ("company", "Website"), ("deal", "Amount")])
def test_no_field_bears_the_name_of_one_that_every_record_has(admin: User, kind: str, name: str) -> None:
    with pytest.raises(Refused, match="already"):
        add_field(kind=kind, type="text", labels={"en": name}, by=admin)
