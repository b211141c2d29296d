"""Tags: short words of one's own on companies, contacts and deals."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.models.colours import Colour

MAX_TAG = 40


class Tag(models.Model):
    """A tag that can be suggested, and its colour; records carry the name itself, so that reading them needs no join."""

    name = models.CharField(_("name"), max_length=MAX_TAG)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour, default=Colour.SLATE)

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="tag_once_in_any_case"),
            models.CheckConstraint(condition=models.Q(colour__in=Colour.values), name="tag_colour_known"),
        ]

    def __str__(self) -> str:
        return self.name


def tags_field() -> ArrayField:
    """The column of tags on a record, in the order in which they were put on."""
    return ArrayField(models.CharField(max_length=MAX_TAG), verbose_name=_("tags"), default=list, db_default=[], blank=True)
