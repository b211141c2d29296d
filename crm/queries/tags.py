"""Tags with their colours, and those to suggest."""

from __future__ import annotations

from collections.abc import Iterable

from crm.models import Tag
from crm.models.colours import Colour

MAX_SUGGESTED = 200


def coloured(names: Iterable[str]) -> list[Tag]:
    """These tags in their order with their colours; one that the list doesn't know is grey. One query, none for none."""
    names = list(names)
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=names)} if names else {}
    return [known.get(name) or Tag(name=name, colour=Colour.SLATE) for name in names]


def suggested_tags() -> list[str]:
    """Names to suggest, by name. One query."""
    return list(Tag.objects.values_list("name", flat=True)[:MAX_SUGGESTED])
