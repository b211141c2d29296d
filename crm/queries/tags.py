"""Tags with their colours, those to suggest, and how many records carry each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.functions import Lower

from crm.folding import fold
from crm.lists.kinds import list_kinds
from crm.models import Tag
from crm.models.colours import Colour
from crm.pages import Page, read_key, write_key

MAX_SUGGESTED = 200
PAGE = 50
# Counted no further: that so many carry it says enough, and costs the same at a million.
MANY = 1000
MAX_COMPARED = 5000


@dataclass(frozen=True)
class CountedTag:
    """A tag and how many records of each kind carry it, up to `MANY`."""

    tag: Tag
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def coloured(names: Iterable[str]) -> list[Tag]:
    """These tags in their order with their colours; one that the list doesn't know is grey. One query, none for none."""
    names = list(names)
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=names)} if names else {}
    return [known.get(name) or Tag(name=name, colour=Colour.SLATE) for name in names]


def suggested_tags() -> list[str]:
    """Names to suggest, by name. One query."""
    return list(Tag.objects.values_list("name", flat=True)[:MAX_SUGGESTED])


def tagged_kinds() -> dict[str, type[Model]]:
    """The kinds of records that carry tags."""
    return {kind.key: kind.model for kind in list_kinds() if any(field.name == "tags" for field in kind.model._meta.fields)}


def counted_tags(*, text: str = "", after: str = "") -> Page[CountedTag]:
    """A page of the list of tags by name, with how many carry each. Two queries."""
    tags = Tag.objects.annotate(key=Lower("name")).order_by("key", "pk")
    if text:
        tags = tags.filter(name__icontains=text)
    key = read_key(after) if after else None
    if key:
        tags = tags.filter(key__gt=key[0])  # no two tags have the same key
    rows = list(tags[: PAGE + 1])
    counts = count_tagged([tag.name for tag in rows[:PAGE]])
    following = write_key((rows[PAGE - 1].name.lower(), rows[PAGE - 1].pk)) if len(rows) > PAGE else ""
    return Page([CountedTag(tag, counts[tag.name]) for tag in rows[:PAGE]], following, bool(key))


def count_tagged(names: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many of each kind carry these tags, up to `MANY`. One query.

    Each count is a statement of its own with the name in it, so that the planner knows how common this tag is: a rare one is looked
    up in the index, of one that is on every second record the first thousand are met at once.
    """
    names = list(dict.fromkeys(names))
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    parts: list[str] = []
    params: list[Any] = []
    for number, name in enumerate(names):
        for kind, model in tagged_kinds().items():
            few = model._default_manager.tagged(name).order_by().values("pk")[:MANY]  # type: ignore[attr-defined]
            sql, given = few.query.sql_with_params()
            parts.append(f"SELECT {number}, %s, (SELECT count(*) FROM ({sql}) few)")  # noqa: S608 - the names are parameters
            params += [kind, *given]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            for number, kind, count in cursor.fetchall():
                found[names[number]][kind] = count
    return found


def alike_tags() -> list[list[Tag]]:
    """Tags that differ in Ё, accents, quotes or spaces alone, side by side. One query."""
    groups: dict[str, list[Tag]] = {}
    for tag in Tag.objects.all()[:MAX_COMPARED]:
        groups.setdefault(fold(tag.name).replace(" ", ""), []).append(tag)
    return [tags for key, tags in groups.items() if key and len(tags) > 1]
