"""Meetings: when, where, about what, and who comes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.activities import About, PlannedQuerySet
from crm.models.contacts import Contact
from crm.models.organisation import validate_zone
from crm.models.tasks import MAX_REMIND

if TYPE_CHECKING:
    from crm.models.users import User

# The calendar looks back so far for what reaches into a day.
LONGEST = timedelta(days=14)


class MeetingOutcome(models.TextChoices):
    HELD = "held", pgettext_lazy("meeting", "Held")
    NO_SHOW = "no_show", pgettext_lazy("meeting", "Nobody came")


class MeetingQuerySet(PlannedQuerySet):
    """One's own are those that one comes to or planned; a manager's, those that somebody of the team comes to."""

    def standing(self) -> Self:
        """Those that were not called off."""
        return self.filter(cancelled_at=None)

    def own_ways(self, user: User) -> list[Q]:
        whose = Q(user=user) | Q(user__team=user.team_id) if user.is_manager and user.team_id else Q(user=user)
        return [Q(pk__in=Attendance.objects.filter(whose).order_by().values("meeting")), Q(created_by=user)]

    def within(self, start: object, end: object) -> Self:
        """Those that touch the time from `start` to `end`."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Meeting(About):
    """A talk at a set time, with colleagues and contacts; one called off stays, marked."""

    title = models.CharField(_("title"), max_length=200)
    starts_at = models.DateTimeField(pgettext_lazy("meeting", "start"))
    ends_at = models.DateTimeField(pgettext_lazy("meeting", "end"))
    # Where the clock hangs by which it was planned.
    zone = models.CharField(_("time zone"), max_length=60, validators=[validate_zone])
    place = models.CharField(_("place or link"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True, validators=[MaxLengthValidator(10_000)])
    remind = models.PositiveIntegerField(_("remind"), null=True, blank=True, default=15, validators=[MaxValueValidator(MAX_REMIND)])
    colleagues = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Attendance", related_name="meetings")
    contacts = models.ManyToManyField(Contact, related_name="meetings", blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=MeetingOutcome, blank=True)
    outcome_note = models.TextField(_("what came of it"), blank=True, validators=[MaxLengthValidator(10_000)])
    outcome_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Counts changes of title, time and place, for the calendars that subscribe to it.
    sequence = models.PositiveIntegerField(default=0)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            # The list of all meetings.
            models.Index(fields=["starts_at"], name="meeting_by_start"),
            models.Index(fields=["record", "record_id", "-starts_at", "-id"], condition=~Q(record=""), name="meeting_about_latest"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["", *MeetingOutcome.values]), name="meeting_outcome_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start"),
            models.CheckConstraint(condition=Q(ends_at__lte=F("starts_at") + LONGEST), name="meeting_not_too_long"),
            models.CheckConstraint(
                condition=Q(record="", record_id=0) | (~Q(record="") & Q(record_id__gt=0)), name="meeting_is_about_a_record_or_none"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None


class Attendance(models.Model):
    """A colleague who comes; `starts_at` is the meeting's, so that one index gives a person's days."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attendances", db_index=False)
    starts_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "starts_at"], name="attendance_by_user")]
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.meeting_id}"
