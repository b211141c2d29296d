"""Reading one page of a list: whatever lies in the database, a page costs the same."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.filtering.names import Names
from crm.filtering.reader import Reader
from crm.filtering.tree import Tree
from crm.lists.asked import Asked
from crm.lists.cells import show
from crm.lists.columns import Column
from crm.lists.kinds import ListKind
from crm.pages import MAX_ID, Page

PAGE = 50
# A count goes on to here and no further, and so far may a list be sorted that no index sorts.
MAX_COUNT, MAX_SORTED = 1000, 20_000
Place = tuple[Any, int]


@dataclass(frozen=True)
class Row:
    """A record, and what stands in its cells."""

    record: Any
    url: str
    cells: list[tuple[Column, str | SafeString]]


@dataclass(frozen=True)
class ListPage(Page[Row]):
    """Some rows of a list, how many there are (up to a bound), and what couldn't be done as asked."""

    count: int = 0
    is_counted: bool = True
    notice: str = ""


def read_list(asked: Asked, *, after: str = "") -> ListPage:
    """A page of records with their cells. One query counts, one finds the page, and `load` of the kind fills it."""
    column = asked.known[asked.order.removeprefix("-")]
    bound = MAX_COUNT if column.is_indexed else MAX_SORTED
    count = count_up_to(asked, bound)
    notice = ""
    if count > bound and not column.is_indexed:
        notice = _("There are too many to sort by “%(column)s”. Narrow the list to fewer than %(count)s first.") % {
            "column": column.label,
            "count": f"{MAX_SORTED:,}".replace(",", "\u00a0"),
        }
        asked = asked.replaced(order=asked.kind.order)
    ids, following, is_further = _page_of_ids(asked, after, PAGE)
    records = {record.pk: record for record in asked.kind.load(ids, asked.reader)} if ids else {}
    rows = [_row(records[pk], asked) for pk in ids if pk in records]
    return ListPage(rows, following, is_further, min(count, bound), count <= bound, notice)


def read_records(asked: Asked, *, after: str = "", limit: int) -> tuple[list[Any], str]:
    """Some loaded records of a list in order, and the key of those that follow; as many queries as a page without its count."""
    ids, following, _is_further = _page_of_ids(asked, after, limit)
    records = {record.pk: record for record in asked.kind.load(ids, asked.reader)} if ids else {}
    return [records[pk] for pk in ids if pk in records], following


def sortable(asked: Asked) -> Asked:
    """The list in the order that is asked for, unless it is too long to sort so: then in its usual one. One query at most."""
    column = asked.known[asked.order.removeprefix("-")]
    if column.is_indexed or count_up_to(asked, MAX_SORTED) <= MAX_SORTED:
        return asked
    return asked.replaced(order=asked.kind.order)


def count_up_to(asked: Asked, bound: int) -> int:
    """How many fit; one more than the bound where there are more. One query that ends there."""
    walks = [walk.order_by().values("pk")[: bound + 1] for walk in _walks(asked)]
    if not walks:
        return 0
    return (walks[0] if len(walks) == 1 else walks[0].union(*walks[1:])[: bound + 1]).count()


def matching(asked: Asked) -> QuerySet[Any]:
    """Every record that fits and that the reader sees, in no order: what “all that match” acts on."""
    return asked.kind.model.objects.visible_to(asked.reader.user).filter(asked.condition).order_by()


def _walks(asked: Asked) -> list[QuerySet[Any]]:
    """What fits, cut by the alternatives of the reader's rights: each can be read along one index."""
    rows = asked.kind.model.objects.filter(asked.condition)
    return [rows.filter(walk) for walk in asked.walks]


