"""Values of custom fields on records: merged, guarded, told in the journal, never in the way of a move."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from crm import timeline
from crm.errors import Changed, Refused
from crm.models import Company, Contact, CustomField, Event, User
from crm.services.clients import save_client
from crm.services.custom_fields import add_field, archive_field, edit_field, edit_option, remove_option
from crm.timeline import Subject
from pipeline.models import Deal, Stage
from pipeline.services.deals import create_deal, edit_deal
from pipeline.services.moves import move_deal
from tests.factories import make_deal


@pytest.fixture
def fields(admin: User) -> dict[str, CustomField]:
    made = [
        add_field(kind="deal", type="money", labels={"en": "Budget", "ru": "Бюджет"}, by=admin),
        add_field(kind="deal", type="choices", labels={"en": "Needs"}, options=["Design", "Print"], by=admin),
        add_field(kind="deal", type="person", labels={"en": "Engineer"}, by=admin),
        add_field(kind="deal", type="number", labels={"en": "Seats"}, by=admin, is_required=True),
    ]
    return {field.key: field for field in made}


BUDGET = {"amount": "100.00", "currency": "EUR"}


@pytest.mark.django_db
def test_values_merge_and_are_told(fields: dict[str, CustomField], anna: User, stages: list[Stage]) -> None:
    deal = create_deal(title="One", stage=stages[0].pk, by=anna, custom={"budget": BUDGET, "seats": 5})
    assert deal.custom == {"budget": BUDGET, "seats": "5"}
    edit_deal(deal_id=deal.pk, changes={"custom": {"needs": ["print", "design"], "budget": None}}, by=anna)
    assert Deal.objects.get().custom == {"seats": "5", "needs": ["design", "print"]}
    edited = Event.objects.get(type="deal.edited").payload["changes"]
    assert edited == {"custom.budget": [BUDGET, None], "custom.needs": [None, ["design", "print"]]}
    edit_deal(deal_id=deal.pk, changes={"custom": {"needs": ["design", "print"]}}, by=anna)  # as it stands
    edit_deal(deal_id=deal.pk, changes={"custom": {}}, by=anna)
    assert Event.objects.filter(type="deal.edited").count() == 1
    deal.refresh_from_db()
    assert deal.version == 0


@pytest.mark.parametrize(
    "given",
    [{"rocket": 1}, {"budget": "100"}, {"seats": "many"}, {"seats": None}, {"needs": ["iron"]}, {"engineer": 10**9}, [], "x", {"": 1}],
)
@pytest.mark.django_db
def test_nonsense_changes_nothing(fields: dict[str, CustomField], anna: User, stages: list[Stage], given: Any) -> None:
    deal = make_deal(by=anna, custom={"seats": "5"})
    with pytest.raises(Refused):
        edit_deal(deal_id=deal.pk, changes={"title": "Other", "custom": given}, by=anna)
    deal.refresh_from_db()
    assert (deal.title, deal.custom) == ("A deal", {"seats": "5"})


@pytest.mark.django_db
def test_every_reason_is_given_with_its_field(fields: dict[str, CustomField], anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, custom={"seats": "5"})
    with pytest.raises(Refused) as refused:
        edit_deal(deal_id=deal.pk, changes={"custom": {"budget": 7, "seats": None, "rocket": 1}}, by=anna)
    assert [reason.split(":")[0] for reason in refused.value.reasons] == ["Budget", "Seats", "rocket"]


@pytest.mark.django_db
def test_required_is_no_barrier_for_what_is_there(fields: dict[str, CustomField], admin: User, anna: User, stages: list[Stage]) -> None:
    """Neither for a new card, nor a drag, nor another edit, nor emptying what is empty."""
    deal = make_deal(by=anna)
    move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    edit_deal(deal_id=deal.pk, changes={"title": "Other", "custom": {"seats": None}}, by=anna)
    edit_deal(deal_id=deal.pk, changes={"custom": {"seats": "7"}}, by=anna)
    with pytest.raises(Refused, match="filled in"):
        edit_deal(deal_id=deal.pk, changes={"custom": {"seats": None}}, by=anna)
    edit_field(field_id=fields["seats"].pk, changes={"is_required": False}, by=admin)
    edit_deal(deal_id=deal.pk, changes={"custom": {"seats": None}}, by=anna)
    assert Deal.objects.get().custom == {}


@pytest.mark.django_db
def test_what_a_colleague_changed_is_not_overwritten(fields: dict[str, CustomField], anna: User, clara: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, custom={"seats": "5"})
    edit_deal(deal_id=deal.pk, changes={"custom": {"seats": "6"}}, was={"custom": {"seats": "5"}}, by=clara)
    with pytest.raises(Changed) as changed:
        edit_deal(deal_id=deal.pk, changes={"custom": {"seats": "7"}}, was={"custom": {"seats": "5"}}, by=anna)
    assert changed.value.current == {"custom": {"seats": "6"}}
    edit_deal(deal_id=deal.pk, changes={"custom": {"budget": BUDGET}}, was={"custom": {"budget": None}}, by=anna)
    edit_deal(deal_id=deal.pk, changes={"custom": {"seats": "6"}}, was={"custom": {"seats": "5"}}, by=anna)  # both want the same
    assert Deal.objects.get().custom == {"seats": "6", "budget": BUDGET}


@pytest.mark.django_db(transaction=True)
def test_many_hands_and_a_changing_definition_lose_nothing(admin: User, anna: User, stages: list[Stage]) -> None:
    names = [f"Field {turn}" for turn in range(6)]
    made = [add_field(kind="deal", type="text", labels={"en": name}, by=admin) for name in names]
    level = add_field(kind="deal", type="choice", labels={"en": "Level"}, options=["Gold", "Silver"], by=admin)
    deal = make_deal(by=anna)

    def work(turn: int) -> None:
        try:
            if turn == 3:
                edit_option(field_id=level.pk, key="gold", labels={"en": "Golden"}, by=admin)
                remove_option(field_id=level.pk, key="silver", by=admin)
            if turn == 5:
                edit_deal(deal_id=deal.pk, changes={"custom": {"level": "gold"}}, by=anna)
            edit_deal(deal_id=deal.pk, changes={"custom": {made[turn].key: str(turn)}}, by=anna)
            edit_field(field_id=made[turn].pk, changes={"is_required": True}, by=admin)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert Deal.objects.get().custom == {made[turn].key: str(turn) for turn in range(6)} | {"level": "gold"}
    level.refresh_from_db()
    assert [option["key"] for option in level.live_options] == ["gold"] and level.options[0]["labels"] == {"en": "Golden"}


@pytest.mark.django_db
def test_clients_have_values_too(admin: User, anna: User) -> None:
    add_field(kind="company", type="number", labels={"en": "Staff"}, by=admin)
    add_field(kind="contact", type="yes_no", labels={"en": "Speaks English"}, by=admin)
    company = save_client(model=Company, by=anna, name="Vektor", custom={"staff": "1200"})
    contact = save_client(model=Contact, by=anna, name="Petr", custom={"speaks_english": False})
    save_client(model=Company, by=anna, pk=company.pk, city="Tver", custom={"staff": 1300}, was={"custom": {"staff": "1200"}})
    with pytest.raises(Changed):
        save_client(model=Company, by=anna, pk=company.pk, custom={"staff": 1}, was={"custom": {"staff": "1200"}})
    with pytest.raises(Refused):
        save_client(model=Contact, by=anna, pk=contact.pk, custom={"staff": "7"})
    assert (Company.objects.get().custom, Contact.objects.get().custom) == ({"staff": "1300"}, {"speaks_english": False})
    assert Event.objects.get(type="company.edited").payload["changes"]["custom.staff"] == ["1200", "1300"]


@pytest.mark.django_db
def test_the_timeline_tells_changes_in_words(
    fields: dict[str, CustomField], admin: User, anna: User, stages: list[Stage], django_assert_num_queries: Any
) -> None:
    deal = make_deal(by=anna)
    edit_deal(deal_id=deal.pk, changes={"custom": {"budget": BUDGET, "engineer": anna.pk}}, by=anna)
    edit_deal(deal_id=deal.pk, changes={"custom": {"budget": None, "needs": ["print"]}}, by=anna)
    archive_field(field_id=fields["budget"].pk, by=admin)
    with django_assert_num_queries(3), override("ru"):  # the changes, the fields, the colleagues
        last, first = timeline.read([Subject("deal", deal.pk)], kinds=["change"]).entries
    assert sorted(first.more["changes"]) == [("Engineer", "–", "Anna Arlova"), ("Бюджет", "–", "100\u00a0€")]
    assert sorted(last.more["changes"]) == [("Needs", "–", "Print"), ("Бюджет", "100\u00a0€", "–")]


@pytest.mark.django_db
def test_a_move_writes_nothing_of_custom_values(fields: dict[str, CustomField], anna: User, stages: list[Stage]) -> None:
    deal = make_deal(by=anna, custom={"seats": "5"})
    with CaptureQueriesContext(
        connection,
    ) as queries:
        move_deal(deal_id=deal.pk, to_stage=stages[1].pk, by=anna)
    assert not [query["sql"] for query in queries if query["sql"].startswith("UPDATE") and '"custom"' in query["sql"]]
    assert not [query["sql"] for query in queries if "crm_customfield" in query["sql"]]
