"""What can be found by its words: one row for each record, kept by the database beside the records themselves (docs/adr/0007)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from crm.folding import Reading

if TYPE_CHECKING:
    from crm.models.users import User


def seen_keys(user: User) -> list[str] | None:
    """The marks of what this person may find, as entries carry them; None for somebody who finds everything.

    They repeat `crm.models.visibility.branches` for the index. What is found is still asked for through `visible_to`.
    """
    if user.is_admin:
        return None
    keys = [f"u{user.pk}"]
    if user.is_manager:
        keys.append("f0")
    if user.team_id:
        keys.append(f"t{user.team_id}" if user.is_manager or user.team.is_open else f"f{user.team_id}")
    return keys


class SearchEntryQuerySet(models.QuerySet[Any]):
    def seen_by(self, user: User) -> Self:
        """Those that carry a mark of this person's rights."""
        keys = seen_keys(user)
        return self if keys is None else self.filter(keys__overlap=keys)

    def lent_to(self, user: User) -> Self:
        """Those that this person may find through records above, where not all who do would find them anyway: by an index of these."""
        return self.filter(Q(lent__overlap=seen_keys(user) or []) & ~Q(own__contains=F("lent")))

    def reading(self, ways: Iterable[Reading]) -> Self:
        """Those that hold every word of a text, in one of the ways it can be read."""
        found = [reduce(and_, (Q(text__contains=_part(word)) for word in way.words)) for way in ways if way.words]
        return self.filter(reduce(or_, found)) if found else self.none()


def _part(word: str) -> str:
    """What an entry must hold: the word anywhere; one too short for the index, as the beginning of a word."""
    return word if len(word) > 2 else f" {word}"


class SearchEntry(models.Model):
    """The words of one record, folded; its name stands first. A table by itself, so that a move of a deal writes no word index.

    Parted by kind, with an index of trigrams, one of the first letters and the marks of those who may find it; all of it, and the
    triggers that keep it through every door, stand in the migrations.
    """

    pk = models.CompositePrimaryKey("kind", "record_id")
    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    text = models.TextField()
    # The marks of the record's own owner and team, those of records above that show it to their readers, and both together.
    own = ArrayField(models.TextField(), editable=False, default=list)
    lent = ArrayField(models.TextField(), editable=False, default=list)
    keys = ArrayField(models.TextField(), editable=False)

    objects = SearchEntryQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"


class SearchWord(models.Model):
    """A word that some record holds: what a misspelt one is compared with."""

    word = models.TextField(primary_key=True)

    def __str__(self) -> str:
        return self.word


class SearchNews(models.Model):
    """Words of new entries that the dictionary has yet to learn: appended, so that no two writers wait for each other."""

    words = ArrayField(models.TextField())

    def __str__(self) -> str:
        return " ".join(self.words)
