"""Secret addresses to which other programs send inquiries."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.messages import Channel
from crm.models.users import Team


class InboundHook(models.Model):
    """An address that a web form or another program posts to; only the hash of its token is kept."""

    name = models.CharField(_("name"), max_length=80)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel, default=Channel.FORM)
    # Whose inquiries these are: a sender whom nobody knows becomes a contact of this team.
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.CheckConstraint(condition=Q(channel__in=Channel.values), name="hook_channel_known")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None

    @staticmethod
    def digest(token: str) -> str:
        """What is kept of a token."""
        return hashlib.sha256(token.encode()).hexdigest()

    @staticmethod
    def new_token() -> str:
        """A token nobody guesses."""
        return secrets.token_urlsafe(32)
