"""What no base is without: the same person added twice with a slip of the pen, the same company without its legal form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from crm.models import Company, Contact, Event
from crm.services.duplicates import look_again
from pipeline.services.demo_activities import write_events
from pipeline.services.demo_stories import Client

LATER = timedelta(days=9)
LEGAL_FORM = re.compile(r"^(ООО|АО|ТД) |[«»]| (Ltd|GmbH|Group)$")


def add_doubles(clients: Iterable[Client], *, now: datetime) -> None:
    """For everybody who sells one person and one company twice, and the pairs found as they always are."""
    first: dict[int, list[Client]] = {}
    for client in clients:
        first.setdefault(client.owner.pk, []).append(client)
    doubles: list[Company | Contact] = []
    for own in first.values():
        twice = next((client for client in own if LEGAL_FORM.search(client.company.name)), None)
        if twice:
            name = LEGAL_FORM.sub("", twice.company.name)
            doubles.append(_written(Company(name=name, website=twice.company.website, **_belongs(twice, now))))
        person = own[-1].contacts[0]
        doubles.append(_written(Contact(name=slip(person.name), phones=person.phones, company=person.company, **_belongs(own[-1], now))))
    kinds = [(row._meta.model_name or "", row) for row in doubles]
    write_events(Event(type=f"{kind}.created", record=kind, record_id=row.pk, actor=row.owner, at=row.created_at) for kind, row in kinds)
    for kind, row in kinds:
        look_again(kind=kind, pk=row.pk)


def slip(name: str) -> str:
    """The name as one writes it in a hurry: two letters of its longest word change places."""
    word = max(name.split(), key=len)
    middle = len(word) // 2
    while middle < len(word) - 2 and word[middle] == word[middle + 1]:
        middle += 1
    return name.replace(word, word[:middle] + word[middle + 1] + word[middle] + word[middle + 2 :])


def _belongs(client: Client, now: datetime) -> dict[str, Any]:
    owner = client.owner
    return {"owner": owner, "team": owner.team, "is_sample": True, "created_at": min(client.company.created_at + LATER, now)}


def _written(row: Any) -> Any:
    row.save()
    return row
