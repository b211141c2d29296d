"""What was written to us and by us, whatever way it came."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.activities import About, AboutQuerySet
from crm.models.calls import Direction


class Channel(models.TextChoices):
    """The way that a message came or went."""

    EMAIL = "email", _("E-mail")
    FORM = "form", _("Web form")
    CHAT = "chat", _("Chat")
    SMS = "sms", _("SMS")
    OTHER = "other", pgettext_lazy("channel", "Other")


class MessageQuerySet(AboutQuerySet):
    def unanswered(self) -> Self:
        """Inquiries that wait: nobody wrote back or called about the same record since."""
        return self.filter(UNANSWERED)


UNANSWERED = Q(direction=Direction.IN, answered_at=None)


class Message(About):
    """One message; an incoming one is an inquiry, answered by the next message out or call about the same record."""

    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.EMAIL)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction, default=Direction.IN)
    sender = models.CharField(_("sender"), max_length=320, blank=True)
    recipients = models.CharField(_("recipients"), max_length=1000, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("message"), blank=True, validators=[MaxLengthValidator(100_000)])
    at = models.DateTimeField(_("when"), default=timezone.now)
    # The sender's own id of it: whoever sends at least once may send it again.
    external_id = models.CharField(max_length=255, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    hook = models.ForeignKey("crm.InboundHook", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["record", "record_id", "-at", "-id"], name="message_about"),
            # My day reads the inquiries that wait, the oldest first; a reply looks for those about its record.
            models.Index(fields=["at", "id"], condition=UNANSWERED, name="message_unanswered"),
            models.Index(fields=["record", "record_id", "at"], condition=UNANSWERED, name="message_unanswered_about"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(record="") & Q(record_id__gt=0), name="message_is_about_a_record"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="message_direction_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="message_channel_known"),
            models.CheckConstraint(condition=Q(direction=Direction.IN) | Q(answered_at=None), name="message_answered_only_when_incoming"),
            # What comes through a secret address has ids of its own: nobody else's can hide it.
            models.UniqueConstraint(
                fields=["channel", "external_id"], condition=~Q(external_id="") & Q(hook=None), name="message_external_id_once"
            ),
            models.UniqueConstraint(
                fields=["hook", "external_id"], condition=~Q(external_id="") & Q(hook__isnull=False), name="message_hook_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.body[:60]

    @property
    def is_unanswered(self) -> bool:
        return self.direction == Direction.IN and self.answered_at is None