def _page_of_ids(asked: Asked, after: str, limit: int) -> tuple[list[int], str, bool]:
    """The page's ids in order, the key of the next page, and whether there is a page before."""
    column, down = asked.known[asked.order.removeprefix("-")], asked.order.startswith("-")
    walks = [walk.annotate(spot=_order(column, asked)) for walk in _walks(asked)]
    if column.is_indexed and asked.kind.split:
        walks = [walk.filter(part) for walk in walks for part in asked.kind.split(asked.tree, asked.reader)]
    if not walks:
        return [], "", False
    sign = "-" if down else ""
    order: list[Any] = [f"{sign}spot", f"{sign}pk"]
    if not column.is_indexed:
        order[0] = F("spot").desc(nulls_last=True) if down else F("spot").asc(nulls_last=True)
    place = _read_place(after, walks[0])
    if place is not None:
        walks = [walk.filter(_beyond(place, down=down, has_gaps=not column.is_indexed)) for walk in walks]
    pages = [walk.order_by(*order).values_list("spot", "pk")[: limit + 1] for walk in walks]
    found = list(pages[0] if len(pages) == 1 else pages[0].union(*pages[1:]).order_by(*order)[: limit + 1])
    following = _write_place(found[limit - 1]) if len(found) > limit else ""
    return [pk for _place, pk in found[:limit]], following, place is not None


def _order(column: Column, asked: Asked) -> Any:
    if isinstance(column.order, str):
        return F(column.order)
    return column.order(asked.reader) if callable(column.order) else column.order


def _beyond(place: Place, *, down: bool, has_gaps: bool) -> Q:
    """What comes after a place; records without a value come last, in either direction."""
    value, pk = place
    after, from_ = ("lt", "gte") if down else ("gt", "lte")
    if value is None:
        return Q(spot=None, **{f"pk__{after}": pk})
    if has_gaps:
        return Q(**{f"spot__{after}": value}) | Q(spot=value, **{f"pk__{after}": pk}) | Q(spot=None)
    # In this shape the index begins at the place.
    return Q(**{f"spot__{after}e": value}) & ~Q(spot=value, **{f"pk__{from_}": pk})


def _write_place(place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, default=str, ensure_ascii=False).encode()).decode().rstrip("=")


def _read_place(text: str, rows: QuerySet[Any]) -> Place | None:
    """The place that an address names, in the order that is asked for; nothing for anything else, and then the list begins at its start."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(text[:2000].encode() + b"=="))
        if type(pk) is not int or not 0 <= pk <= MAX_ID or not isinstance(value, str | int | float | None) or "\0" in str(value):
            return None
        json.dumps(value, ensure_ascii=False).encode()
        field = rows.query.annotations["spot"].output_field
        value = None if value is None else field.to_python(value)
        if isinstance(value, datetime) and value.tzinfo is None:
            return None
        field.run_validators(value)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, ValidationError):
        return None
    return value, pk


def _row(record: Any, asked: Asked) -> Row:
    cells = [(column, show(column.shown_as, column.value(record), asked.reader)) for column in asked.shown]
    return Row(record, asked.kind.url_of(record.pk), cells)


def find_records(kind: ListKind, text: str, reader: Reader, *, limit: int = 12) -> list[tuple[int, str]]:
    """The first records that a search finds, by name, to choose one; as many queries as the list itself without its count."""
    asked = Asked.read(kind, {"text": text}, reader)
    ids, _following, _is_further = _page_of_ids(asked, "", PAGE)
    found = kind.model.objects.in_bulk(ids[:limit])
    return [(pk, str(found[pk])) for pk in ids[:limit] if pk in found]


def names_in(tree: Tree, reader: Reader) -> dict[str, dict[int, str]]:
    """Names of the records that a filter is about, by kind; one query for each kind."""
    names = Names(reader)
    wanted = [condition for condition in tree.root.conditions() if condition.field.record and condition.value]
    for condition in wanted:
        condition.field.type.note(condition.value, condition.field, names)
    found: dict[str, dict[int, str]] = {}
    for condition in wanted:
        for pk in condition.value if isinstance(condition.value, list) else [condition.value]:
            found.setdefault(condition.field.record, {})[pk] = names.get(condition.field.record, pk)
    return found
