"""Saved views: whose they are, who sees and changes them, what a deletion can be brought back from, and pins."""

from __future__ import annotations

import pytest
from django.http import Http404

from crm.errors import Forbidden, Refused
from crm.models import Event, SavedView, User
from crm.services import views
from crm.services.views import change_view, copy_view, delete_view, find_view, order_pins, pin_view, restore_view, save_view

pytestmark = pytest.mark.django_db
MINE = {"field": "owner", "op": "is", "value": "me"}


def view_of(user: User, name: str = "Mine", **values: object) -> SavedView:
    return save_view(kind="contact", name=name, by=user, **({"filter": MINE} | values))


def names(user: User) -> list[str]:
    return [view.name for view in SavedView.objects.visible_to(user)]


def test_private_view_is_its_owners_alone(anna: User, boris: User, admin: User) -> None:
    view = view_of(anna)
    assert names(anna) == ["Mine"] and names(boris) == names(admin) == []
    assert view.filter == {"all": [MINE]}
    for stranger in (boris, admin):
        for act in (copy_view, delete_view, change_view, find_view, restore_view):
            with pytest.raises(Http404):
                act(view_id=view.pk, by=stranger)


def test_shared_view_is_changed_by_its_owner_or_an_admin(anna: User, boris: User, admin: User) -> None:
    view = view_of(anna, is_shared=True)
    assert names(boris) == ["Mine"]
    with pytest.raises(Forbidden, match="belongs to Anna"):
        change_view(view_id=view.pk, by=boris, name="Ours")
    with pytest.raises(Forbidden):
        delete_view(view_id=view.pk, by=boris)
    assert change_view(view_id=view.pk, by=admin, name="All  of\0 us").name == "All of us"
    with pytest.raises(Refused, match="Only its owner"):
        change_view(view_id=view.pk, by=admin, is_shared=False)
    assert change_view(view_id=view.pk, by=anna, is_shared=False).name == "All of us"
    assert names(boris) == []


def test_copy_is_private_and_ones_own(anna: User, boris: User) -> None:
    view = view_of(anna, is_shared=True, columns=["name", "phone"], order="-created")
    copy = copy_view(view_id=view.pk, by=boris)
    assert (copy.name, copy.owner, copy.is_shared, copy.columns, copy.order) == (
        "Copy of Mine",
        boris,
        False,
        ["name", "phone"],
        "-created",
    )
    change_view(view_id=copy.pk, by=boris, name="My own")
    assert names(anna) == ["Mine"]


def test_deleted_view_comes_back_to_where_it_was_pinned(anna: User, boris: User) -> None:
    view = view_of(anna, is_shared=True)
    pin_view(ref=str(view.pk), by=boris)
    delete_view(view_id=view.pk, by=anna)
    assert names(boris) == []
    with pytest.raises(Http404):
        restore_view(view_id=view.pk, by=boris)
    for _twice in range(2):
        restore_view(view_id=view.pk, by=anna)
    assert names(boris) == ["Mine"]
    boris.refresh_from_db()
    assert boris.pinned_views == [str(view.pk)]
    types = list(Event.objects.filter(record="view").order_by("id").values_list("type", flat=True))
    assert types == ["view.saved", "view.deleted", "view.restored"]


def test_pins_keep_their_order(anna: User, boris: User, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, hidden = view_of(anna, "One"), view_of(anna, "Two"), view_of(boris, "Hidden")
    for ref in (str(one.pk), "contact:mine", str(two.pk), str(one.pk)):
        pin_view(ref=ref, by=anna)
    assert anna.pinned_views == ["contact:mine", str(two.pk), str(one.pk)]
    assert order_pins(refs=[str(one.pk), "99", str(one.pk)], by=anna) == [str(one.pk), "contact:mine", str(two.pk)]
    assert pin_view(ref="contact:mine", by=anna, pinned=False) == [str(one.pk), str(two.pk)]
    with pytest.raises(Http404):
        pin_view(ref=str(hidden.pk), by=anna)
    monkeypatch.setattr(views, "MAX_PINS", 2)
    with pytest.raises(Refused, match="sidebar is full"):
        pin_view(ref="contact:orphans", by=anna)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": " "}, "Name: This field cannot be blank."),
        ({"name": "x" * 81}, "Name: Ensure this value has at most 80 characters (it has 81)."),
        ({"filter": {"field": "secret", "op": "is"}}, "There is no field “secret” here."),
        ({"layout": "pie"}, "Layout: Value 'pie' is not a valid choice."),
        ({"owner": 1}, "These fields can't be edited: owner."),
        ({"kind": "user"}, "There are no views of “user”."),
    ],
)
def test_bad_values_are_refused_in_words(anna: User, values: dict[str, object], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        save_view(**({"kind": "contact", "name": "Good", "by": anna} | values))
    assert refused.value.reasons == [reason]
    assert not SavedView.objects.exists()


def test_what_is_no_name_of_a_column_is_left_out(anna: User) -> None:
    view = view_of(anna, columns=["name", "a\0b", "custom.size", "name", "'; DROP"], order="a\0b")
    assert (view.columns, view.order) == (["name", "custom.size"], "")


def test_nobody_keeps_views_without_end(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MAX_VIEWS", 1)
    view_of(anna)
    with pytest.raises(Refused, match="1 views already"):
        view_of(anna, "Another")
