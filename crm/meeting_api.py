"""The API of meetings: planned, changed, called off, and how they went."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.idempotency import answer_once
from crm.models import Contact, Meeting, MeetingOutcome, User
from crm.serializers import IdField, StrictMixin, VisibleField
from crm.services.meetings import cancel_meeting, close_meeting, edit_meeting, plan_meeting
from crm.views_api import FILTERS, narrowed_by_filter

ABOUT = ("record", "record_id")


class MeetingSerializer(StrictMixin, serializers.ModelSerializer[Meeting]):
    """A meeting with its colleagues, and the contacts that the reader sees."""

    record = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text="`deal`, `company`, `contact`, or empty.")
    record_id = IdField(required=False)
    colleagues = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), many=True, required=False, help_text="Whoever plans it, if left out."
    )
    contacts = VisibleField(queryset=Contact.objects.all(), many=True, required=False)

    class Meta:
        model = Meeting
        fields = [
            *("id", "title", "starts_at", "ends_at", "zone", "place", "note", "remind", "record", "record_id", "colleagues", "contacts"),
            *("outcome", "outcome_note", "outcome_at", "cancelled_at", "created_by", "created_at"),
        ]
        read_only_fields = ["id", "zone", "outcome", "outcome_note", "outcome_at", "cancelled_at", "created_by", "created_at"]
        extra_kwargs = {"remind": {"help_text": "So many minutes before it begins; null: no reminder."}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A meeting stays with its record."""
        if self.instance is not None and (moved := [name for name in ABOUT if name in attrs]):
            raise serializers.ValidationError({name: ["can't be changed"] for name in moved})
        return attrs


class HowItWentSerializer(StrictMixin, serializers.Serializer[Any]):
    """How it went."""

    outcome = serializers.ChoiceField(MeetingOutcome.choices, allow_blank=True, help_text="Empty: it is taken back.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")


class MeetingFilter(serializers.Serializer[Any]):
    """Which meetings; `start` and `end` bound the time that they touch."""

    record = serializers.CharField(required=False)
    record_id = IdField(required=False)
    colleague = IdField(required=False)
    start = serializers.DateTimeField(required=False)
    end = serializers.DateTimeField(required=False)
    cancelled = serializers.BooleanField(required=False, allow_null=True, default=None)


class MeetingViewSet(viewsets.ReadOnlyModelViewSet[Meeting]):
    """Meetings of one's own, of one's team as its manager, and about records that the key's user may see."""

    serializer_class = MeetingSerializer
    queryset = Meeting.objects.none()
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Meeting]:
        meetings = self._with_people(Meeting.objects.visible_to(self.request.user))
        if self.action != "list":
            return meetings
        form = MeetingFilter(data=self.request.query_params)
        form.is_valid(raise_exception=True)
        return narrowed_by_filter(_narrowed(meetings, form.validated_data), "meeting", self.request)

    @extend_schema(parameters=[MeetingFilter, *FILTERS])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Plan one; whoever else comes is told."""
        return answer_once(request, lambda: self._create(request))

    def _create(self, request: Request) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self._shown(plan_meeting(by=request.user, **form.validated_data), status=201)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Change what, when, where, or who comes; of another time whoever comes is told."""
        meeting = self.get_object()
        form = self.get_serializer(meeting, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return self._shown(edit_meeting(meeting_id=meeting.pk, by=request.user, **form.validated_data))

    @extend_schema(request=HowItWentSerializer, responses=MeetingSerializer)
    @action(detail=True, methods=["post"])
    def outcome(self, request: Request, pk: str | None = None) -> Response:
        """Tell how it went; twice is once."""
        form = HowItWentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self._shown(close_meeting(meeting_id=self.get_object().pk, by=request.user, **form.validated_data))

    @extend_schema(request=None, responses=MeetingSerializer)
    @action(detail=True, methods=["post"])
    def cancellation(self, request: Request, pk: str | None = None) -> Response:
        """Call it off; twice is once."""
        return self._shown(cancel_meeting(meeting_id=self.get_object().pk, by=request.user))

    @extend_schema(request=None, responses=MeetingSerializer)
    @action(detail=True, methods=["post"])
    def restoration(self, request: Request, pk: str | None = None) -> Response:
        """Let it stand after all."""
        return self._shown(cancel_meeting(meeting_id=self.get_object().pk, by=request.user, cancelled=False))

    def _shown(self, meeting: Meeting, status: int = 200) -> Response:
        # As it is now, even to somebody who just took the own name off it.
        return Response(self.get_serializer(self._with_people(Meeting.objects.all()).get(pk=meeting.pk)).data, status=status)

    def _with_people(self, meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
        return meetings.prefetch_related("colleagues", Prefetch("contacts", Contact.objects.visible_to(self.request.user)))


def _narrowed(meetings: QuerySet[Meeting], asked: dict[str, Any]) -> QuerySet[Meeting]:
    conditions = {
        "record": "record",
        "record_id": "record_id",
        "colleague": "attendances__user",
        "start": "ends_at__gt",
        "end": "starts_at__lt",
    }
    meetings = meetings.filter(**{condition: asked[name] for name, condition in conditions.items() if name in asked})
    return meetings if asked["cancelled"] is None else meetings.filter(cancelled_at__isnull=not asked["cancelled"])
