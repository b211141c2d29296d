"""Keeping views of lists: saved, changed, shared, copied, deleted and brought back, and pinned to the sidebar."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import events, rules
from crm.cleaning import clean
from crm.errors import Forbidden, Refused
from crm.filtering.fields import kinds
from crm.filtering.reader import Reader
from crm.filtering.tree import read_tree
from crm.filtering.types import Unreadable
from crm.ids import read_id
from crm.models import SavedView, User

EDITABLE = ("name", "is_shared", "filter", "columns", "order", "layout")
KEY = re.compile(r"-?[\w.:-]{1,79}")
MAX_VIEWS, MAX_PINS, MAX_COLUMNS = 200, 40, 40


def save_view(*, kind: str, name: str, by: User, **values: Any) -> SavedView:
    """Keep a view of a list under a name, for oneself unless `is_shared`; Refused for a filter that can't be read."""
    if kind not in kinds():
        raise Refused(_("There are no views of “%(kind)s”.") % {"kind": kind[:40]})
    with transaction.atomic():
        if SavedView.objects.live().filter(owner=by).count() >= MAX_VIEWS:
            raise Refused(_("You have %(count)s views already. Delete one that you no longer need.") % {"count": MAX_VIEWS})
        view = SavedView(kind=kind, owner=by)
        _fill(view, {"name": name, **values}, by)
        view.save()
        events.record("view.saved", record="view", record_id=view.pk, by=by, name=view.name, kind=kind, shared=view.is_shared)
    return view


def change_view(*, view_id: int, by: User, **changes: Any) -> SavedView:
    """Rename a view, or put another filter, other columns, another order or layout in its place; an owner's or an admin's to do."""
    with transaction.atomic():
        view = _locked(view_id, by)
        if changes.get("is_shared") is False and view.owner_id != by.pk:
            raise Refused(_("Only its owner can make a view private: it would be out of your sight."))
        _fill(view, changes, by)
        view.save()
        events.record("view.changed", record="view", record_id=view.pk, by=by, name=view.name, fields=sorted(changes))
    return view


def copy_view(*, view_id: int, by: User) -> SavedView:
    """A private view of one's own that begins as a copy of one that is seen."""
    found = find_view(view_id=view_id, by=by)
    name = (_("Copy of %(name)s") % {"name": found.name})[:80]
    kept = {field: getattr(found, field) for field in ("filter", "columns", "order", "layout")}
    return save_view(kind=found.kind, name=name, by=by, **kept)


def delete_view(*, view_id: int, by: User) -> SavedView:
    """Take a view away from everybody who sees it; `restore_view` brings it back."""
    with transaction.atomic():
        view = _locked(view_id, by)
        view.deleted_at = timezone.now()
        view.save(update_fields=["deleted_at"])
        events.record("view.deleted", record="view", record_id=view.pk, by=by, name=view.name)
    return view


def restore_view(*, view_id: int, by: User) -> SavedView:
    """Bring a deleted view back, to wherever it was pinned; twice is once."""
    with transaction.atomic():
        view = SavedView.objects.select_for_update().filter(pk=view_id).first()
        if view is None or not rules.allows(by, "view.change", view) or not (view.is_shared or view.owner_id == by.pk):
            raise Http404(_("This record doesn't exist, or you may not see it."))
        if view.deleted_at is not None:
            view.deleted_at = None
            view.save(update_fields=["deleted_at"])
            events.record("view.restored", record="view", record_id=view.pk, by=by, name=view.name)
    return view


def pin_view(*, ref: str, by: User, pinned: bool = True) -> list[str]:
    """Put a view at the end of one's sidebar, or take it away: a saved one's id, or a standard one as "contact:mine"."""
    if pinned and ":" not in ref:
        find_view(view_id=read_id(ref), by=by)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=by.pk)
        others = [one for one in person.pinned_views if one != ref]
        if pinned and len(others) >= MAX_PINS:
            raise Refused(_("The sidebar is full. Unpin something first."))
        return _keep_pins(person, by, [*others, ref] if pinned else others)


def order_pins(*, refs: list[str], by: User) -> list[str]:
    """Put one's pinned views into this order; those that are not named stand last, as they stood."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=by.pk)
        wanted = [ref for ref in dict.fromkeys(refs) if ref in person.pinned_views]
        return _keep_pins(person, by, wanted + [ref for ref in person.pinned_views if ref not in wanted])


def find_view(*, view_id: int, by: User) -> SavedView:
    """A view that this person may look at; else Http404."""
    view = SavedView.objects.visible_to(by).filter(pk=view_id).first()
    if view is None:
        raise Http404(_("This view doesn't exist, or it isn't shared with you."))
    return view


def _locked(view_id: int, by: User) -> SavedView:
    view = find_view(view_id=view_id, by=by)
    if not rules.allows(by, "view.change", view):
        raise Forbidden(_("“%(name)s” belongs to %(owner)s. Copy it to have one of your own.") % {"name": view.name, "owner": view.owner})
    return SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)


def _fill(view: SavedView, values: dict[str, Any], by: User) -> None:
    if unknown := set(values) - set(EDITABLE):
        raise Refused(_("These fields can't be edited: %(fields)s.") % {"fields": ", ".join(sorted(unknown))})
    if "filter" in values:
        try:
            values["filter"] = read_tree(values["filter"], kind=view.kind, reader=Reader.of(by)).data
        except Unreadable as wrong:
            raise Refused(str(wrong)) from None
    for field, value in values.items():
        setattr(view, field, value)
    view.name = " ".join(view.name.replace("\0", "").split())
    view.columns = [key for key in dict.fromkeys(view.columns) if KEY.fullmatch(key)][:MAX_COLUMNS]
    view.order = view.order if KEY.fullmatch(view.order) else ""
    clean(view)


def _keep_pins(person: User, by: User, refs: list[str]) -> list[str]:
    person.pinned_views = by.pinned_views = refs
    person.save(update_fields=["pinned_views"])
    return refs
