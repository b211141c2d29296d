"""Tags that rows name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.functions import Lower

from crm.importers.base import Outcome
from crm.models import RowAction, Tag
from crm.services.tags import know_tags


def add_tags(drafts: Sequence[Any]) -> list[Outcome]:
    """Give tags the case in which the list of tags has them; what joins that list comes as outcomes. At most three queries."""
    names = [name for draft in drafts for name in draft.values["tags"]]
    if not names:
        return []
    before = set(Tag.objects.annotate(key=Lower("name")).filter(key__in={name.lower() for name in names}).values_list("key", flat=True))
    known = know_tags({name.lower(): name for name in reversed(names)}.values())
    for draft in drafts:
        draft.values["tags"] = list(dict.fromkeys(known.get(name.lower(), name) for name in draft.values["tags"]))
    fresh = [name for key, name in known.items() if key not in before]
    added = dict(Tag.objects.filter(name__in=fresh).values_list("name", "pk"))
    return [Outcome(0, "tag", pk, RowAction.CREATED) for pk in added.values()]
