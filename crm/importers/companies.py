"""Companies that rows name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crm.importers.base import Importer, Outcome
from crm.models import Company, RowAction
from crm.models.contacts import sort_key


def find_companies(importer: Importer, names: Iterable[str]) -> dict[str, Company]:
    """Companies that the person sees by name in any case; of several the oldest. One query."""
    wanted = {sort_key(name) for name in names if name}
    found: dict[str, Company] = {}
    for company in Company.objects.visible_to(importer.by).filter(sort_name__in=list(wanted)).order_by("-id") if wanted else ():
        found[sort_key(company.name)] = company
    return found


def find_or_add_companies(importer: Importer, named: Sequence[tuple[int, str, Any]]) -> tuple[dict[str, Company], list[Outcome]]:
    """Companies by name in any case; what was added comes as outcomes. At most two queries."""
    wanted = {sort_key(name): (line, name, owner) for line, name, owner in reversed(named) if name}
    found = find_companies(importer, (name for _line, name, _owner in wanted.values()))
    missing = [(key, *wanted[key]) for key in wanted if key not in found]
    fresh = [Company(name=name, owner=owner, team=owner.team if owner else None) for _key, _line, name, owner in missing]
    Company.objects.bulk_create(fresh)
    outcomes = []
    for (key, line, _name, _owner), company in zip(missing, fresh, strict=True):
        found[key] = company
        outcomes.append(Outcome(line, "company", company.pk, RowAction.CREATED))
    return found, outcomes
