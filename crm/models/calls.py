"""Talks on the telephone."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.activities import About, AboutQuerySet


class Direction(models.TextChoices):
    """Who began it."""

    OUT = "out", pgettext_lazy("direction", "Outgoing")
    IN = "in", pgettext_lazy("direction", "Incoming")


class CallOutcome(models.TextChoices):
    """How a call ended."""

    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("No answer")
    BUSY = "busy", _("Busy")
    VOICEMAIL = "voicemail", _("Voicemail")
    WRONG_NUMBER = "wrong_number", _("Wrong number")


class Call(About):
    """A call with somebody of the record: when, how it ended, what was said."""

    direction = models.CharField(_("direction"), max_length=3, choices=Direction, default=Direction.OUT)
    outcome = models.CharField(_("outcome"), max_length=12, choices=CallOutcome, default=CallOutcome.REACHED)
    at = models.DateTimeField(_("when"), default=timezone.now)
    seconds = models.PositiveIntegerField(_("length in seconds"), null=True, blank=True, validators=[MaxValueValidator(86_400)])
    body = models.TextField(_("what was said"), blank=True, validators=[MaxLengthValidator(10_000)])
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AboutQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["record", "record_id", "-at", "-id"], name="call_about")]
        constraints = [
            models.CheckConstraint(condition=~Q(record="") & Q(record_id__gt=0), name="call_is_about_a_record"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="call_direction_known"),
            models.CheckConstraint(condition=Q(outcome__in=CallOutcome.values), name="call_outcome_known"),
        ]

    def __str__(self) -> str:
        return self.body[:60] or str(self.get_outcome_display())
