"""What was said and what is to be done next, about any record."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crm import records, rich

if TYPE_CHECKING:
    from crm.models.users import User


class AboutQuerySet(models.QuerySet[Any]):
    def about(self, record: str, record_id: int) -> Self:
        """Those about this record, e.g. `about("deal", 42)`."""
        return self.filter(record=record, record_id=record_id)


class PlannedQuerySet(AboutQuerySet):
    """What people have before them: their own, and what is about records that they see."""

    def visible_to(self, user: User) -> Self:
        """The rows that this person may see; everything else is not found."""
        seen = self.ways_to_see(user)
        return self.filter(reduce(or_, seen)) if seen else self.none()

    def ways_to_see(self, user: User) -> list[Q]:
        """The same as alternatives, each of which one index can serve."""
        if not user.is_active:
            return []
        if user.is_admin:
            return [Q()]
        seen = {key: records.kind_of(key).visible_to(user).order_by().values("pk") for key in records.registered()}
        return [*self.own_ways(user), *(Q(record=key, record_id__in=ids) for key, ids in seen.items())]

    def walks(self, user: User) -> list[Q]:
        """As a list walks them."""
        return self.ways_to_see(user)

    def own_ways(self, user: User) -> list[Q]:
        """How a row is one's own, whatever it is about."""
        raise NotImplementedError


class About(models.Model):
    """A row about a deal, contact or company (a task: perhaps about none); named rather than pointed at, since deals lie above."""

    record = models.CharField(max_length=20, blank=True)
    record_id = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class Note(About):
    """Something worth remembering, as clean markup (`crm.rich`)."""

    MOST_MARKUP = 40_000
    body = models.TextField(_("note"), validators=[MaxLengthValidator(MOST_MARKUP)])
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AboutQuerySet.as_manager()
    # Names of mentioned colleagues who don't see the record, as the service found when it was written.
    unreached: tuple[str, ...] | list[str] = ()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["record", "record_id", "-created_at", "-id"], name="note_about")]
        constraints = [models.CheckConstraint(condition=~Q(record="") & Q(record_id__gt=0), name="note_is_about_a_record")]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def text(self) -> str:
        """The words without markup."""
        return rich.to_text(self.body)

    @property
    def html(self) -> SafeString:
        """The markup, safe to show."""
        return rich.shown(self.body)
