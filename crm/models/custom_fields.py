"""Fields that an admin adds to companies, contacts and deals, and the column that holds their values."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class FieldKind(models.TextChoices):
    """The records that can have custom fields."""

    DEAL = "deal", _("Deals")
    CONTACT = "contact", _("Contacts")
    COMPANY = "company", _("Companies")


def label_of(labels: dict[str, str]) -> str:
    """The words in the reader's language, else in the one that was given."""
    return labels.get((get_language() or "")[:2]) or next(iter(labels.values()), "")


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def of(self, kind: str) -> Self:
        """The fields of companies, contacts or deals, in their order."""
        return self.filter(kind=kind)

    def live(self) -> Self:
        """Those not archived."""
        return self.filter(archived_at=None)


class CustomField(models.Model):
    """One field more. Its key and type stay: values lie under the key in the shape of the type. An archived field keeps its values."""

    kind = models.CharField(max_length=10, choices=FieldKind)
    key = models.CharField(max_length=40)
    labels = models.JSONField(default=dict)
    type = models.CharField(max_length=10)
    # Of a choice: [{"key", "labels", "removed"}], in their order; a removed one is kept, since records may have chosen it.
    options = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="custom_field_key_once"),
            models.CheckConstraint(condition=Q(kind__in=FieldKind.values), name="custom_field_kind_known"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z][a-z0-9_]{0,39}$"), name="custom_field_key_plain"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return label_of(self.labels) or self.key

    @property
    def name(self) -> str:
        """What forms, changes and filters call it among the built-in fields."""
        return f"custom.{self.key}"

    @property
    def live_options(self) -> list[dict[str, Any]]:
        """The options that can be chosen."""
        return [option for option in self.options if not option.get("removed")]


def custom_values() -> models.JSONField:
    """The values of a record's custom fields: `{key: value}`; a key that has no value is absent."""
    return models.JSONField(default=dict, blank=True, editable=False, db_default=Value({}, models.JSONField()))


def custom_is_object(name: str) -> models.CheckConstraint:
    kind = Func(F("custom"), function="jsonb_typeof", output_field=models.TextField())
    return models.CheckConstraint(condition=Exact(kind, Value("object")), name=name)


def custom_index(name: str) -> GinIndex:
    """Finds records by a choice, a person, an exact value. Those without values aren't in it, so a move of theirs writes nothing here."""
    # No list of pending entries: a move of a deal that has values must not once in a while pay for a hundred others.
    return GinIndex(OpClass(F("custom"), name="jsonb_path_ops"), condition=~Q(custom={}), fastupdate=False, name=name)
