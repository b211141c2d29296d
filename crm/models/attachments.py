"""Files that belong to a record; their content lies under DATA_DIR, named by its hash."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models.activities import About, AboutQuerySet

# Types that every browser shows as a picture and none as anything else.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


class Attachment(About):
    """A file about a record. `content_type` was found in the content, whatever the sender said."""

    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = AboutQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["record", "record_id", "-at", "-id"], name="attachment_about"),
            # A content is thrown away when no row names it any more.
            models.Index(fields=["sha256"], name="attachment_by_content"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(record="") & Q(record_id__gt=0), name="attachment_is_about_a_record"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="attachment_has_its_hash"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.content_type in PICTURES
