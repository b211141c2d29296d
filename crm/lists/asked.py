"""What a list is asked for, as its address says it: a view, and what differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import rules
from crm.filtering.reader import Reader
from crm.filtering.tree import Tree, try_tree
from crm.lists.columns import Column, columns_of
from crm.lists.kinds import ListKind, StandardView, standard_views
from crm.models import SavedView

MAX_TEXT = 100


@dataclass(frozen=True)
class View:
    """A way to look at a kind's records, be it standard or saved; `ref` is how an address names it, empty for all records."""

    kind: ListKind
    ref: str
    name: str
    tree: Tree
    columns: tuple[str, ...]
    order: str
    layout: str = "list"
    saved: SavedView | None = None
    may_change: bool = False

    @property
    def pin(self) -> str:
        """How a person's pins name it."""
        return self.ref if self.saved else f"{self.kind.key}:{self.ref}"

    @property
    def url(self) -> str:
        """Where it is looked at."""
        return self.address(self.kind, self.layout, self.ref)

    @staticmethod
    def address(kind: ListKind, layout: str, ref: str) -> str:
        """Where a view of that name is looked at."""
        page = reverse(kind.layouts.get(layout, kind.url_name))
        return f"{page}?view={ref}" if ref else page


@dataclass(frozen=True)
class Asked:
    """A list as asked for. `query` is the address again, with no more in it than differs from the view."""

    kind: ListKind
    reader: Reader
    view: View
    views: list[View]
    known: dict[str, Column]
    tree: Tree
    columns: tuple[str, ...]
    order: str
    text: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, kind: ListKind, given: Mapping[str, str], reader: Reader) -> Self:
        """Read an address: one query for the views, and what the own fields of the kind cost."""
        known = columns_of(kind.key, reader)
        views = views_of(kind, reader, known)
        view = next((one for one in views if one.ref == given.get("view", "")), views[0])
        tree = try_tree(given["filter"], kind=kind.key, reader=reader) if "filter" in given else view.tree
        if given.get("view") and not view.ref:
            tree = replace(tree, errors=(*tree.errors, _("This view doesn't exist, or it isn't shared with you.")))
        return cls(
            kind=kind,
            reader=reader,
            view=view,
            views=views,
            known=known,
            tree=tree,
            columns=_columns(given["columns"].split(","), kind, known) if given.get("columns") else view.columns,
            order=_order(given.get("order", ""), known) or view.order,
            text=given.get("text", "").replace("\0", "").strip()[:MAX_TEXT],
        )

    @cached_property
    def condition(self) -> Q:
        """What records have to be; with a text that is searched for one query, once."""
        found = self.tree.condition(self.reader)
        return found & self.kind.search(self.text, self.reader) if self.text else found

    @cached_property
    def walks(self) -> list[Q]:
        """The reader's rights as alternatives, one for each index; one query where records above show further ones."""
        return list(self.kind.model.objects.all().walks(self.reader.user))

    @cached_property
    def query(self) -> str:
        """The part of an address behind `?`, always in one order."""
        differing = {"view": self.view.ref, "text": self.text}
        values = {name: value for name, value in differing.items() if value}
        if self.tree.data != self.view.tree.data:
            values["filter"] = self.tree.text
        if self.columns != self.view.columns:
            values["columns"] = ",".join(self.columns)
        if self.order != self.view.order:
            values["order"] = self.order
        return urlencode(values | {name: value for name, value in self.more.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """May there be records that it leaves out?"""
        return bool(self.tree.is_active or self.text)

    @property
    def differs(self) -> bool:
        """Does it show something else than its view?"""
        return (self.tree.data, self.columns, self.order) != (self.view.tree.data, self.view.columns, self.view.order)

    @property
    def shown(self) -> list[Column]:
        """The columns, in order."""
        return [self.known[key] for key in self.columns]

    def replaced(self, **changes: Any) -> Self:
        return replace(self, **changes)


def views_of(kind: ListKind, reader: Reader, known: dict[str, Column] | None = None) -> list[View]:
    """All records or what the list begins with, the standard views, then own and shared ones; one query."""
    known = columns_of(kind.key, reader) if known is None else known
    columns = _columns(kind.columns, kind, known)
    tree = try_tree(kind.filter, kind=kind.key, reader=reader)
    everything = View(kind, "", str(kind.everything or kind.words.title), tree, columns, kind.order)
    found = [everything, *(_standard(view, everything, known, reader) for view in standard_views(kind.key))]
    saved = SavedView.objects.visible_to(reader.user).filter(kind=kind.key).select_related("owner")
    return found + [_saved(view, everything, known, reader) for view in saved]


def _standard(view: StandardView, everything: View, known: dict[str, Column], reader: Reader) -> View:
    columns = _columns(view.columns, everything.kind, known) if view.columns else everything.columns
    tree = try_tree(view.filter, kind=everything.kind.key, reader=reader)
    order = _order(view.order, known) or everything.order
    return View(everything.kind, view.key, str(view.name), tree, columns, order, view.layout)


def _saved(view: SavedView, everything: View, known: dict[str, Column], reader: Reader) -> View:
    return View(
        kind=everything.kind,
        ref=str(view.pk),
        name=view.name,
        tree=try_tree(view.filter, kind=view.kind, reader=reader),
        columns=_columns(view.columns, everything.kind, known) if view.columns else everything.columns,
        order=_order(view.order, known) or everything.order,
        layout=view.layout,
        saved=view,
        may_change=rules.allows(reader.user, "view.change", view),
    )


def _columns(keys: Any, kind: ListKind, known: dict[str, Column]) -> tuple[str, ...]:
    """Those that there are, each once; what a row is called by always stands first."""
    return tuple(dict.fromkeys([kind.columns[0], *(key for key in keys if key in known)]))


def _order(asked: str, known: dict[str, Column]) -> str:
    column = known.get(asked.removeprefix("-"))
    return asked if column and column.order else ""
