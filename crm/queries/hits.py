"""Companies, contacts and tasks as the search shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from crm import records
from crm.models import Company, Contact, Task, User
from crm.phones import show_phone
from crm.queries.clients import with_companies
from crm.searching import Hit
from crm.templatetags.display import day
from crm.wall_clock import zone_of


def company_hits(ids: Sequence[int], viewer: User) -> list[Hit]:
    """Those companies that the viewer sees. One query."""
    return [
        Hit("company", company.pk, company.name, reverse("company", args=[company.pk]), "building", _line(company.city, company.owner))
        for company in Company.objects.filter(pk__in=_seen(Company, ids, viewer)).select_related("owner")
    ]


def contact_hits(ids: Sequence[int], viewer: User) -> list[Hit]:
    """Those people whom the viewer sees, with the companies that the viewer sees. Two queries."""
    contacts = list(Contact.objects.filter(pk__in=_seen(Contact, ids, viewer)))
    return [
        Hit(
            "contact",
            row.contact.pk,
            row.contact.name,
            reverse("contact", args=[row.contact.pk]),
            "user",
            _line(row.company, row.contact.position, show_phone(row.contact.phone, "") or row.contact.email),
        )
        for row in with_companies(contacts, viewer)
    ]


def task_hits(ids: Sequence[int], viewer: User) -> list[Hit]:
    """Those tasks that the viewer sees: own ones, and those about visible records.

    A query for the tasks, one for each kind of record, and one for the zone of a viewer who lives by the organisation's.
    """
    tasks = list(Task.objects.filter(pk__in=ids).select_related("assignee"))
    about: dict[tuple[str, int], Any] = {}
    for kind in {task.record for task in tasks if task.record in records.registered()}:
        wanted = [task.record_id for task in tasks if task.record == kind]
        about |= {(kind, found.pk): found for found in records.kind_of(kind).visible_to(viewer).filter(pk__in=wanted)}
    hits, zone = [], zone_of(viewer) if tasks else None
    for task in tasks:
        record = about.get((task.record, task.record_id))
        if record is None and not viewer.is_admin and viewer.pk not in (task.assignee_id, task.created_by_id):
            continue
        url = reverse(records.kind_of(task.record).url_name, args=[task.record_id]) if record else reverse("my_day")
        due = day(timezone.localtime(task.due_at, zone).date())
        hits.append(Hit("task", task.pk, task.title, url, "checklist", _line(record, due, task.assignee), is_over=task.is_done))
    return hits


def _seen(model: type[Company] | type[Contact], ids: Sequence[int], viewer: User) -> Any:
    """Of these ids the visible ones, asked by each of the viewer's rights alone: each is a short walk along an index."""
    ways = model.objects.all().ways_to_see(viewer)
    picked = [model.objects.filter(way, pk__in=ids).order_by().values("pk") for way in ways]
    return picked[0].union(*picked[1:]) if len(picked) > 1 else picked[0] if picked else []


def _line(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)
