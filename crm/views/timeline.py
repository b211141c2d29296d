"""The timeline of a record as a fragment: filtered by kind, and further back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm import records, timeline
from crm.timeline.journal import name_clients
from crm.wall_clock import zone_for

DRAWER = "drawer"


@dataclass(frozen=True)
class Chip:
    """A kind to narrow a timeline down to, or to widen it by."""

    label: Any
    icon: str
    page: str
    fragment: str
    is_on: bool


@dataclass(frozen=True)
class Shown:
    """A timeline as its page shows it: some entries, and the addresses of what else there is to see."""

    page: timeline.Page
    subject: timeline.Subject
    kinds: tuple[str, ...]
    in_drawer: bool = False

    @property
    def address(self) -> str:
        """Where this fragment is read again."""
        return self.fragment(self.query())

    def fragment(self, query: str) -> str:
        """The fragment of that query, in the drawer if this one is."""
        address = reverse("timeline", args=[self.subject.record, self.subject.record_id])
        parts = "&".join(part for part in (query, f"in={DRAWER}" if self.in_drawer else "") if part)
        return f"{address}?{parts}" if parts else address

    @property
    def earlier(self) -> str:
        """Where it goes on."""
        return self.fragment(self.query(before=self.page.next))

    def query(self, kinds: tuple[str, ...] | None = None, **more: str) -> str:
        """The kinds as the part of an address behind `?`."""
        return urlencode([("kind", kind) for kind in (self.kinds if kinds is None else kinds)] + list(more.items()))

    @property
    def chips(self) -> list[Chip]:
        """Each kind, taken in or out by one click."""
        chips = []
        for source in timeline.sources():
            is_on = source.key in self.kinds
            kinds = tuple(kind for kind in self.kinds if kind != source.key) if is_on else (*self.kinds, source.key)
            query = self.query(kinds)
            page = f"{self.subject.url}?{query}" if query else self.subject.url
            chips.append(Chip(source.label, source.icon, page, self.fragment(query), is_on))
        return chips


@require_GET
@login_required
def show_timeline(request: HttpRequest, record: str, record_id: int) -> HttpResponse:
    """The fragment; from `before` on only the further lines."""
    records.visible_record(record, record_id, request.user)
    before = timeline.Key.read(request.GET.get("before", ""))
    parts = timeline_parts(request, record, record_id, before=before)
    return render(request, "timeline/_entries.html" if before else "timeline/_timeline.html", parts)


def timeline_parts(request: HttpRequest, record: str, record_id: int, *, before: timeline.Key | None = None) -> dict[str, Any]:
    """What `timeline/_timeline.html` shows of a record that the reader may see, filtered as the address says."""
    asked = request.GET.getlist("kind")
    kinds = tuple(source.key for source in timeline.sources() if source.key in asked)
    shown = request.GET.get("shown", "")
    limit = max(timeline.SHOWN, int(shown)) if shown.isascii() and shown.isdigit() and len(shown) < 5 else timeline.SHOWN
    subjects = timeline.subjects_of(record, record_id, request.user)
    with timezone.override(zone_for(request)):
        page = timeline.read(subjects, kinds=kinds, before=before, limit=limit)
    name_clients(page.entries, request.user)
    in_drawer = request.GET.get("in") == DRAWER or request.headers.get("X-Drawer") == "1"
    return {"timeline": Shown(page, subjects[0], kinds, in_drawer)}
