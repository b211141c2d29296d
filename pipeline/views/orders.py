"""Putting rows into another order, by drag or one place up or down, and back again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm.errors import Refused
from pipeline.views.board import whole_number, whole_numbers


def read_order(request: HttpRequest) -> tuple[list[int], list[int]]:
    """The order that the admin saw (`was`) and the new one: `order=3,1,2`, or one row a place `up` or `down`."""
    asked = request.POST if request.POST.get("was") else request.GET
    was = whole_numbers(asked.get("was", ""))
    order = whole_numbers(asked.get("order", "")) or _stepped(was, up=asked.get("up", ""), down=asked.get("down", ""))
    return was, order


def answer_order(request: HttpRequest, *, was: list[int], order: list[int], page: str) -> HttpResponse:
    """The new order is saved: nothing for a script, else back to the `page`, with the way back in the toast."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    back = urlencode({"order": joined(was), "was": joined(order)})
    messages.success(request, _("New order saved"), extra_tags=f"{request.path}?{back}")
    return redirect(page)


def joined(order: list[int]) -> str:
    """`3,1,2`."""
    return ",".join(map(str, order))


def _stepped(order: list[int], *, up: str, down: str) -> list[int]:
    moved, step = (whole_number(up), -1) if up else (whole_number(down), 1)
    if moved not in order:
        raise Refused(_("This isn't in the list any more. Reload the page."))
    place = order.index(moved)
    rest = [one for one in order if one != moved]
    rest.insert(max(0, place + step), moved)
    return rest
