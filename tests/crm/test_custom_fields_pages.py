"""The settings of custom fields as an admin clicks through them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from crm.models import CustomField, User
from crm.services.custom_fields import add_field, archive_field, remove_option
from pipeline.models import Stage
from tests.factories import make_deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def texts(answer: Any) -> str:
    return answer.content.decode()


def test_a_field_is_added_in_one_form(office: Client) -> None:
    page = texts(office.get("/settings/fields/", follow=True))
    assert "No custom field yet" in page
    sent = {"label_en": "Level", "label_ru": "Уровень", "type": "choice", "options": "Gold\n\n Silver ", "is_required": "on", "key": ""}
    answer = office.post("/settings/fields/deal/new/", sent, follow=True)
    assert "“Level” added" in texts(answer)
    field = CustomField.objects.get()
    assert (field.kind, field.key, field.labels, field.is_required) == ("deal", "level", {"en": "Level", "ru": "Уровень"}, True)
    assert [option["labels"] for option in field.options] == [{"en": "Gold"}, {"en": "Silver"}]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"type": "text"}, "It needs a name, in one language at least."),
        ({"label_en": "Level", "type": "choice"}, "A choice needs at least one option."),
        ({"label_en": "Level", "type": "rocket"}, "rocket"),
        ({"label_en": "Level", "type": "text", "key": "Not a key"}, "A key has small Latin letters"),
        ({"label_en": "Size", "type": "text"}, "There is a field “Size” already."),
        ({"label_en": "x" * 81, "type": "text"}, "at most 80"),
    ],
)
def test_what_is_wrong_is_said_and_kept(office: Client, admin: User, sent: dict[str, str], words: str) -> None:
    add_field(kind="deal", type="text", labels={"en": "Size"}, by=admin)
    answer = office.post("/settings/fields/deal/new/", sent)
    assert answer.status_code == 422 and words in texts(answer)
    assert sent.get("label_en", "") in texts(answer)
    assert CustomField.objects.count() == 1


def test_two_admins_at_once(office: Client, admin: User) -> None:
    field = add_field(kind="deal", type="choice", labels={"en": "Level"}, options=["Gold"], by=admin)
    page = office.get(f"/settings/fields/{field.pk}/")
    mark = page.context["form"]["mark"].value()
    office.post(f"/settings/fields/{field.pk}/", {"label_en": "Rank", "mark": mark})
    late = office.post(f"/settings/fields/{field.pk}/", {"label_en": "Class", "mark": mark})
    assert late.status_code == 412 and "Rank" in texts(late) and 'value="Class"' in texts(late)
    again = office.post(f"/settings/fields/{field.pk}/", {"label_en": "Class", "mark": late.context["form"].data["mark"]})
    assert again.status_code == 302
    seen = office.get(f"/settings/fields/{field.pk}/options/gold/").context["form"]["mark"].value()
    office.post(f"/settings/fields/{field.pk}/options/gold/", {"label_en": "Golden", "mark": seen})
    late = office.post(f"/settings/fields/{field.pk}/options/gold/", {"label_en": "Yellow", "mark": seen})
    assert late.status_code == 412 and "Golden" in texts(late)
    field.refresh_from_db()
    assert (field.labels, field.options[0]["labels"]) == ({"en": "Class"}, {"en": "Golden"})


def test_removal_says_how_many_keep_it_and_can_be_undone(office: Client, admin: User, anna: User, stages: list[Stage]) -> None:
    field = add_field(kind="deal", type="choices", labels={"en": "Needs"}, options=["Design", "Print"], by=admin)
    for needs in (["design"], ["design", "print"], None):
        make_deal(by=anna, custom={"needs": needs})
    assert "2 records have it chosen" in texts(office.get(f"/settings/fields/{field.pk}/options/design/"))
    answer = office.post(f"/settings/fields/{field.pk}/options/design/removal/", follow=True)
    page = texts(answer)
    assert "2 records have it chosen and keep it." in page and "1 removed option" in page
    undo = f"/settings/fields/{field.pk}/options/design/restoration/"
    assert undo in page
    assert "“Design” is back" in texts(office.post(undo, follow=True))
    assert office.get(f"/settings/fields/{field.pk}/options/nothing/").status_code == 404
    last = office.post(f"/settings/fields/{field.pk}/options/print/removal/", follow=True)
    assert "1 record has it chosen and keeps it." in texts(last)


def test_order_and_archive(office: Client, admin: User) -> None:
    one, two = (add_field(kind="company", type="text", labels={"en": name}, by=admin).pk for name in ("One", "Two"))
    office.post("/settings/fields/company/order/", {"was": f"{one},{two}", "down": str(one)})
    assert list(CustomField.objects.of("company").values_list("pk", flat=True)) == [two, one]
    answer = office.post(f"/settings/fields/{one}/archive/", {"was": f"{two},{one}"}, follow=True)
    assert "Its values are kept" in texts(answer) and "1 archived field" in texts(answer)
    office.post(f"/settings/fields/{one}/restoration/")
    assert CustomField.objects.get(pk=one).archived_at is None
    field = add_field(kind="company", type="choice", labels={"en": "Level"}, options=["Gold", "Order"], by=admin)
    assert office.get(f"/settings/fields/{field.pk}/options/order/").status_code == 200
    office.post(f"/settings/fields/{field.pk}/options-order/", {"was": "gold,order", "order": "order,gold"})
    field.refresh_from_db()
    assert [option["key"] for option in field.options] == ["order", "gold"]
    late = office.post(f"/settings/fields/{field.pk}/options-order/", {"was": "gold,order", "order": "order,gold"})
    assert late.status_code == 412


def test_a_name_in_one_language_serves_both(office: Client, admin: User) -> None:
    add_field(kind="contact", type="choice", labels={"ru": "Уровень"}, options=[{"ru": "Золото"}], by=admin)
    for language in ("en", "ru"):
        assert "Уровень" in texts(office.get("/settings/fields/contact/", headers={"Accept-Language": language}))


def test_pages_cost_the_same_however_many_fields(office: Client, admin: User, django_assert_max_num_queries: Any) -> None:
    for turn in range(30):
        add_field(kind="deal", type="choice", labels={"en": f"Field {turn}"}, options=["A", "B"], by=admin)
    field = CustomField.objects.first()
    assert field is not None
    archive_field(field_id=field.pk, by=admin)
    remove_option(field_id=field.pk, key="a", by=admin)
    for address in ("/settings/fields/deal/", f"/settings/fields/{field.pk}/", f"/settings/fields/{field.pk}/options/a/"):
        with django_assert_max_num_queries(6):
            assert office.get(address).status_code == 200


@pytest.mark.parametrize(
    "address", ["/settings/fields/rocket/", "/settings/fields/rocket/new/", "/settings/fields/0/", "/settings/fields/999/"]
)
def test_what_is_not_there_is_not_found(office: Client, address: str) -> None:
    assert office.get(address).status_code == 404
