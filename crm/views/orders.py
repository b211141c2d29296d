"""Putting rows into another order, by drag or one place up or down, and back again."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm.errors import Refused
from crm.ids import read_id

KEY = re.compile(r"[a-z0-9_]{1,40}")


def read_order(request: HttpRequest) -> tuple[list[int], list[int]]:
    """The order of ids that the admin saw (`was`) and the new one: `order=3,1,2`, or one row a place `up` or `down`."""
    was, order = read_key_order(request)
    return _ids(was), _ids(order)


def read_key_order(request: HttpRequest) -> tuple[list[str], list[str]]:
    """The same for rows that are known by keys: `order=gold,silver`."""
    asked = request.POST if request.POST.get("was") else request.GET
    was = _keys(asked.get("was", ""))
    order = _keys(asked.get("order", "")) or _stepped(was, up=asked.get("up", ""), down=asked.get("down", ""))
    return was, order


def answer_order(request: HttpRequest, *, was: list[int] | list[str], order: list[int] | list[str], page: str) -> HttpResponse:
    """The new order is saved: nothing for a script, else back to the `page`, with the way back in the toast."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    back = urlencode({"order": joined(was), "was": joined(order)})
    messages.success(request, _("New order saved"), extra_tags=f"{request.path}?{back}")
    return redirect(page)


def joined(order: list[int] | list[str]) -> str:
    """`3,1,2`."""
    return ",".join(map(str, order))


def _keys(text: str) -> list[str]:
    return [key for part in text[:10_000].split(",") if KEY.fullmatch(key := part.strip())]


def _ids(keys: list[str]) -> list[int]:
    return [pk for key in keys if (pk := read_id(key))]


def _stepped(order: list[str], *, up: str, down: str) -> list[str]:
    moved, step = (up, -1) if up else (down, 1)
    if moved not in order:
        raise Refused(_("This isn't in the list any more. Reload the page."))
    place = order.index(moved)
    rest = [one for one in order if one != moved]
    rest.insert(max(0, place + step), moved)
    return rest
