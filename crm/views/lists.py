"""Lists of records: the page, what its filter builder asks for, and acts on many records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crm.bulk import BulkAction, Chosen, actions_of
from crm.bulk_clients import values_of
from crm.errors import Refused
from crm.filtering.description import describe_fields
from crm.filtering.fields import fields_of
from crm.filtering.reader import Reader
from crm.filtering.tree import Tree
from crm.ids import read_id
from crm.lists.asked import Asked
from crm.lists.columns import Column
from crm.lists.kinds import ListKind, list_kind
from crm.queries.lists import MAX_SORTED, find_records, names_in, read_list

MAX_PICKED = 1000


@dataclass(frozen=True)
class Head:
    """A column's head: where a click on it leads, and how the list is ordered by it now."""

    column: Column
    query: str
    order: str


@require_GET
@login_required
def show_contacts(request: HttpRequest) -> HttpResponse:
    """The people whom the reader may see."""
    return show_list(request, "contact")


@require_GET
@login_required
def show_companies(request: HttpRequest) -> HttpResponse:
    """The companies that the reader may see."""
    return show_list(request, "company")


def show_list(request: HttpRequest, key: str) -> HttpResponse:
    """A page of any list."""
    asked = Asked.read(find_kind(key), request.GET, reader_of(request))
    page = read_list(asked, after=request.GET.get("after", ""))
    return render(request, "lists/list.html", list_parts(request, asked) | {"page": page, "heads": heads(asked), "layout": "list"})


def list_parts(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """What every layout of a list shows around its records."""
    return {
        "asked": asked,
        "kind": asked.kind,
        "chips": [(said, asked.replaced(tree=rest).query) for said, rest in asked.tree.parts(asked.reader)],
        "without_filter": asked.replaced(tree=Tree(asked.kind.key), text="").query,
        "any_of": asked.tree.root.join == "any",
        "standard": [view for view in asked.views if not view.saved],
        "own": [view for view in asked.views if view.saved and view.saved.owner_id == request.user.pk],
        "shared": [view for view in asked.views if view.saved and view.saved.owner_id != request.user.pk],
        "is_pinned": asked.view.pin in request.user.pinned_views,
        "builder": {"filter": asked.tree.data, "names": names_in(asked.tree, asked.reader)},
        "choosable": [column for key, column in asked.known.items() if key not in asked.columns],
        "sortable": [column for column in asked.known.values() if column.order],
        "actions": actions_of(asked.kind.key, request.user),
        "layouts": layouts(asked),
        "max_sorted": MAX_SORTED,
    }


def layouts(asked: Asked) -> list[tuple[str, str]]:
    """The other ways to look at the same records: address by layout."""
    found = [("list", reverse(asked.kind.url_name))] + [(layout, reverse(name)) for layout, name in asked.kind.layouts.items()]
    return [(layout, f"{address}?{asked.query}" if asked.query else address) for layout, address in found]


def heads(asked: Asked) -> list[Head]:
    """The shown columns: a click orders by one, the next click the other way round."""
    return [_head(column, asked) for column in asked.shown]


@require_GET
@login_required
def show_fields(request: HttpRequest, kind: str) -> JsonResponse:
    """What the filter builder offers."""
    return JsonResponse({"fields": describe_fields(find_kind(kind).key, reader_of(request))})


@require_GET
@login_required
def suggest_records(request: HttpRequest, kind: str) -> JsonResponse:
    """Records to choose as the value of a field, by a part of their name."""
    reader = reader_of(request)
    field = fields_of(find_kind(kind).key, reader).get(request.GET.get("field", ""))
    other = list_kind(field.record) if field else None
    text = request.GET.get("text", "").replace("\0", "").strip()[:100]
    found = find_records(other, text, reader) if other and text else []
    return JsonResponse({"records": [{"key": pk, "label": name} for pk, name in found]})


@require_http_methods(["GET", "POST"])
@login_required
def act_on_many(request: HttpRequest, kind: str, action: str) -> HttpResponse:
    """One act on records picked (`ids=1,2`) or on all that match (`all=1&query=…`): first what it asks for, then the act."""
    found = next((one for one in actions_of(kind, request.user) if one.key == action), None)
    if found is None:
        raise Http404(_("There is no such action here."))
    given = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(request, find_kind(kind), given)
    asks = {"data": request.POST if request.method == "POST" else None, "initial": {"field": given.get("field", "")}}
    form = found.form(viewer=request.user, **asks) if found.form else None
    if request.method == "GET" or (form is not None and not form.is_valid()):
        return _ask(request, found, chosen, form, status=200 if request.method == "GET" else 422)
    try:
        done = found.apply(chosen, values_of(form), request.user)
    except Refused as refused:
        return _ask(request, found, chosen, form, status=422, refusal=refused.reasons)
    return JsonResponse({"text": str(done.text), "undo": done.undo, "progress": done.progress})


def find_kind(key: str) -> ListKind:
    """The kind of that key; else not found."""
    kind = list_kind(key)
    if kind is None:
        raise Http404(_("There is no such list."))
    return kind


def reader_of(request: HttpRequest) -> Reader:
    """The one who asks, at this instant."""
    return Reader.of(request.user, request.organisation, request.now)


def _ask(
    request: HttpRequest, action: BulkAction, chosen: Chosen, form: Any, *, status: int, refusal: list[str] | None = None
) -> HttpResponse:
    query = request.GET if request.method == "GET" else request.POST
    context = {"action": action, "kind": chosen.kind, "form": form, "picked": query.get("ids", ""), "query": query.get("query", "")}
    context |= {"all": query.get("all", ""), "picked_count": len(chosen.ids), "refusal": refusal}
    return render(request, "lists/_bulk_form.html", context, status=status)


def _chosen(request: HttpRequest, kind: ListKind, given: QueryDict) -> Chosen:
    reader = reader_of(request)
    if given.get("all"):
        return Chosen(kind, reader, asked=Asked.read(kind, QueryDict(given.get("query", "")[:10_000]), reader))
    ids = tuple(pk for part in given.get("ids", "").split(",") if (pk := read_id(part)))
    if not ids or len(ids) > MAX_PICKED:
        raise Refused(_("Choose at least one, and at most 1,000."))
    return Chosen(kind, reader, ids=ids)


def _head(column: Column, asked: Asked) -> Head:
    if not column.order:
        return Head(column, "", "")
    up, down = column.key, f"-{column.key}"
    following = {up: down, down: up}.get(asked.order) or (down if column.starts_down else up)
    order = {up: "ascending", down: "descending"}.get(asked.order, "")
    return Head(column, asked.replaced(order=following).query, order)
