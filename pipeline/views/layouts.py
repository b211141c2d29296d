"""The way from a board to the list of the same deals."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from crm.filtering.reader import Reader
from crm.filtering.tree import try_tree
from pipeline.models import Pipeline
from pipeline.queries.board_filters import Filters


def layouts_of(filters: Filters, pipeline: Pipeline, reader: Reader) -> list[tuple[str, str]]:
    """Addresses by layout: the list shows what the board shows, the open deals of this pipeline under the same filters."""
    quick: list[dict[str, Any]] = [
        {"field": "pipeline", "op": "is", "value": str(pipeline.pk)},
        {"field": "outcome", "op": "is", "value": "open"},
    ]
    if filters.owner:
        owner = {"none": "nobody"}.get(filters.owner, filters.owner)
        quick.append({"field": "owner", "op": "is", "value": owner})
    if filters.team:
        quick.append({"field": "team", "op": "is", "value": str(filters.team)})
    if filters.step:
        quick.append({"field": "next_step", "op": "is", "value": filters.step})
    if filters.rotting:
        quick.append({"field": "rotting", "op": "is", "value": True})
    tree = try_tree({"all": quick}, kind="deal", reader=reader).joined(filters.tree(reader))
    values = {"filter": tree.text, "text": filters.text}
    query = urlencode({name: value for name, value in values.items() if value})
    board = reverse("board_pipeline", args=(pipeline.pk,))
    return [
        ("list", f"{reverse('deals')}?{query}"),
        ("board", f"{board}?{filters.query}" if filters.query else board),
        ("calendar", f"{reverse('deals_calendar')}?{query}"),
    ]
